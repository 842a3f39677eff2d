/* SPDX-License-Identifier: MIT */
/* The listeners, from the service manager or from the command line. */
#ifndef LISTENERS_H
#define LISTENERS_H

#include <mio.h>
#include <stdbool.h>

#define LISTENERS_MAX 16

enum transport { TRANSPORT_TCP, TRANSPORT_UNIX };

/* The rest of the program needs only the source of a listener, and treats both types alike. A listener whose bytes are
 * all zero is closed. */
struct listener {
    enum transport transport;
    union {
        mio_source source;
        mio_tcp_listener tcp;
        mio_unix_listener local;
    };
    const char *path; /* the socket file, if this process created it; otherwise null */
    bool inherited;   /* the service manager also holds the socket, so the backlog outlives this process */
    bool can_accept;
};

/* An address from the command line, such as "192.0.2.1:80" for TCP, or the path of a Unix socket. */
struct endpoint {
    enum transport transport;
    const char *name;
};

/* A list whose bytes are all zero has no listeners. */
struct listeners {
    struct listener list[LISTENERS_MAX];
    size_t count;
};

/* Takes over the sockets that the service manager passed. If the manager passed no socket, opens the sockets of the
 * command line. On failure, prints the reason and returns a negative errno value. The caller then closes the listeners
 * that are already open. */
int listeners_open(struct listeners *listeners, const struct endpoint *endpoints, size_t count);

/* Removes the socket files that this process created, so that a successor can use the path. */
void listeners_unlink(struct listeners *listeners);

void listeners_close(struct listeners *listeners);

#endif /* LISTENERS_H */
