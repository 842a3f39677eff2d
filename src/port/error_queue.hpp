// SPDX-License-Identifier: MIT
// The contract of the error queue of an IP socket: results and handles as in port/sockets.hpp. May be absent.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/source.h>

namespace mio::impl {

// Takes one error off the queue: how many bytes of the sent datagram were stored, -EAGAIN if the queue is empty,
// -ENOTSUP, which callers pass on, if the platform has none. The caller has checked the size. IP sockets only: on a
// Unix socket the call would lose a message.
int64_t dequeue_error(mio_handle handle, mio_queued_error *error);

} // namespace mio::impl
