// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/unix_messages.hpp"
#include "source/unix_sockets.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_unix_datagram_open(mio_unix_datagram *socket)
{
    return socket != nullptr ? open_unix_datagram(socket) : -EINVAL;
}

MIO_EXPORT int mio_unix_datagram_bind(mio_unix_datagram *socket, const mio_addr *addr, uint32_t flags)
{
    if (socket == nullptr || addr == nullptr) return -EINVAL;
    return bind_unix_datagram(socket, addr, flags);
}

MIO_EXPORT int mio_unix_datagram_pair(mio_unix_datagram *left, mio_unix_datagram *right)
{
    if (left == nullptr || right == nullptr) return -EINVAL;
    return pair_unix_datagrams(left, right);
}

MIO_EXPORT int mio_unix_datagram_from_handle(mio_unix_datagram *socket, mio_handle handle)
{
    return socket != nullptr ? adopt_unix_datagram(socket, handle) : -EINVAL;
}

MIO_EXPORT int mio_unix_datagram_connect(mio_unix_datagram *socket, const mio_addr *addr)
{
    return socket != nullptr ? connect_unix_datagram(socket, addr) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_datagram_send(mio_unix_datagram *socket, const void *buffer, size_t length)
{
    return socket != nullptr ? send_unix_datagram(socket, buffer, length) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_datagram_send_to(mio_unix_datagram *socket, const void *buffer, size_t length,
                                             const mio_addr *addr)
{
    if (socket == nullptr || addr == nullptr) return -EINVAL;
    return send_unix_datagram_to(socket, buffer, length, addr);
}

MIO_EXPORT int64_t mio_unix_datagram_recv(mio_unix_datagram *socket, void *buffer, size_t length, uint32_t *flags)
{
    return socket != nullptr ? recv_unix_datagram(socket, buffer, length, nullptr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_datagram_recv_from(mio_unix_datagram *socket, void *buffer, size_t length, mio_addr *addr,
                                               uint32_t *flags)
{
    return socket != nullptr ? recv_unix_datagram(socket, buffer, length, addr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_datagram_peek(mio_unix_datagram *socket, void *buffer, size_t length, uint32_t *flags)
{
    return socket != nullptr ? peek_unix_datagram(socket, buffer, length, nullptr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_datagram_peek_from(mio_unix_datagram *socket, void *buffer, size_t length, mio_addr *addr,
                                               uint32_t *flags)
{
    return socket != nullptr ? peek_unix_datagram(socket, buffer, length, addr, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_datagram_send_with_handles(mio_unix_datagram *socket, const void *buffer, size_t length,
                                                       const mio_handle *handles, size_t count)
{
    if (socket == nullptr) return -EINVAL;
    return send_with_handles(&socket->source, Carrier::datagrams, buffer, length, handles, count);
}

MIO_EXPORT int64_t mio_unix_datagram_recv_with_handles(mio_unix_datagram *socket, void *buffer, size_t length,
                                                       mio_handle *handles, size_t capacity, size_t *count,
                                                       uint32_t *flags)
{
    if (socket == nullptr || count == nullptr) return -EINVAL;
    return recv_with_handles(&socket->source, Carrier::datagrams, buffer, length, {handles, capacity, count}, flags);
}

MIO_EXPORT int64_t mio_unix_datagram_send_message(mio_unix_datagram *socket, const mio_unix_message *message)
{
    if (socket == nullptr || message == nullptr) return -EINVAL;
    return send_message(&socket->source, Carrier::datagrams, message);
}

MIO_EXPORT int64_t mio_unix_datagram_recv_message(mio_unix_datagram *socket, mio_unix_message *message)
{
    if (socket == nullptr || message == nullptr) return -EINVAL;
    return recv_message(&socket->source, Carrier::datagrams, message);
}

MIO_EXPORT int mio_unix_datagram_shutdown(mio_unix_datagram *socket, int how)
{
    if (socket == nullptr) return -EINVAL;
    const int wrong = check_kind(&socket->source, SourceKind::unix_datagram);
    return wrong != 0 ? wrong : shutdown_socket(handle_of(&socket->source), how);
}
