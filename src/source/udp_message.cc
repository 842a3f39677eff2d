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

// How many of the first messages can go into a batch, or what is wrong with the very first.
int check_batch(const mio_udp_message *messages, size_t count, int (*check)(const mio_udp_message *message))
{
    int good = 0;
    for (; good < MIO_UDP_BATCH_MAX && static_cast<size_t>(good) < count; good++) {
        const mio_udp_message *message = message_at(messages, static_cast<size_t>(good));
        const int wrong = message->size == messages->size ? check(message) : -EINVAL;
        if (wrong != 0) return good > 0 ? good : wrong;
    }
    return good;
}

int nothing_to_do(const mio_udp_socket *socket)
{
    const mio_handle handle = borrow_handle(&socket->source);
    return handle < 0 ? handle : 0;
}

} // namespace

int64_t send_udp_message(mio_udp_socket *socket, const mio_udp_message *message)
{
    const int wrong = check_outgoing(message);
    if (wrong != 0) return wrong;
    return do_io(&socket->source, MIO_WRITABLE,
                 [=](mio_handle handle) { return datagram_send_message(handle, message); });
}

int64_t recv_udp_message(mio_udp_socket *socket, mio_udp_message *message)
{
    const int wrong = check_incoming(message);
    if (wrong != 0) return wrong;
    return do_io(&socket->source, MIO_READABLE,
                 [=](mio_handle handle) { return datagram_recv_message(handle, message); });
}

// A batch that is cut short may have been so by -EAGAIN or by another error. Taking both for the end costs a watched source
// an event too many at worst, and one too few is never made of it.
int send_udp_batch(mio_udp_socket *socket, const mio_udp_message *messages, size_t count)
{
    const int good = check_batch(messages, count, check_outgoing);
    if (good <= 0) return good < 0 ? good : nothing_to_do(socket);
    const auto number = static_cast<size_t>(good);
    return static_cast<int>(do_stream_io(&socket->source, MIO_WRITABLE, number, [=](mio_handle handle) {
        return datagram_send_batch(handle, messages, number);
    }));
}

int recv_udp_batch(mio_udp_socket *socket, mio_udp_message *messages, size_t count)
{
    const int good = check_batch(messages, count, check_incoming);
    if (good <= 0) return good < 0 ? good : nothing_to_do(socket);
    const auto number = static_cast<size_t>(good);
    return static_cast<int>(do_stream_io(&socket->source, MIO_READABLE, number, [=](mio_handle handle) {
        return datagram_recv_batch(handle, messages, number);
    }));
}

} // namespace mio::impl
