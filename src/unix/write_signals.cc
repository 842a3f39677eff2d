// SPDX-License-Identifier: MIT
// A write to a pipe without a reader raises SIGPIPE, and a write beyond RLIMIT_FSIZE raises SIGXFSZ. No system has a
// flag that suppresses both signals. So the library blocks SIGPIPE and SIGXFSZ before the write. After the write, the
// library consumes the signal that the write raised, and restores the mask. Other signals stay unblocked, so that they
// can interrupt a write that waits for space. So the handler of another signal can run before the library consumes
// SIGPIPE. If this handler unblocks SIGPIPE, the system delivers the SIGPIPE of the write.
#include "unix/write_signals.hpp"

#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/quiet_write.hpp"
#include "unix/signal_mask.hpp"

#include <signal.h>

namespace mio::impl {

bool is_pending(int number)
{
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, number) == 1;
}

WriteSignals block_write_signals()
{
    WriteSignals signals = {};
    sigemptyset(&signals.ours);
    for (const int number : write_signals)
        sigaddset(&signals.ours, number);
    signals.mask = change_mask(SIG_BLOCK, signals.ours);
    for (const int number : write_signals) {
        // If the thread had blocked the signal, the signal may already be pending. The system then merges a signal of
        // this write with the pending signal. So the library must leave the signal pending after the write.
        if (sigismember(&signals.mask, number) != 1)
            signals.changed = true;
        else if (is_pending(number))
            sigdelset(&signals.ours, number);
    }
    return signals;
}

void unblock_write_signals(const WriteSignals &signals, bool raised)
{
    if (raised) take_pending(signals.ours);
    if (signals.changed) (void)change_mask(SIG_SETMASK, signals.mask);
}

static size_t total_length(const iovec *pieces, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].iov_len;
    return length;
}

long write_file_quietly(int fd, const iovec *pieces, size_t count)
{
    const CancelGuard guard; // otherwise a cancelled thread would keep SIGPIPE blocked
    const WriteSignals signals = block_write_signals();
    const long result = call_writev(fd, pieces, count);
    // After an error, `count` may be wrong, so do not read the pieces.
    unblock_write_signals(signals, may_have_raised(result, result > 0 ? total_length(pieces, count) : 0));
    return result;
}

} // namespace mio::impl
