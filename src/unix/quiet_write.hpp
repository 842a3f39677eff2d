// SPDX-License-Identifier: MIT
// Writes without SIGPIPE and SIGXFSZ to descriptors that have no MSG_NOSIGNAL, and to those of unknown kind.
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

// writev(2) to a file without a size, such as a pipe: returns a negative errno value and raises no SIGPIPE. A SIGPIPE
// that was pending before stays pending. Async-signal-safe.
long write_quietly(int fd, const iovec *pieces, size_t count);

// Likewise to a file with a size; raises no SIGXFSZ either.
long write_file_quietly(int fd, const iovec *pieces, size_t count);

// For calls without a better way, and for files: blocks SIGPIPE and SIGXFSZ during one call. The caller holds a
// CancelGuard meanwhile.
struct WriteSignals {
    sigset_t mask; // before
    sigset_t ours; // those that were not pending before
    bool changed;
};
WriteSignals block_write_signals();

// Restores everything. It first consumes a signal that the call raised; it skips that check if `raised` says that no
// signal is possible.
void unblock_write_signals(const WriteSignals &signals, bool raised);

} // namespace mio::impl
