// SPDX-License-Identifier: MIT
// Blocks SIGPIPE and SIGXFSZ, the signals that a failed write can raise. The library blocks both signals during a write
// to a file, and during calls that have no flag to suppress the signals.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

constexpr int write_signals[] = {SIGPIPE, SIGXFSZ};

// Returns whether a signal is pending for the calling thread or the process.
bool is_pending(int number);

struct WriteSignals {
    sigset_t mask; // the mask before the call
    sigset_t ours; // the signals that were not pending before the call
    bool changed;
};

// Blocks SIGPIPE and SIGXFSZ in the calling thread. The caller must hold a CancelGuard until it has called
// unblock_write_signals.
WriteSignals block_write_signals();

// True if a call that was to move `length` bytes may have raised SIGPIPE or SIGXFSZ. The system moves the data page by
// page. After some pages, the reader may close its end, or the file may reach its size limit. So a call can return a
// short count and still raise a signal.
inline bool may_have_raised(long result, size_t length)
{
    const bool is_short = result > 0 && static_cast<size_t>(result) < length;
    return is_short || result == -EPIPE || result == -EFBIG;
}

// Restores the mask. `raised` means that a write may have raised a signal after the call of block_write_signals. In
// this case the function first consumes the signal.
void unblock_write_signals(const WriteSignals &signals, bool raised);

// Calls writev(2) without raising SIGPIPE or SIGXFSZ. Returns the number of bytes written, or a negative errno value. A
// signal that is already pending stays pending. Async-signal-safe.
long write_file_quietly(int fd, const iovec *pieces, size_t count);

} // namespace mio::impl
