// SPDX-License-Identifier: MIT
// The contract of the queue of errors that a socket over IP has: results and handles as in port/sockets.hpp.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/source.h>

namespace mio::impl {

// Takes one off: how many bytes of what was sent were stored, -EAGAIN for none, -ENOTSUP where there is no such queue.
// The caller has checked the size. Not for other sockets: those of Unix would give a message away.
int64_t dequeue_error(mio_handle handle, mio_queued_error *error);

} // namespace mio::impl
