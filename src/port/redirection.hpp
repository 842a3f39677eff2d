// SPDX-License-Identifier: MIT
// Finds the original destination of a connection that a firewall has redirected to this host. Results and handles
// follow the rules of port/sockets.hpp. A platform may lack redirection.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <mio/base.h>

namespace mio::impl {

// Stores the original destination of a redirected connection. Returns -ENODATA if the system does not track the
// connection, and -ENOTSUP if the system has no redirection.
int original_destination(mio_handle handle, mio_addr *addr);

} // namespace mio::impl
