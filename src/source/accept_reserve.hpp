// SPDX-License-Identifier: MIT
// A descriptor kept back, to accept and close a connection with when there are none left.
#pragma once

#include "core/base.hpp"

#include <mio/accept.h>
#include <mio/addr.h>
#include <mio/source.h>

namespace mio::impl {

int open_reserve(mio_accept_reserve *reserve);
void close_reserve(mio_accept_reserve *reserve);

// Accepts for any listener whose connections are streams of any kind. `peer` may be null.
int accept_or_shed(mio_source *listener, mio_accept_reserve *reserve, mio_source *stream, mio_addr *peer);

} // namespace mio::impl
