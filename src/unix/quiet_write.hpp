// SPDX-License-Identifier: MIT
// Writing without SIGPIPE to descriptors that have no MSG_NOSIGNAL, and to those of which nothing is known.
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

// writev(2) that returns a negative errno value and raises no SIGPIPE. A SIGPIPE that was pending before is pending
// after. Async-signal-safe.
long write_quietly(int fd, const iovec *pieces, size_t count);

// For calls that know no other way: what was the case before SIGPIPE was blocked for the time of one.
struct SigpipeBlock {
    sigset_t mask;
    bool was_blocked;
    bool was_pending;
};
SigpipeBlock block_sigpipe();

// Puts everything back; takes a SIGPIPE away that has come from the call in between, which is not asked where `raised`
// says that it cannot have.
void unblock_sigpipe(const SigpipeBlock &block, bool raised);

} // namespace mio::impl
