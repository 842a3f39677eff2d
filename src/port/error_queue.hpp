// SPDX-License-Identifier: MIT
// Reads the error queue of an IP socket. Results and handles follow the rules of port/sockets.hpp. A platform may lack
// the error queue.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/source.h>

namespace mio::impl {

// Removes one error from the queue and stores the error in *error. A queued error includes bytes of the datagram that
// caused the error. The function stores these bytes as well, and returns their number. Returns -EAGAIN if the queue is
// empty. Returns -ENOTSUP if the platform has no error queue, and callers pass this error on. The caller has checked
// the `size` member of *error. The caller passes only IP sockets, because on a Unix socket dequeue_error would consume
// a message.
int64_t dequeue_error(mio_handle handle, mio_queued_error *error);

} // namespace mio::impl
