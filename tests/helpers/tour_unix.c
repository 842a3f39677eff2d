/* SPDX-License-Identifier: MIT */
/*
 * A part of the tour (tour.h). This part calls the functions of Unix sockets and pipes. Each of these calls fails,
 * finds nothing, or depends on earlier calls.
 */
#include "tour.h"

#include <fcntl.h>

static void tour_of_unix_listener(void)
{
    mio_addr addr;
    mio_addr nowhere;
    mio_addr unnamed;
    mio_unix_listener listener = {{{0}}};
    mio_unix_stream client;
    mio_unix_stream server;
    mio_accept_reserve reserve;
    ck_assert_ok(mio_addr_from_path(&nowhere, "/no/such/directory", 18));
    ck_assert_ok(mio_addr_unnamed(&unnamed));
    KEEPS(mio_unix_listener_bind(&listener, &nowhere, 16, MIO_UNIX_REPLACE));
    KEEPS(mio_unix_stream_connect(&client, &nowhere, 0));
    ck_assert_ok(mio_unix_listener_bind(&listener, &unnamed, 16, 0));
    ck_assert_ok(mio_unix_listener_local_addr(&listener, &addr));
    ck_assert_ok(mio_accept_reserve_open(&reserve));
    KEEPS(mio_unix_listener_accept(&listener, &server, &addr));
    KEEPS(mio_unix_listener_accept_or_shed(&listener, &reserve, &server, NULL));
    KEEPS(mio_listener_accept(&listener.source, &server.source, NULL));
    KEEPS(mio_unix_stream_connect(&client, &addr, MIO_UNIX_SEQPACKET));
    mio_accept_reserve_close(&reserve);
    mio_unix_listener_close(&listener);
    KEEPS(mio_unix_listener_accept(&listener, &server, &addr));
    KEEPS(mio_unix_listener_from_handle(&listener, -1));
}

static void tour_of_unix_stream(void)
{
    mio_unix_stream client;
    mio_unix_stream server;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    unsigned char byte;
    mio_handle handle = 0;
    size_t count = 0;
    uint32_t flags = 0;
    message.pieces = &piece;
    message.piece_count = 1;
    KEEPS(mio_unix_stream_pair(&client, &server, 77));
    KEEPS(mio_unix_stream_pair(&client, &server, MIO_UNIX_SEQPACKET));
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
    ck_assert_ok(mio_unix_stream_pair(&client, &server, 0));
    KEEPS(mio_unix_stream_from_handle(&client, 0));
    KEEPS(mio_unix_stream_peer_groups(&client, NULL, 0, &count));
    KEEPS(mio_unix_stream_read(&client, buffer, 4));
    KEEPS(mio_unix_stream_readv(&client, &piece, 1));
    KEEPS(mio_unix_stream_peek(&client, buffer, 4));
    KEEPS(mio_unix_stream_recv(&client, buffer, 4, &flags));
    KEEPS(mio_unix_stream_recv_oob(&client, &byte));
    KEEPS(mio_unix_stream_recv_message(&client, &message));
    KEEPS(mio_unix_stream_recv_with_handles(&client, buffer, 4, &handle, 1, &count, &flags));
    message.flags = 0;
    KEEPS(mio_unix_stream_shutdown(&client, 77));
    KEEPS(mio_unix_stream_shutdown(&client, MIO_SHUTDOWN_BOTH));
    KEEPS(mio_unix_stream_write(&client, buffer, 4)); /* returns -EPIPE and raises no signal */
    KEEPS(mio_unix_stream_send_message(&client, &message));
    KEEPS(mio_unix_stream_send(&client, buffer, 4, 0));
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
    KEEPS(mio_unix_stream_read(&client, buffer, 4));
}

/* Receives at the end of a stream, where no message comes with credentials. */
static void tour_of_unix_end(void)
{
    mio_unix_stream client;
    mio_unix_stream server;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    uint32_t flags = 0;
    message.pieces = &piece;
    message.piece_count = 1;
    message.credentials = &credentials;
    ck_assert_ok(mio_unix_stream_pair(&client, &server, 0));
    KEEPS(mio_source_set_option(&client.source, MIO_OPTION_PASS_CREDENTIALS, 1));
    ck_assert_count(mio_unix_stream_write(&server, "hello", 5), 5);
    KEEPS(mio_unix_stream_recv_message(&client, &message));
    NOTES(message.flags);
    mio_unix_stream_close(&server);
    KEEPS(mio_unix_stream_recv(&client, buffer, 4, &flags));
    NOTES(flags);
    KEEPS(mio_unix_stream_recv_message(&client, &message));
    NOTES(message.flags);
    KEEPS(mio_unix_stream_read(&client, buffer, 4));
    mio_unix_stream_close(&client);
}

static void tour_of_unix_datagram(void)
{
    mio_addr addr;
    mio_addr unnamed;
    mio_unix_datagram left = {{{0}}};
    mio_unix_datagram right = {{{0}}};
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    uint32_t flags = 0;
    message.pieces = &piece;
    message.piece_count = 1;
    ck_assert_ok(mio_addr_unnamed(&unnamed));
    KEEPS(mio_unix_datagram_pair(&left, &left));
    ck_assert_ok(mio_unix_datagram_open(&left));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4));
    KEEPS(mio_unix_datagram_peer_addr(&left, &addr));
    KEEPS(mio_unix_datagram_bind(&right, &unnamed, 77));
    ck_assert_ok(mio_unix_datagram_bind(&right, &unnamed, 0));
    ck_assert_ok(mio_unix_datagram_local_addr(&right, &addr));
    ck_assert_ok(mio_unix_datagram_connect(&left, &addr));
    KEEPS(mio_unix_datagram_send(&left, buffer, 9));
    KEEPS(mio_unix_datagram_peek_from(&right, buffer, 4, &addr, NULL)); /* returns -EMSGSIZE */
    KEEPS(mio_unix_datagram_recv(&right, buffer, 4, NULL));
    KEEPS(mio_unix_datagram_recv_from(&right, buffer, 4, &addr, &flags)); /* returns -EAGAIN */
    KEEPS(mio_unix_datagram_recv_message(&right, &message));
    KEEPS(mio_unix_datagram_shutdown(&left, MIO_SHUTDOWN_WRITE));
    KEEPS(mio_unix_datagram_send(&left, buffer, 4)); /* returns -EPIPE and raises no signal */
    KEEPS(mio_unix_datagram_from_handle(&left, -1));
    mio_unix_datagram_close(&left);
    mio_unix_datagram_close(&right);
    KEEPS(mio_unix_datagram_send(&left, buffer, 4));
}

static void tour_of_pipes(void)
{
    mio_pipe_sender sender = {{{0}}};
    mio_pipe_receiver receiver = {{{0}}};
    char buffer[16] = "";
    const mio_iovec piece = {buffer, 4};
    KEEPS(mio_pipe_pair(&sender, NULL));
    ck_assert_ok(mio_pipe_pair(&sender, &receiver));
    KEEPS(mio_pipe_sender_from_handle(&sender, -1));
    KEEPS(mio_pipe_receiver_from_handle(&receiver, mio_pipe_sender_handle(&sender)));
    KEEPS(mio_pipe_receiver_read(&receiver, buffer, 4));
    KEEPS(mio_pipe_receiver_readv(&receiver, &piece, 1));
    mio_pipe_receiver_close(&receiver);
    KEEPS(mio_pipe_sender_write(&sender, buffer, 4)); /* returns -EPIPE and raises no signal */
    KEEPS(mio_pipe_sender_writev(&sender, &piece, 1));
    mio_pipe_sender_close(&sender);
    KEEPS(mio_pipe_sender_write(&sender, buffer, 4));
}

/* Reads when there are no bytes, writes when there is no reader, and uses a descriptor that other code has closed. */
static void tour_of_any_stream(void)
{
    mio_unix_stream client;
    mio_unix_stream server;
    char bytes[8] = "bytes";
    ck_assert_ok(mio_unix_stream_pair(&client, &server, 0));
    KEEPS(mio_stream_read(&client.source, bytes, sizeof bytes));
    ck_assert_ok(mio_stream_shutdown(&client.source, MIO_SHUTDOWN_BOTH));
    KEEPS(mio_stream_write(&client.source, bytes, 2)); /* returns -EPIPE and raises no signal */
    close_fd(mio_source_handle(&server.source));
    KEEPS(mio_source_into_handle(&server.source));
    KEEPS_VOID(mio_source_close(&client.source));
    KEEPS_VOID(mio_source_close(&client.source));
    KEEPS(mio_stream_read(&client.source, bytes, sizeof bytes));
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
    ck_assert_count(mio_source_send_file(&left.source, file, &offset, 64), 64);
    KEEPS(mio_source_send_file(&left.source, -1, &offset, 64));
    KEEPS(mio_source_splice(&right.source, &sender.source, 32, &blocked));
    NOTES(blocked);
    KEEPS(mio_source_splice(&right.source, &left.source, 32, &blocked));
    NOTES(blocked);
    KEEPS(mio_source_splice_to_handle(&right.source, in, 64, &blocked)); /* moves fewer bytes than requested */
    NOTES(blocked);
    KEEPS(mio_source_splice_to_handle(&right.source, in, 64, &blocked)); /* returns -EAGAIN */
    NOTES(blocked);
    KEEPS(mio_source_splice_from_handle(out, &left.source, 64, &blocked));
    NOTES(blocked);
    KEEPS(mio_source_splice_from_handle(file, &left.source, 64, &blocked));
    NOTES(blocked);
    mio_unix_stream_close(&right);
    KEEPS(mio_source_send_file(&left.source, file, NULL, 64)); /* returns -EPIPE and raises no signal */
    mio_pipe_receiver_close(&receiver);
    KEEPS(mio_source_splice_from_handle(file, &sender.source, 64, &blocked));
    NOTES(blocked);
    mio_unix_stream_close(&left);
    mio_pipe_sender_close(&sender);
    close_fd(file);
}

void tour_of_unix(void)
{
    tour_of_unix_listener();
    tour_of_unix_stream();
    tour_of_unix_end();
    tour_of_unix_datagram();
    tour_of_pipes();
    tour_of_any_stream();
    tour_of_transfers();
}
