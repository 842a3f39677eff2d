// SPDX-License-Identifier: MIT
#include "source/unix_messages.hpp"

#include "core/struct_size.hpp"
#include "port/sockets.hpp"
#include "port/unix_messages.hpp"
#include "port/unix_peer.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// A message in the layout that this version of the library uses, and the credentials of the message, if any.
struct LoadedMessage {
    mio_unix_message message;
    mio_unix_credentials credentials;
};

SourceKind kind_with(Carrier carrier)
{
    return carrier == Carrier::datagrams ? SourceKind::unix_datagram : SourceKind::unix_stream;
}

// Copies the caller's message and credentials before a send or a receive. The caller's structs may have an older or a
// newer version. The copies have the version of this library.
int load_message(const mio_unix_message *given, LoadedMessage *loaded)
{
    mio_unix_message *message = &loaded->message;
    const int wrong = load_struct(given, message);
    if (wrong != 0) return wrong;
    if (message->pieces == nullptr && message->piece_count > 0) return -EINVAL;
    if (given->credentials == nullptr) return 0;
    message->credentials = &loaded->credentials;
    return load_struct(given->credentials, message->credentials);
}

void store_message(LoadedMessage *loaded, mio_unix_message *given)
{
    if ((loaded->message.flags & MIO_MESSAGE_CREDENTIALS) != 0) store_struct(loaded->credentials, given->credentials);
    loaded->message.credentials = given->credentials;
    store_struct(loaded->message, given);
}

// True if a piece has a byte. Also true if there are more than MIO_PIECES_MAX pieces: the function does not read them,
// and the system then refuses the message.
bool has_bytes(const mio_unix_message *message)
{
    if (message->piece_count > MIO_PIECES_MAX) return true;
    for (size_t i = 0; i < message->piece_count; i++) {
        if (message->pieces[i].length > 0) return true;
    }
    return false;
}

int check_outgoing(Carrier carrier, const mio_unix_message *message)
{
    const size_t count = message->handle_count;
    if (message->flags != 0 || count > MIO_UNIX_HANDLES_MAX) return -EINVAL;
    if (message->handles == nullptr && count > 0) return -EINVAL;
    if (carrier == Carrier::datagrams) return 0;
    // On a connection, reject a message that has handles but no bytes. For such a message, the kernel would send
    // nothing, drop the handles, and return no error.
    const bool nothing_to_go_with = count > 0 && !has_bytes(message);
    return message->addr != nullptr || nothing_to_go_with ? -EINVAL : 0;
}

int check_incoming(Carrier carrier, const mio_unix_message *message)
{
    if (message->handles == nullptr && message->handle_capacity > 0) return -EINVAL;
    // On a connection, reject a call that has space for handles but no space for bytes. Such a call would store the
    // handles and return 0. The result would look like the end of the stream.
    const bool at_the_end = carrier == Carrier::connection && message->handle_capacity > 0 && !has_bytes(message);
    return at_the_end ? -EINVAL : 0;
}

mio_unix_message message_of(const mio_iovec *piece, mio_handle *handles)
{
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = piece;
    message.piece_count = 1;
    message.handles = handles;
    return message;
}

int64_t send_loaded(mio_source *source, Carrier carrier, const mio_unix_message *message)
{
    int wrong = check_outgoing(carrier, message);
    if (wrong == 0) wrong = check_kind(source, kind_with(carrier));
    if (wrong != 0) return wrong;
    // On a stream, pass the length of the message to do_io: a stream that accepts only a part of the message is full.
    // On a datagram socket, no length is needed, because the kernel sends a datagram whole or not at all.
    const auto send = [=](mio_handle handle) { return send_unix_message(handle, message); };
    if (carrier == Carrier::datagrams) return do_io(source, SourceKind::unix_datagram, MIO_WRITABLE, send);
    return do_io(source, SourceKind::unix_stream, MIO_WRITABLE, Pieces{message->pieces, message->piece_count}, send);
}

int64_t recv_loaded(mio_source *source, Carrier carrier, mio_unix_message *message)
{
    int wrong = check_incoming(carrier, message);
    if (wrong == 0) wrong = check_kind(source, kind_with(carrier));
    if (wrong != 0) return wrong;
    const auto recv = [=](mio_handle handle) { return recv_unix_message(handle, message); };
    if (carrier == Carrier::datagrams) return do_io(source, SourceKind::unix_datagram, MIO_READABLE, recv);
    return do_io(source, SourceKind::unix_stream, MIO_READABLE, Pieces{message->pieces, message->piece_count}, recv);
}

} // namespace

int64_t send_message(mio_source *source, Carrier carrier, const mio_unix_message *given)
{
    LoadedMessage loaded;
    const int wrong = load_message(given, &loaded);
    return wrong != 0 ? wrong : send_loaded(source, carrier, &loaded.message);
}

int64_t recv_message(mio_source *source, Carrier carrier, mio_unix_message *given)
{
    LoadedMessage loaded;
    const int wrong = load_message(given, &loaded);
    if (wrong != 0) return wrong;
    const int64_t received = recv_loaded(source, carrier, &loaded.message);
    if (received >= 0) store_message(&loaded, given);
    return received;
}

int64_t send_with_handles(mio_source *source, Carrier carrier, const void *buffer, size_t length,
                          const mio_handle *handles, size_t count)
{
    const mio_iovec piece = {const_cast<void *>(buffer), length};
    mio_unix_message message = message_of(&piece, const_cast<mio_handle *>(handles));
    message.handle_count = count;
    return send_loaded(source, carrier, &message);
}

int64_t recv_with_handles(mio_source *source, Carrier carrier, void *buffer, size_t length, const HandleRoom &room,
                          uint32_t *flags)
{
    const mio_iovec piece = {buffer, length};
    mio_unix_message message = message_of(&piece, room.handles);
    message.handle_capacity = room.capacity;
    const int64_t received = recv_loaded(source, carrier, &message);
    if (received < 0) return received;
    if (flags == nullptr && message.flags != 0) {
        // The caller gets an error and no handles, so close the handles here.
        for (size_t i = 0; i < message.handle_count; i++)
            close_handle(message.handles[i]);
        return -EMSGSIZE;
    }
    if (flags != nullptr) *flags = message.flags;
    *room.count = message.handle_count;
    return received;
}

int64_t recv_record(mio_source *source, void *buffer, size_t length, uint32_t *flags)
{
    size_t none = 0;
    return recv_with_handles(source, Carrier::connection, buffer, length, {nullptr, 0, &none}, flags);
}

int peer_credentials(const mio_source *source, mio_unix_credentials *given)
{
    mio_unix_credentials credentials;
    int wrong = load_struct(given, &credentials);
    if (wrong == 0) wrong = check_kind(source, SourceKind::unix_stream);
    if (wrong == 0) wrong = unix_peer_credentials(handle_of(source), &credentials);
    if (wrong == 0) store_struct(credentials, given);
    return wrong;
}

} // namespace mio::impl
