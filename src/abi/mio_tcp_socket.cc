// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/tcp_socket.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_tcp_socket_open(mio_tcp_socket *socket, int family)
{
    return socket != nullptr ? open_tcp_socket(socket, family) : -EINVAL;
}

MIO_EXPORT int mio_tcp_socket_from_handle(mio_tcp_socket *socket, mio_handle handle)
{
    return socket != nullptr ? adopt_tcp_socket(socket, handle) : -EINVAL;
}

MIO_EXPORT int mio_tcp_socket_bind(mio_tcp_socket *socket, const mio_addr *addr)
{
    if (socket == nullptr || addr == nullptr) return -EINVAL;
    return bind_tcp_socket(socket, addr);
}

MIO_EXPORT int mio_tcp_socket_listen(mio_tcp_socket *socket, int backlog, mio_tcp_listener *listener)
{
    if (socket == nullptr || listener == nullptr) return -EINVAL;
    return listen_tcp_socket(socket, backlog, listener);
}

MIO_EXPORT int mio_tcp_socket_connect(mio_tcp_socket *socket, const mio_addr *addr, mio_tcp_stream *stream)
{
    if (socket == nullptr || addr == nullptr || stream == nullptr) return -EINVAL;
    return connect_tcp_socket(socket, addr, stream);
}
