/* SPDX-License-Identifier: MIT */
/*
 * A TCP echo server on libmio. count.sh compares its cost with the cost of echo_raw.c. Both servers have the same
 * algorithm, line by line.
 */
#include "echo_client.h"

#include <errno.h>
#include <mio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_CAPACITY 64

struct connection {
    mio_tcp_stream stream;
    size_t begin; /* buffer[begin..end) must still be sent back */
    size_t end;
    char buffer[4096];
};

static struct connection connections[ECHO_CONNECTIONS];
static int accepted;
static int closed;
static uint64_t answered;

static void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "echo_mio: %s: %s\n", what, strerror(-result));
        exit(EXIT_FAILURE);
    }
}

static void drop(struct connection *connection)
{
    mio_tcp_stream_close(&connection->stream);
    closed++;
}

/* Echoes until a call would block. */
static void serve(struct connection *connection)
{
    for (;;) {
        while (connection->begin < connection->end) {
            int64_t length = mio_tcp_stream_write(&connection->stream, connection->buffer + connection->begin,
                                                  connection->end - connection->begin);
            if (length < 0) {
                if (length != -EAGAIN) drop(connection);
                return;
            }
            connection->begin += (size_t)length;
            answered += (uint64_t)length;
        }
        int64_t length = mio_tcp_stream_read(&connection->stream, connection->buffer, sizeof connection->buffer);
        if (length <= 0) {
            if (length != -EAGAIN) drop(connection);
            return;
        }
        connection->begin = 0;
        connection->end = (size_t)length;
    }
}

static void accept_all(mio_registry *registry, mio_tcp_listener *listener)
{
    mio_tcp_stream stream;
    int result;
    while ((result = mio_tcp_listener_accept(listener, &stream, NULL)) == 0) {
        struct connection *connection = &connections[accepted++];
        connection->stream = stream;
        check(mio_registry_register(registry, &connection->stream.source, (uintptr_t)connection,
                                    MIO_READABLE | MIO_WRITABLE),
              "register");
    }
    if (result != -EAGAIN) check(result, "accept");
}

static void run(mio_poll *poll, mio_tcp_listener *listener, struct echo_client *client)
{
    mio_event events[EVENT_CAPACITY];
    while (closed < ECHO_CONNECTIONS) {
        echo_client_gate(client, answered);
        int count = mio_poll_wait(poll, events, EVENT_CAPACITY, -1);
        if (count != -EINTR) check(count, "wait");
        for (int i = 0; i < count; i++) {
            if (events[i].token == 0)
                accept_all(mio_poll_registry(poll), listener);
            else
                serve((struct connection *)events[i].token);
        }
    }
}

int main(int argc, char **argv)
{
    unsigned long rounds = echo_client_rounds(argc, argv);

    mio_poll *poll;
    mio_addr addr;
    mio_tcp_listener listener;
    check(mio_poll_new(&poll, NULL), "poll");
    check(mio_addr_parse(&addr, "127.0.0.1:0"), "address");
    check(mio_tcp_listener_bind(&listener, &addr, MIO_BACKLOG_MAX), "listener");
    check(mio_tcp_listener_local_addr(&listener, &addr), "listener");
    check(mio_registry_register(mio_poll_registry(poll), &listener.source, 0, MIO_READABLE), "register");

    struct echo_client client;
    if (echo_client_start(&client, (uint16_t)mio_addr_port(&addr), rounds) < 0) check(-errno, "client");
    run(poll, &listener, &client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
    return echo_client_end(&client) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
