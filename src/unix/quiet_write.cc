// SPDX-License-Identifier: MIT
// Linux 6.18 has a flag against SIGPIPE for every kind of descriptor. Without it the signal must be caught: block it,
// write, take it away again if it came from this write, and put the mask back.
#include "unix/quiet_write.hpp"

#include "core/sync.hpp"
#include "port/safe.hpp"
#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"
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

sigset_t sigpipe_only()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

bool is_pending(int number)
{
    sigset_t pending;
    sigemptyset(&pending);
    return result_of(sigpending(&pending)) == 0 && sigismember(&pending, number) == 1;
}

// A write sends SIGPIPE to its own thread, and that is where the call looks first, so a SIGPIPE for the whole process
// that comes at the same time stays.
void take_away(const sigset_t &set)
{
    long result;
    do {
        result = call_sigtimedwait_now(&set);
    } while (result == -EINTR);
}

long write_with_sigpipe_blocked(int fd, const iovec *pieces, size_t count)
{
    const SigpipeBlock block = block_sigpipe();
    const long result = call_writev(fd, pieces, count);
    unblock_sigpipe(block, result == -EPIPE);
    return result;
}

} // namespace

SigpipeBlock block_sigpipe()
{
    const sigset_t before = change_mask(SIG_BLOCK, sigpipe_only());
    const bool was_blocked = sigismember(&before, SIGPIPE) == 1;
    // What is not blocked is not pending. One that is pending already takes ours in, and is not ours to take away.
    return {before, was_blocked, was_blocked && is_pending(SIGPIPE)};
}

void unblock_sigpipe(const SigpipeBlock &block, bool raised)
{
    if (raised && !block.was_pending) take_away(sigpipe_only());
    if (!block.was_blocked) (void)change_mask(SIG_SETMASK, block.mask);
}

long write_quietly(int fd, const iovec *pieces, size_t count)
{
    if (flag_is_missing.load() == 0) {
        const long result = call_pwritev2(fd, pieces, count, rwf_nosignal);
        if (!MIO_UNLIKELY(is_refusal(result))) return result;
        learn_from_refusal(fd, result);
    }
    return write_with_sigpipe_blocked(fd, pieces, count);
}

int64_t write_all(mio_handle handle, const void *buffer, size_t length)
{
    const ErrnoGuard guard;
    char *bytes = static_cast<char *>(const_cast<void *>(buffer));
    size_t done = 0;
    do {
        const iovec rest = {bytes + done, length - done};
        const long result = write_quietly(handle, &rest, 1);
        if (result == -EINTR) continue;
        if (result < 0 && done == 0) return result;
        if (result <= 0) break;
        done += static_cast<size_t>(result);
    } while (done < length);
    return static_cast<int64_t>(done);
}

} // namespace mio::impl
