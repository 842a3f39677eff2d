// SPDX-License-Identifier: MIT
#include "source/udp_messages.hpp"

#include "core/struct_size.hpp"
#include "port/udp_messages.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

int load_incoming(const mio_udp_message *given, mio_udp_message *message)
{
    const int wrong = load_struct(given, message);
    if (wrong != 0) return wrong;
    if (message->pieces == nullptr && message->piece_count > 0) return -EINVAL;
    // Check the number here, because recvmmsg(2) stores the error of a later message of a batch in the socket. Then the
    // next send would fail.
    return message->piece_count > MIO_PIECES_MAX ? -EMSGSIZE : 0;
}

int load_outgoing(const mio_udp_message *given, mio_udp_message *message)
{
    const int wrong = load_incoming(given, message);
    if (wrong != 0) return wrong;
    return message->flags != 0 ? -EINVAL : 0;
}

// Returns the message with the index `index` in an array. The `size` member of the first message is the distance in
// bytes from each message to the next.
const mio_udp_message *message_at(const mio_udp_message *messages, size_t index)
{
    const auto *bytes = reinterpret_cast<const unsigned char *>(messages);
    return reinterpret_cast<const mio_udp_message *>(bytes + index * messages->size);
}
mio_udp_message *message_at(mio_udp_message *messages, size_t index)
{
    return reinterpret_cast<mio_udp_message *>(reinterpret_cast<unsigned char *>(messages) + index * messages->size);
}

struct Batch {
    mio_udp_message messages[MIO_UDP_BATCH_MAX];
};

// Checks messages and copies them to the batch, until a message is invalid or the batch is full. Returns the number of
// copied messages. If the first message is invalid, returns its error.
int load_batch(const mio_udp_message *given, size_t count,
               int (*load)(const mio_udp_message *given, mio_udp_message *message), Batch *batch)
{
    int good = 0;
    for (; good < MIO_UDP_BATCH_MAX && static_cast<size_t>(good) < count; good++) {
        const mio_udp_message *next = message_at(given, static_cast<size_t>(good));
        const int wrong = next->size == given->size ? load(next, &batch->messages[good]) : -EINVAL;
        if (wrong != 0) return good > 0 ? good : wrong;
    }
    return good;
}

} // namespace

int64_t send_udp_message(mio_udp_socket *socket, const mio_udp_message *given)
{
    mio_udp_message message;
    const int wrong = load_outgoing(given, &message);
    if (wrong != 0) return wrong;
    return do_io(&socket->source, SourceKind::udp_socket, MIO_WRITABLE,
                 [&](mio_handle handle) { return datagram_send_message(handle, &message); });
}

int64_t recv_udp_message(mio_udp_socket *socket, mio_udp_message *given)
{
    mio_udp_message message;
    const int wrong = load_incoming(given, &message);
    if (wrong != 0) return wrong;
    const int64_t received = do_io(&socket->source, SourceKind::udp_socket, MIO_READABLE,
                                   [&](mio_handle handle) { return datagram_recv_message(handle, &message); });
    if (received >= 0) store_struct(message, given);
    return received;
}

// Sends a batch of messages. The system may send only some of the messages, because the next message fails with EAGAIN
// or with another error. After EAGAIN and after any other error, do_io records that the readiness is used up. After an
// error other than EAGAIN, the socket may still be writable, so a watched source may get one additional event. No event
// is lost.
int send_udp_batch(mio_udp_socket *socket, const mio_udp_message *given, size_t count)
{
    Batch batch;
    const int good = load_batch(given, count, load_outgoing, &batch);
    if (good <= 0) return good < 0 ? good : check_mark(&socket->source, SourceKind::udp_socket);
    const auto number = static_cast<size_t>(good);
    return static_cast<int>(
        do_io(&socket->source, SourceKind::udp_socket, MIO_WRITABLE, number,
              [&](mio_handle handle) { return datagram_send_batch(handle, batch.messages, number); }));
}

int recv_udp_batch(mio_udp_socket *socket, mio_udp_message *given, size_t count)
{
    Batch batch;
    const int good = load_batch(given, count, load_incoming, &batch);
    if (good <= 0) return good < 0 ? good : check_mark(&socket->source, SourceKind::udp_socket);
    const auto number = static_cast<size_t>(good);
    const int received =
        static_cast<int>(do_io(&socket->source, SourceKind::udp_socket, MIO_READABLE, number,
                               [&](mio_handle handle) { return datagram_recv_batch(handle, batch.messages, number); }));
    for (int i = 0; i < received; i++)
        store_struct(batch.messages[i], message_at(given, static_cast<size_t>(i)));
    return received;
}

} // namespace mio::impl
