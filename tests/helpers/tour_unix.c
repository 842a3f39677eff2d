/* SPDX-License-Identifier: MIT */
/* The tour of Unix sockets and pipes. */
#include "tour.h"

#include <fcntl.h>

static void tour_of_unix_listener(mio_unix_stream *client, mio_unix_stream *server)
{
    int error = 0;
    mio_addr addr;
    mio_addr any;
    mio_unix_listener listener = {{{0}}};
    mio_accept_reserve reserve;
    mio_handle handle = MIO_HANDLE_NONE;
    KEEPS(mio_addr_from_path(&any, "/no/such/directory", 18));
    KEEPS(mio_unix_listener_bind(&listener, &any, 16, MIO_UNIX_REPLACE));
    KEEPS(mio_unix_stream_connect(client, &any, 0));
    KEEPS(mio_addr_unnamed(&any));
    KEEPS(mio_unix_listener_bind(&listener, &any, 16, 0));
    KEEPS(mio_unix_listener_handle(&listener));
    KEEPS(mio_unix_listener_accept(&listener, server, &addr));
    KEEPS(mio_unix_listener_local_addr(&listener, &addr));
    KEEPS(mio_unix_stream_connect(client, &addr, MIO_UNIX_SEQPACKET));
    ck_assert_ok(mio_accept_reserve_open(&reserve));
    KEEPS(mio_unix_listener_accept_or_shed(&listener, &reserve, server, NULL));
    KEEPS(mio_listener_accept(&listener.source, &server->source, NULL));
    ck_assert_ok(mio_unix_stream_connect(client, &addr, 0));
    KEEPS(mio_listener_accept(&listener.source, &server->source, NULL));
    mio_unix_stream_close(server);
    mio_unix_stream_close(client);
    ck_assert_ok(mio_unix_stream_connect(client, &addr, 0));
    KEEPS(mio_listener_accept_or_shed(&listener.source, &reserve, &server->source, NULL));
    mio_unix_stream_close(server);
    mio_unix_stream_close(client);
    ck_assert_ok(mio_unix_stream_connect(client, &addr, 0));
    KEEPS(mio_unix_listener_accept_or_shed(&listener, &reserve, server, NULL));
    mio_unix_stream_close(server);
    mio_unix_stream_close(client);
    mio_accept_reserve_close(&reserve);
    KEEPS(mio_unix_stream_connect(client, &addr, 0));
    KEEPS(mio_unix_stream_connect_finish(client));
    KEEPS(mio_unix_listener_accept(&listener, server, &addr));
    KEEPS(mio_unix_listener_take_error(&listener, &error));
    KEEPS(handle = mio_unix_listener_into_handle(&listener));
    KEEPS(mio_unix_listener_from_handle(&listener, handle));
    KEEPS_VOID(mio_unix_listener_close(&listener));
    KEEPS(mio_unix_listener_accept(&listener, server, &addr));
    KEEPS(mio_unix_listener_from_handle(&listener, -1));
}

static void tour_of_unix_stream(mio_unix_stream *client, mio_unix_stream *server)
{
    int error = 0;
    mio_addr addr;
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    unsigned char byte;
    mio_handle handle = 0;
    size_t count = 0;
    uint32_t flags = 0;
    message.pieces = &piece;
    message.piece_count = 1;
    KEEPS(handle = mio_unix_stream_into_handle(client));
    KEEPS(mio_unix_stream_from_handle(client, handle));
    KEEPS(mio_unix_stream_from_handle(client, 0));
    KEEPS(mio_unix_stream_handle(client));
    KEEPS(mio_unix_stream_local_addr(client, &addr));
    KEEPS(mio_unix_stream_peer_addr(client, &addr));
    KEEPS(mio_unix_stream_peer_credentials(client, &credentials));
    KEEPS(handle = mio_unix_stream_peer_pidfd(client));
    if (handle >= 0) {
        close_fd(handle);
    }
    KEEPS(mio_unix_stream_peer_groups(client, NULL, 0, &count));
    KEEPS(mio_unix_stream_read(client, buffer, 4));
    KEEPS(mio_unix_stream_readv(client, &piece, 1));
    KEEPS(mio_unix_stream_peek(client, buffer, 4));
    KEEPS(mio_unix_stream_recv(client, buffer, 4, &flags));
    KEEPS(mio_unix_stream_recv_oob(client, &byte));
    KEEPS(mio_unix_stream_recv_message(client, &message));
    KEEPS(mio_unix_stream_recv_with_handles(client, buffer, 4, &handle, 1, &count, &flags));
    KEEPS(mio_unix_stream_write(server, buffer, 4));
    KEEPS(mio_unix_stream_send(server, buffer, 4, 0));
    KEEPS(mio_unix_stream_recv(client, buffer, 4, &flags));
    KEEPS(mio_unix_stream_send(server, "o", 1, MIO_SEND_OOB));
    KEEPS(mio_unix_stream_at_mark(client));
    KEEPS(mio_unix_stream_recv_oob(client, &byte));
    KEEPS(mio_unix_stream_writev(server, &piece, 1));
    message.flags = 0;
    KEEPS(mio_unix_stream_send_message(server, &message));
    handle = mio_unix_stream_handle(server);
    KEEPS(mio_unix_stream_send_with_handles(server, buffer, 4, &handle, 1));
    KEEPS(mio_unix_stream_peek(client, buffer, 4));
    KEEPS(mio_unix_stream_read(client, buffer, 4));
    KEEPS(mio_unix_stream_readv(client, &piece, 1));
    KEEPS(mio_unix_stream_recv_message(client, &message));
    KEEPS(mio_unix_stream_recv_with_handles(client, buffer, 4, &handle, 1, &count, &flags));
    if (count == 1) {
        close_fd(handle);
    }
    KEEPS(mio_unix_stream_take_error(client, &error));
    KEEPS(mio_unix_stream_shutdown(client, 77));
    KEEPS(mio_unix_stream_shutdown(client, MIO_SHUTDOWN_BOTH));
    KEEPS(mio_unix_stream_write(client, buffer, 4)); /* -EPIPE, without a signal */
    KEEPS(mio_unix_stream_send_message(client, &message));
    KEEPS(mio_unix_stream_send(client, buffer, 4, 0));
    KEEPS_VOID(mio_unix_stream_close(client));
    KEEPS_VOID(mio_unix_stream_close(server));
    KEEPS(mio_unix_stream_read(client, buffer, 4));
    KEEPS(mio_unix_stream_pair(client, server, 77));
    KEEPS(mio_unix_stream_pair(client, server, MIO_UNIX_SEQPACKET));
    KEEPS_VOID(mio_unix_stream_close(client));
    KEEPS_VOID(mio_unix_stream_close(server));
}

static void tour_of_unix_datagram(void)
{
    int error = 0;
    mio_addr addr;
    mio_addr any;
    mio_unix_datagram left = {{{0}}};
    mio_unix_datagram right = {{{0}}};
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    mio_handle handle = 0;
    size_t count = 0;
    uint32_t flags = 0;
    message.pieces = &piece;
    message.piece_count = 1;
    KEEPS(mio_addr_unnamed(&any));
    KEEPS(mio_unix_datagram_open(&left));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4));
    KEEPS(mio_unix_datagram_peer_addr(&left, &addr));
    KEEPS(mio_unix_datagram_bind(&right, &any, 77));
    KEEPS(mio_unix_datagram_bind(&right, &any, 0));
    KEEPS(mio_unix_datagram_local_addr(&right, &addr));
    KEEPS(mio_unix_datagram_send_to(&left, buffer, 9, &addr));
    KEEPS(mio_unix_datagram_connect(&left, &addr));
    KEEPS(mio_unix_datagram_peer_addr(&left, &any));
    KEEPS(mio_unix_datagram_handle(&left));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4));
    KEEPS(mio_unix_datagram_peek(&right, buffer, 4, &flags));
    KEEPS(mio_unix_datagram_peek_from(&right, buffer, 4, &any, NULL)); /* -EMSGSIZE */
    KEEPS(mio_unix_datagram_peek_from(&right, buffer, 4, &any, &flags));
    KEEPS(mio_unix_datagram_recv(&right, buffer, 4, NULL));
    KEEPS(mio_unix_datagram_recv(&right, buffer, 4, NULL));
    KEEPS(mio_unix_datagram_recv_from(&right, buffer, 4, &any, &flags));
    KEEPS(mio_unix_datagram_recv_from(&right, buffer, 4, &any, &flags));
    KEEPS(mio_unix_datagram_send_message(&left, &message));
    KEEPS(mio_unix_datagram_recv_message(&right, &message));
    KEEPS(mio_unix_datagram_recv_message(&right, &message));
    handle = mio_unix_datagram_handle(&left);
    KEEPS(mio_unix_datagram_send_with_handles(&left, buffer, 4, &handle, 1));
    KEEPS(mio_unix_datagram_recv_with_handles(&right, buffer, 4, &handle, 1, &count, &flags));
    if (count == 1) {
        close_fd(handle);
    }
    KEEPS(mio_unix_datagram_take_error(&left, &error));
    KEEPS(mio_unix_datagram_shutdown(&left, MIO_SHUTDOWN_WRITE));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4)); /* -EPIPE, without a signal */
    KEEPS(handle = mio_unix_datagram_into_handle(&left));
    KEEPS(mio_unix_datagram_from_handle(&left, handle));
    KEEPS(mio_unix_datagram_from_handle(&left, -1));
    KEEPS_VOID(mio_unix_datagram_close(&left));
    KEEPS_VOID(mio_unix_datagram_close(&right));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4));
    KEEPS(mio_unix_datagram_pair(&left, &left));
    KEEPS(mio_unix_datagram_pair(&left, &right));
    KEEPS_VOID(mio_unix_datagram_close(&left));
    KEEPS_VOID(mio_unix_datagram_close(&right));
}

static void tour_of_pipes(void)
{
    mio_pipe_sender sender = {{{0}}};
    mio_pipe_receiver receiver = {{{0}}};
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    mio_handle handle = MIO_HANDLE_NONE;
    KEEPS(mio_pipe_pair(&sender, NULL));
    KEEPS(mio_pipe_pair(&sender, &receiver));
    KEEPS(handle = mio_pipe_sender_into_handle(&sender));
    KEEPS(mio_pipe_sender_from_handle(&sender, handle));
    KEEPS(handle = mio_pipe_receiver_into_handle(&receiver));
    KEEPS(mio_pipe_receiver_from_handle(&receiver, handle));
    KEEPS(mio_pipe_sender_from_handle(&sender, -1));
    KEEPS(mio_pipe_receiver_from_handle(&receiver, mio_pipe_sender_handle(&sender)));
    KEEPS(mio_pipe_receiver_handle(&receiver));
    KEEPS(mio_pipe_receiver_read(&receiver, buffer, 4));
    KEEPS(mio_pipe_receiver_readv(&receiver, &piece, 1));
    KEEPS(mio_pipe_sender_write(&sender, buffer, 4));
    KEEPS(mio_pipe_sender_writev(&sender, &piece, 1));
    KEEPS(mio_pipe_receiver_read(&receiver, buffer, 4));
    KEEPS(mio_pipe_receiver_readv(&receiver, &piece, 1));
    KEEPS_VOID(mio_pipe_receiver_close(&receiver));
    KEEPS(mio_pipe_sender_write(&sender, buffer, 4)); /* -EPIPE, without a signal */
    KEEPS(mio_pipe_sender_writev(&sender, &piece, 1));
    KEEPS_VOID(mio_pipe_sender_close(&sender));
    KEEPS(mio_pipe_sender_write(&sender, buffer, 4));
}

/* The functions of a stream of either kind, and those of any source. */
static void tour_of_any_stream(mio_source *left, mio_source *right)
{
    int error = 0;
    mio_addr addr;
    char bytes[8] = "bytes";
    mio_iovec piece = {bytes, 2};
    KEEPS(mio_stream_connect_finish(left));
    KEEPS(mio_stream_read(left, bytes, sizeof bytes));
    KEEPS(mio_stream_write(left, bytes, 2));
    KEEPS(mio_stream_writev(left, &piece, 1));
    KEEPS(mio_stream_send(left, bytes, 2, MIO_SEND_OOB));
    KEEPS(mio_stream_peek(right, bytes, sizeof bytes));
    KEEPS(mio_stream_read(right, bytes, 1));
    KEEPS(mio_stream_readv(right, &piece, 1));
    KEEPS(mio_stream_at_mark(right));
    KEEPS(mio_stream_recv_oob(right, (unsigned char *)bytes));
    KEEPS(mio_stream_shutdown(left, MIO_SHUTDOWN_BOTH));
    KEEPS(mio_stream_write(left, bytes, 2)); /* -EPIPE, without a signal */
    KEEPS(mio_source_local_addr(left, &addr));
    KEEPS(mio_source_peer_addr(left, &addr));
    KEEPS(mio_source_take_error(left, &error));
    KEEPS(mio_source_handle(left));
    close_fd(mio_source_handle(right));
    KEEPS(mio_source_into_handle(right));
    KEEPS_VOID(mio_source_close(left));
    KEEPS_VOID(mio_source_close(left));
    KEEPS(mio_stream_read(left, bytes, sizeof bytes));
}

static void tour_of_transfers(void)
{
    mio_pipe_sender sender = {{{0}}};
    mio_pipe_receiver receiver = {{{0}}};
    mio_unix_stream left = {{{0}}};
    mio_unix_stream right = {{{0}}};
    int64_t offset = 0;
    uint32_t blocked = 0;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ck_assert_ok(mio_pipe_pair(&sender, &receiver));
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    int in = mio_pipe_sender_handle(&sender);
    int out = mio_pipe_receiver_handle(&receiver);
    KEEPS(mio_source_send_file(&left.source, file, &offset, 64));
    KEEPS(mio_source_send_file(&left.source, -1, &offset, 64));
    KEEPS(mio_source_splice(&right.source, &sender.source, 32, &blocked));
    KEEPS(mio_source_splice(&right.source, &left.source, 32, &blocked));
    KEEPS(mio_source_splice_to_handle(&right.source, in, 64, &blocked)); /* fewer than asked for */
    KEEPS(mio_source_splice_to_handle(&right.source, in, 64, &blocked)); /* -EAGAIN */
    KEEPS(mio_source_splice_from_handle(out, &left.source, 64, &blocked));
    KEEPS(mio_source_splice_from_handle(file, &left.source, 64, &blocked));
    mio_unix_stream_close(&right);
    KEEPS(mio_source_send_file(&left.source, file, NULL, 64)); /* -EPIPE, without a signal */
    mio_pipe_receiver_close(&receiver);
    KEEPS(mio_source_splice_from_handle(file, &sender.source, 64, &blocked));
    mio_unix_stream_close(&left);
    mio_pipe_sender_close(&sender);
    close_fd(file);
}

void tour_of_unix(void)
{
    mio_unix_stream client = {{{0}}};
    mio_unix_stream server = {{{0}}};
    tour_of_unix_listener(&client, &server);
    tour_of_unix_stream(&client, &server);
    ck_assert_ok(mio_unix_stream_pair(&client, &server, 0));
    tour_of_any_stream(&client.source, &server.source);
    tour_of_unix_datagram();
    tour_of_pipes();
    tour_of_transfers();
}
