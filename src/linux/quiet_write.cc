// SPDX-License-Identifier: MIT
// Linux 6.18 has a flag against SIGPIPE for every kind of descriptor, and none has one against SIGXFSZ, which a file
// beyond RLIMIT_FSIZE raises. Without a flag the signals must be caught: block them, write, take away the one that came
// from this write, and put the mask back.
#include "unix/quiet_write.hpp"

#include "core/sync.hpp"
#include "linux/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/signal_mask.hpp"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

namespace mio::impl {

namespace {

constexpr int rwf_nosignal = 0x100; // RWF_NOSIGNAL of <linux/fs.h>, which may be older than the running kernel

// Whether the kernel is known to lack the flag: 1 from the first refusal on. The answer is the same for the whole system
// and does not change, so it need not be found out for every descriptor; all that depends on it is one system call.
Atomic<uint32_t> flag_is_missing{0};

bool is_fifo(int fd)
{
    struct stat status;
    return result_of(fstat(fd, &status)) == 0 && S_ISFIFO(status.st_mode);
}

// What an old kernel (EOPNOTSUPP) and a sandbox (ENOSYS, EPERM) say to a call or a flag that they do not know.
bool is_refusal(long result)
{
    return result == -EOPNOTSUPP || result == -ENOSYS || result == -EPERM;
}

// Some kinds of descriptor refuse the flag on any kernel. A pipe takes it if the kernel does.
void learn_from_refusal(int fd, long result)
{
    if (result == -ENOSYS || is_fifo(fd)) flag_is_missing.store(1);
}

constexpr int write_signals[] = {SIGPIPE, SIGXFSZ};

bool is_pending(int number)
{
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, number) == 1;
}

// A write sends its signal to its own thread, and that is where the call looks first, so one for the whole process that
// comes at the same time stays.
void take_away(const sigset_t &set)
{
    long result;
    do {
        result = call_sigtimedwait_now(&set);
    } while (result == -EINTR);
}

} // namespace

WriteSignals block_write_signals()
{
    WriteSignals signals = {};
    sigemptyset(&signals.ours);
    for (const int number : write_signals)
        sigaddset(&signals.ours, number);
    signals.mask = change_mask(SIG_BLOCK, signals.ours);
    for (const int number : write_signals) {
        // What is not blocked is not pending. One that is pending already takes ours in, and is not ours to take away.
        if (sigismember(&signals.mask, number) != 1)
            signals.changed = true;
        else if (is_pending(number))
            sigdelset(&signals.ours, number);
    }
    return signals;
}

void unblock_write_signals(const WriteSignals &signals, bool raised)
{
    if (raised) take_away(signals.ours);
    if (signals.changed) (void)change_mask(SIG_SETMASK, signals.mask);
}

long write_file_quietly(int fd, const iovec *pieces, size_t count)
{
    const CancelGuard guard; // for the mask
    const WriteSignals signals = block_write_signals();
    const long result = call_writev(fd, pieces, count);
    unblock_write_signals(signals, result == -EPIPE || result == -EFBIG);
    return result;
}

long write_quietly(int fd, const iovec *pieces, size_t count)
{
    if (flag_is_missing.load() == 0) {
        const long result = call_pwritev2(fd, pieces, count, rwf_nosignal);
        if (!MIO_UNLIKELY(is_refusal(result))) return result;
        learn_from_refusal(fd, result);
    }
    return write_file_quietly(fd, pieces, count);
}

} // namespace mio::impl
