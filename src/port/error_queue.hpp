// SPDX-License-Identifier: MIT
// The contract of the error queue of an IP socket. Results and handles follow the rules of port/sockets.hpp. The
// platform's part may be absent.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/source.h>

namespace mio::impl {

// Takes one error off the queue. Returns how many bytes of the sent datagram were stored, or -EAGAIN if the queue is
// empty. Returns -ENOTSUP if the platform has no queue, and callers pass -ENOTSUP on. The caller has checked the `size`
// member. The caller passes IP sockets only, because on a Unix socket the call would lose a message.
int64_t dequeue_error(mio_handle handle, mio_queued_error *error);

} // namespace mio::impl
