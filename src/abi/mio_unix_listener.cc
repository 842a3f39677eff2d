// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/unix_sockets.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_unix_listener_bind(mio_unix_listener *listener, const mio_addr *addr, int backlog, uint32_t flags)
{
    if (listener == nullptr || addr == nullptr) return -EINVAL;
    return bind_unix_listener(listener, addr, backlog, flags);
}

MIO_EXPORT int mio_unix_listener_from_handle(mio_unix_listener *listener, mio_handle handle)
{
    return listener != nullptr ? adopt_unix_listener(listener, handle) : -EINVAL;
}
