// SPDX-License-Identifier: MIT
// EINVAL of sockets over IP. Linux says it of a route that drops everything (blackhole) as well as of arguments that make
// no sense. To the caller the first is a host that cannot be reached, like every other route that refuses.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/addr.h>
#include <stdint.h>

namespace mio::impl {

int explain_connect_error(int fd, const mio_addr *addr);
int explain_send_error(int fd, const mio_addr *addr);

// What a call returned that connects to an address, or sends there; null is the peer.
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
