/* SPDX-License-Identifier: MIT */
/* A first program with mio, in C. One poll object watches a listener and a client. The client connects to the listener,
 * and the server closes the connection at once. The client then reads the end of the stream. */
#include <errno.h>
#include <mio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVER, CLIENT }; /* tokens: any values; each event contains the token of its source */

static const char usage[] =
    "usage: quick_start [ADDRESS:PORT]\n"
    "The tour of mio: a listener and a client in one poll object. MIO_BACKEND in the environment names a backend.\n";

static void check(int64_t result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "quick_start: %s: %s (%s)\n", what, strerror((int)-result), mio_error_name((int)result));
        exit(EXIT_FAILURE);
    }
}

/* Accepts and drops every waiting connection. */
static void accept_and_drop(mio_tcp_listener *server)
{
    mio_tcp_stream connection;
    int result;
    while ((result = mio_tcp_listener_accept(server, &connection, NULL)) == 0) {
        puts("server: accepted a connection, dropping it");
        mio_tcp_stream_close(&connection);
    }
    if (result != -EAGAIN) check(result, "accept");
}

/* Returns whether the client has seen the end of its connection. */
static int client_is_done(mio_tcp_stream *client)
{
    int result = mio_tcp_stream_connect_finish(client);
    if (result == -EINPROGRESS) return 0;
    check(result, "connect");

    char buffer[64];
    int64_t length;
    do {
        length = mio_tcp_stream_read(client, buffer, sizeof buffer);
    } while (length > 0); /* edge-triggered: read until the end or EAGAIN */
    if (length != -EAGAIN) check(length, "read");
    return length == 0;
}

int main(int argc, char **argv)
{
    const char *address = argc > 1 ? argv[1] : "127.0.0.1:13265";
    if (argc == 2 && strcmp(address, "--help") == 0) return fputs(usage, stdout) < 0;
    mio_addr addr;
    int parsed = mio_addr_parse(&addr, address);
    if (parsed < 0) fprintf(stderr, "quick_start: not an ADDRESS:PORT: %s: %s\n", address, mio_error_name(parsed));
    if (argc > 2 || parsed < 0) {
        fputs(usage, stderr);
        return 2;
    }

    mio_poll *poll;
    check(mio_poll_new(&poll, NULL), "poll object, of MIO_BACKEND if set");
    mio_registry *registry = mio_poll_registry(poll);

    mio_tcp_listener server;
    check(mio_tcp_listener_bind(&server, &addr, MIO_BACKLOG_MAX), address);
    check(mio_tcp_listener_local_addr(&server, &addr), "local address"); /* replaces port 0 by the real port */
    check(mio_registry_register(registry, &server.source, SERVER, MIO_READABLE), "register");

    mio_tcp_stream client;
    check(mio_tcp_stream_connect(&client, &addr), "connect");
    check(mio_registry_register(registry, &client.source, CLIENT, MIO_READABLE | MIO_WRITABLE), "register");

    int done = 0;
    while (!done) {
        mio_event events[16];
        int count = mio_poll_wait(poll, events, 16, -1);
        if (count != -EINTR) check(count, "wait");
        for (int i = 0; i < count; i++) {
            if (events[i].token == SERVER)
                accept_and_drop(&server);
            else
                done = client_is_done(&client);
        }
    }
    puts("client: the connection has ended");

    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&server);
    mio_poll_free(poll);
    return EXIT_SUCCESS;
}
