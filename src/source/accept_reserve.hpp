// SPDX-License-Identifier: MIT
// Accepting, and a descriptor kept back to accept and close a connection with when there are none left.
#pragma once

#include "core/base.hpp"

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/source.h>

namespace mio::impl {

int open_reserve(mio_accept_reserve *reserve);
void close_reserve(mio_accept_reserve *reserve);

// Accept for a listener of either kind; the stream is of the same. `peer` may be null.
int accept_source(mio_source *listener, mio_source *stream, mio_addr *peer);
int accept_or_shed(mio_source *listener, mio_accept_reserve *reserve, mio_source *stream, mio_addr *peer);

} // namespace mio::impl
