// SPDX-License-Identifier: MIT
// Reads the error queue of an IP socket. Results and handles follow the rules of port/sockets.hpp. A platform may lack
// the error queue.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/source.h>

namespace mio::impl {

// Removes one error from the queue. Returns how many bytes of the sent datagram the function has stored, or -EAGAIN if
// the queue is empty. Returns -ENOTSUP if the platform has no error queue, and callers pass this error on. The caller
// has checked the `size` member. The caller passes only IP sockets, because on a Unix socket dequeue_error would
// consume a message.
int64_t dequeue_error(mio_handle handle, mio_queued_error *error);

} // namespace mio::impl
