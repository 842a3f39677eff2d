/* SPDX-License-Identifier: MIT */
/* Does the work of the benchmarks with the C functions of libmio (see peer.h). */
#include "peer.h"

#include <errno.h>
#include <mio.h>
#include <stdlib.h>
#include <unistd.h>

struct connection {
    struct connection *other; /* gets the received bytes; in an echo server, this connection itself */
    mio_source *stream;
    union {
        mio_tcp_stream tcp;
        mio_unix_stream unix_stream;
    } socket;
    char buffer[PEER_BUFFER_SIZE];
};

static void check(int64_t result, const char *what)
{
    if (result >= 0) return;
    errno = (int)-result;
    peer_require(0, what);
}

static mio_poll *open_poll(void)
{
    mio_poll *poll;
    check(mio_poll_new(&poll, NULL), "mio_poll_new");
    return poll;
}

static void close_connection(struct connection *connection)
{
    mio_source_close(connection->stream);
    free(connection);
}

static void serve(struct connection *connection)
{
    int64_t length = mio_stream_read(connection->stream, connection->buffer, sizeof connection->buffer);
    if (length > 0) {
        mio_source *other = connection->other->stream;
        peer_require(mio_stream_write(other, connection->buffer, (size_t)length) == length, "write");
    } else if (length != -EAGAIN) {
        if (connection->other != connection) close_connection(connection->other);
        close_connection(connection);
    }
}

/* The listener is a TCP listener or a Unix listener. */
union listener {
    mio_tcp_listener tcp;
    mio_unix_listener unix_listener;
};

static int accept_one(union listener *listener, int is_tcp, struct connection *connection)
{
    if (is_tcp) {
        connection->stream = &connection->socket.tcp.source;
        return mio_tcp_listener_accept(&listener->tcp, &connection->socket.tcp, NULL);
    }
    connection->stream = &connection->socket.unix_stream.source;
    return mio_unix_listener_accept(&listener->unix_listener, &connection->socket.unix_stream, NULL);
}

static struct connection *new_connection(void)
{
    struct connection *connection = malloc(sizeof *connection);
    peer_require(connection != NULL, "memory");
    connection->other = connection;
    return connection;
}

static void watch(mio_registry *registry, struct connection *connection)
{
    check(mio_registry_register(registry, connection->stream, (uintptr_t)connection, MIO_READABLE), "register");
}

static void connect_other(mio_registry *registry, struct connection *connection)
{
    struct connection *other = new_connection();
    check(mio_tcp_stream_from_handle(&other->socket.tcp, peer_connect()), "from_handle");
    other->stream = &other->socket.tcp.source;
    other->other = connection;
    connection->other = other;
    watch(registry, other);
}

static void accept_all(mio_registry *registry, union listener *listener, int is_tcp, int is_proxy)
{
    for (;;) {
        struct connection *connection = new_connection();
        int result = accept_one(listener, is_tcp, connection);
        if (result < 0) {
            free(connection);
            if (result != -EAGAIN) check(result, "accept");
            return;
        }
        watch(registry, connection);
        if (is_proxy) connect_other(registry, connection);
    }
}

void peer_serve(int handle, int is_proxy)
{
    mio_event events[PEER_EVENT_CAPACITY];
    union listener listener;
    mio_poll *poll = open_poll();
    int is_tcp = mio_tcp_listener_from_handle(&listener.tcp, handle) == 0;
    if (!is_tcp) check(mio_unix_listener_from_handle(&listener.unix_listener, handle), "from_handle");
    mio_source *source = is_tcp ? &listener.tcp.source : &listener.unix_listener.source;
    check(mio_registry_register(mio_poll_registry(poll), source, 0, MIO_READABLE), "register");
    for (;;) {
        int count = mio_poll_wait(poll, events, PEER_EVENT_CAPACITY, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].token == 0)
                accept_all(mio_poll_registry(poll), &listener, is_tcp, is_proxy);
            else
                serve((struct connection *)events[i].token);
        }
    }
}

static void answer_datagrams(mio_udp_socket *socket)
{
    mio_addr from;
    char buffer[PEER_BUFFER_SIZE];
    int64_t length;
    while ((length = mio_udp_socket_recv_from(socket, buffer, sizeof buffer, &from, NULL)) >= 0)
        peer_require(mio_udp_socket_send_to(socket, buffer, (size_t)length, &from) == length, "send_to");
    if (length != -EAGAIN) check(length, "recv_from");
}

struct batch {
    mio_udp_message messages[PEER_BATCH];
    mio_iovec pieces[PEER_BATCH];
    mio_addr from[PEER_BATCH];
    char buffers[PEER_BATCH][PEER_BUFFER_SIZE];
};

static int receive_batch(mio_udp_socket *socket, struct batch *batch)
{
    for (int i = 0; i < PEER_BATCH; i++) {
        batch->pieces[i] = (mio_iovec){batch->buffers[i], PEER_BUFFER_SIZE};
        batch->messages[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
        batch->messages[i].pieces = &batch->pieces[i];
        batch->messages[i].piece_count = 1;
        batch->messages[i].addr = &batch->from[i];
    }
    return mio_udp_socket_recv_batch(socket, batch->messages, PEER_BATCH);
}

static void answer_batches(mio_udp_socket *socket)
{
    static struct batch batch;
    int count;
    while ((count = receive_batch(socket, &batch)) > 0) {
        for (int i = 0; i < count; i++) {
            batch.pieces[i].length = batch.messages[i].length;
            batch.messages[i].flags = 0;
        }
        peer_require(mio_udp_socket_send_batch(socket, batch.messages, (size_t)count) == count, "send_batch");
    }
    if (count != -EAGAIN) check(count, "recv_batch");
}

void peer_echo_datagrams(int fd, int batch)
{
    mio_event event;
    mio_udp_socket socket;
    mio_poll *poll = open_poll();
    check(mio_udp_socket_from_handle(&socket, fd), "from_handle");
    check(mio_registry_register(mio_poll_registry(poll), &socket.source, 0, MIO_READABLE), "register");
    for (;;) {
        if (mio_poll_wait(poll, &event, 1, -1) != 1) continue;
        if (batch)
            answer_batches(&socket);
        else
            answer_datagrams(&socket);
    }
}

struct loop {
    mio_poll *poll;
    mio_waker *waker;
};

void *peer_open(void)
{
    struct loop *loop = malloc(sizeof *loop);
    peer_require(loop != NULL, "memory");
    loop->poll = open_poll();
    check(mio_waker_new(&loop->waker, mio_poll_registry(loop->poll), 0), "mio_waker_new");
    return loop;
}

static mio_registry *registry_of(void *loop)
{
    return mio_poll_registry(((struct loop *)loop)->poll);
}

void peer_watch(void *loop, int fd)
{
    check(mio_registry_register_handle(registry_of(loop), fd, 0, MIO_READABLE | MIO_LEVEL), "register");
}

long peer_look(void *loop)
{
    mio_event events[PEER_EVENT_CAPACITY];
    return mio_poll_wait(((struct loop *)loop)->poll, events, PEER_EVENT_CAPACITY, 0);
}

void peer_register(void *loop, int fd)
{
    mio_registry *registry = registry_of(loop);
    check(mio_registry_register_handle(registry, fd, 0, MIO_READABLE), "register");
    check(mio_registry_deregister_handle(registry, fd), "deregister");
}

void peer_wake(void *loop)
{
    check(mio_waker_wake(((struct loop *)loop)->waker), "wake");
}

void peer_wait_for_wake(void *loop)
{
    mio_event event;
    peer_require(mio_poll_wait(((struct loop *)loop)->poll, &event, 1, -1) == 1, "wait");
}

void peer_sleep(void *loop, int64_t nanoseconds)
{
    mio_event event;
    peer_require(mio_poll_wait(((struct loop *)loop)->poll, &event, 1, nanoseconds) == 0, "wait");
}

void peer_pass(void *loop, const int pair[2], long count)
{
    mio_unix_stream sender;
    mio_unix_stream receiver;
    mio_event event;
    check(mio_unix_stream_from_handle(&sender, pair[0]), "from_handle");
    check(mio_unix_stream_from_handle(&receiver, pair[1]), "from_handle");
    check(mio_registry_register(registry_of(loop), &receiver.source, 0, MIO_READABLE), "register");
    for (long i = 0; i < count; i++) {
        char byte = 0;
        mio_handle handle;
        size_t handles = 0;
        check(mio_unix_stream_send_with_handles(&sender, &byte, 1, pair, 1), "send_with_handles");
        peer_require(mio_poll_wait(((struct loop *)loop)->poll, &event, 1, -1) == 1, "wait");
        check(mio_unix_stream_recv_with_handles(&receiver, &byte, 1, &handle, 1, &handles, NULL), "recv_with_handles");
        peer_require(handles == 1 && close(handle) == 0, "a descriptor");
    }
    mio_unix_stream_close(&sender);
    mio_unix_stream_close(&receiver);
}

static void send_segments(mio_udp_socket *socket, mio_udp_message message, mio_ancillary *ancillary)
{
    message.ancillary = ancillary;
    check(mio_udp_socket_send_message(socket, &message), "send_message");
}

static void receive_segments(mio_udp_socket *socket, mio_udp_message message)
{
    mio_ancillary ancillary;
    message.ancillary = &ancillary;
    peer_require(mio_udp_socket_recv_message(socket, &message) == PEER_SEGMENT_COUNT * PEER_SEGMENT, "recv_message");
    peer_require(mio_ancillary_segment_size(&ancillary) == PEER_SEGMENT, "segment_size");
}

void peer_offload(void *loop, const int pair[2], long count)
{
    static char bytes[PEER_SEGMENT_COUNT * PEER_SEGMENT];
    const mio_iovec piece = {bytes, sizeof bytes};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    mio_ancillary ancillary = {{0}};
    mio_udp_socket sender;
    mio_udp_socket receiver;
    mio_event event;
    message.pieces = &piece;
    message.piece_count = 1;
    check(mio_ancillary_set_segment_size(&ancillary, PEER_SEGMENT), "set_segment_size");
    check(mio_udp_socket_from_handle(&sender, pair[0]), "from_handle");
    check(mio_udp_socket_from_handle(&receiver, pair[1]), "from_handle");
    check(mio_source_set_option(&receiver.source, MIO_OPTION_UDP_GRO, 1), "UDP_GRO");
    check(mio_registry_register(registry_of(loop), &receiver.source, 0, MIO_READABLE), "register");
    for (long i = 0; i < count; i++) {
        send_segments(&sender, message, &ancillary);
        peer_require(mio_poll_wait(((struct loop *)loop)->poll, &event, 1, -1) == 1, "wait");
        receive_segments(&receiver, message);
    }
    mio_udp_socket_close(&sender);
    mio_udp_socket_close(&receiver);
}
