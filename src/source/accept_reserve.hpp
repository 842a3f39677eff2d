// SPDX-License-Identifier: MIT
// Accepts connections with the help of a reserved descriptor. When no other descriptor is free, the library uses the
// reserved descriptor to accept a connection, and closes the connection.
#pragma once

#include "core/base.hpp"

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/source.h>

namespace mio::impl {

int open_reserve(mio_accept_reserve *reserve);
void close_reserve(mio_accept_reserve *reserve);

// Accepts from a TCP listener or a Unix listener. The stream is of the same kind as the listener. `peer` may be null.
int accept_source(mio_source *listener, mio_source *stream, mio_addr *peer);
int accept_or_shed(mio_source *listener, mio_accept_reserve *reserve, mio_source *stream, mio_addr *peer);

} // namespace mio::impl
