// SPDX-License-Identifier: MIT
// Finds out why an IP socket returned EINVAL or ENETUNREACH. Linux returns EINVAL for invalid arguments, and also for a
// route that drops every packet (a blackhole). For such a route, the library reports an unreachable host, as for every
// other route that rejects packets. For ENETUNREACH, see explain_unreachable in scope.hpp.
#pragma once

#include "core/base.hpp"
#include "unix/scope.hpp"

#include <errno.h>
#include <mio/addr.h>
#include <stdint.h>

namespace mio::impl {

int explain_connect_error(int fd, const mio_addr *addr);
int explain_send_error(int fd, const mio_addr *addr);

// These functions take the result of a call that connects or sends to `addr`. If the result is -EINVAL or -ENETUNREACH,
// they find out the reason, and return the error that describes it. Otherwise they return the result unchanged. A null
// `addr` stands for the peer.
inline int connect_result(int fd, const mio_addr *addr, int result)
{
    if (MIO_UNLIKELY(result == -EINVAL)) return explain_connect_error(fd, addr);
    return MIO_UNLIKELY(result == -ENETUNREACH) ? explain_unreachable(fd, addr) : result;
}

template <typename Count>
inline Count send_result(int fd, const mio_addr *addr, Count result)
{
    if (MIO_UNLIKELY(result == -EINVAL)) return static_cast<Count>(explain_send_error(fd, addr));
    return MIO_UNLIKELY(result == -ENETUNREACH) ? static_cast<Count>(explain_unreachable(fd, addr)) : result;
}

} // namespace mio::impl
