// SPDX-License-Identifier: MIT
// The signals of a write that is refused: SIGPIPE, and SIGXFSZ beyond RLIMIT_FSIZE. Blocked during one call, for calls
// without a flag against them, and for files.
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

struct WriteSignals {
    sigset_t mask; // before
    sigset_t ours; // those that were not pending before
    bool changed;
};

// The caller holds a CancelGuard from here until it unblocks them.
WriteSignals block_write_signals();

// Restores everything. It first consumes a signal that the call raised; it skips that check if `raised` says that no
// signal is possible.
void unblock_write_signals(const WriteSignals &signals, bool raised);

// writev(2) that raises neither: returns a negative errno value. A signal that was pending before stays pending.
// Async-signal-safe.
long write_file_quietly(int fd, const iovec *pieces, size_t count);

} // namespace mio::impl
