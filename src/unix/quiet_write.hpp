// SPDX-License-Identifier: MIT
// Writing without SIGPIPE to descriptors that have no MSG_NOSIGNAL, and to those of which nothing is known.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <sys/uio.h>

namespace mio::impl {

// writev(2) that returns a negative errno value and raises no SIGPIPE. A SIGPIPE that was pending before is pending
// after. Async-signal-safe.
long write_quietly(int fd, const iovec *pieces, size_t count);

} // namespace mio::impl
