// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/tcp.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_tcp_listener_bind(mio_tcp_listener *listener, const mio_addr *addr, int backlog)
{
    if (listener == nullptr || addr == nullptr) return -EINVAL;
    return bind_listener(listener, addr, backlog);
}

MIO_EXPORT int mio_tcp_listener_from_handle(mio_tcp_listener *listener, mio_handle handle)
{
    return listener != nullptr ? adopt_listener(listener, handle) : -EINVAL;
}
