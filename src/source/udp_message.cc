// SPDX-License-Identifier: MIT
#include "source/udp_message.hpp"

#include "core/struct_size.hpp"
#include "port/udp_messages.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

int check_incoming(const mio_udp_message *message)
{
    const int wrong = check_size(message);
    if (wrong != 0) return wrong;
    return message->pieces == nullptr && message->piece_count > 0 ? -EINVAL : 0;
}

int check_outgoing(const mio_udp_message *message)
{
    const int wrong = check_incoming(message);
    if (wrong != 0) return wrong;
    return message->flags != 0 ? -EINVAL : 0;
}

} // namespace

int64_t send_udp_message(mio_udp_socket *socket, const mio_udp_message *message)
{
    const int wrong = check_outgoing(message);
    if (wrong != 0) return wrong;
    return do_io(&socket->source, MIO_WRITABLE,
                 [=](mio_handle handle) { return datagram_send_message(handle, message); });
}

int64_t receive_udp_message(mio_udp_socket *socket, mio_udp_message *message)
{
    const int wrong = check_incoming(message);
    if (wrong != 0) return wrong;
    return do_io(&socket->source, MIO_READABLE,
                 [=](mio_handle handle) { return datagram_receive_message(handle, message); });
}

} // namespace mio::impl
