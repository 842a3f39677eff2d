// SPDX-License-Identifier: MIT
// The contract of redirected connections: results and handles as in port/sockets.hpp. May be absent.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <mio/base.h>

namespace mio::impl {

// The original destination of a redirected connection: -ENODATA if the system does not track it, -ENOTSUP
// if it has no redirection.
int original_destination(mio_handle handle, mio_addr *addr);

} // namespace mio::impl
