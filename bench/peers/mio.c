/* SPDX-License-Identifier: MIT */
/* libmio by its C functions. */
#include "peer.h"

#include <errno.h>
#include <mio.h>
#include <stdlib.h>

struct connection {
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

static void serve(struct connection *connection)
{
    int64_t length = mio_stream_read(connection->stream, connection->buffer, sizeof connection->buffer);
    if (length > 0) {
        peer_require(mio_stream_write(connection->stream, connection->buffer, (size_t)length) == length, "write");
    } else if (length != -EAGAIN) {
        mio_source_close(connection->stream);
        free(connection);
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

static void accept_all(mio_registry *registry, union listener *listener, int is_tcp)
{
    for (;;) {
        struct connection *connection = malloc(sizeof *connection);
        peer_require(connection != NULL, "memory");
        int result = accept_one(listener, is_tcp, connection);
        if (result < 0) {
            free(connection);
            if (result != -EAGAIN) check(result, "accept");
            return;
        }
        check(mio_registry_register(registry, connection->stream, (uintptr_t)connection, MIO_READABLE), "register");
    }
}

void peer_echo(int handle)
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
                accept_all(mio_poll_registry(poll), &listener, is_tcp);
            else
                serve((struct connection *)events[i].token);
        }
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
