// SPDX-License-Identifier: MIT
// Writing without SIGPIPE and SIGXFSZ to descriptors that have no MSG_NOSIGNAL, and to those of which nothing is known.
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

// writev(2) to what has no size, such as a pipe: it returns a negative errno value and raises no SIGPIPE. A SIGPIPE that
// was pending before is pending after. Async-signal-safe.
long write_quietly(int fd, const iovec *pieces, size_t count);

// Likewise to what has a size, such as a file, and raises no SIGXFSZ either.
long write_file_quietly(int fd, const iovec *pieces, size_t count);

// For calls that know no other way, and for files: SIGPIPE and SIGXFSZ, blocked for the time of one call. The caller
// holds a CancelGuard meanwhile.
struct WriteSignals {
    sigset_t mask; // before
    sigset_t ours; // those that were not pending before
    bool changed;
};
WriteSignals block_write_signals();

// Puts everything back; takes a signal away that has come from the call in between, which is not asked where `raised`
// says that none can have.
void unblock_write_signals(const WriteSignals &signals, bool raised);

} // namespace mio::impl
