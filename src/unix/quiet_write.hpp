// SPDX-License-Identifier: MIT
// Writes without SIGPIPE to descriptors that have no MSG_NOSIGNAL, and to those of unknown kind. Systems differ in what
// they have for that, and each has its own quiet_write.cc.
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

// writev(2) to a file without a size, such as a pipe: returns a negative errno value and raises no SIGPIPE. A SIGPIPE
// that was pending before stays pending. Async-signal-safe.
long write_quietly(int fd, const iovec *pieces, size_t count);

// Consumes the pending signals of a set that the calling thread has blocked. Does not wait. Async-signal-safe.
void take_pending(const sigset_t &set);

} // namespace mio::impl
