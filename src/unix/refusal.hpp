// SPDX-License-Identifier: MIT
// Finds out why an IP socket returned EINVAL. Linux returns EINVAL for invalid arguments, and also for a route that
// drops every packet (a blackhole). For such a route, the library reports an unreachable host, as for every other route
// that rejects packets.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/addr.h>
#include <stdint.h>

namespace mio::impl {

int explain_connect_error(int fd, const mio_addr *addr);
int explain_send_error(int fd, const mio_addr *addr);

// These functions take the result of a call that connects or sends to `addr`. If the result is -EINVAL, they call the
// function above that finds out the reason, and return its error. Otherwise they return the result unchanged. A null
// `addr` stands for the peer.
inline int connect_result(int fd, const mio_addr *addr, int result)
{
    return MIO_UNLIKELY(result == -EINVAL) ? explain_connect_error(fd, addr) : result;
}

template <typename Count>
inline Count send_result(int fd, const mio_addr *addr, Count result)
{
    return MIO_UNLIKELY(result == -EINVAL) ? static_cast<Count>(explain_send_error(fd, addr)) : result;
}

} // namespace mio::impl
