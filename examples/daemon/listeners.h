/* SPDX-License-Identifier: MIT */
/* The listening sockets of the daemon. The service manager passes these sockets, or the daemon opens a socket for each
 * address of the command line. */
#ifndef LISTENERS_H
#define LISTENERS_H

#include <mio.h>
#include <stdbool.h>

#define LISTENERS_MAX 16

enum transport { TRANSPORT_TCP, TRANSPORT_UNIX };

/* A TCP or Unix listener. The rest of the program uses only the member `source`, which works for both types. If all
 * bytes of a listener are zero, the listener is closed. */
struct listener {
    enum transport transport;
    union {
        mio_source source;
        mio_tcp_listener tcp;
        mio_unix_listener local;
    };
    const char *path; /* the socket file, if this process created it; otherwise null */
    bool inherited;   /* passed by the service manager, which keeps the socket and its backlog when this process ends */
    bool can_accept;
};

/* An address from the command line. `name` is an address such as "192.0.2.1:80" for TCP, or the path of a Unix
 * socket. */
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
 * command line. On failure, prints the reason and returns a negative errno value. The caller must then call
 * listeners_close, because some listeners can be open. */
int listeners_open(struct listeners *listeners, const struct endpoint *endpoints, size_t count);

/* Removes the socket files that this process created, so that the next process can listen at the same paths. */
void listeners_unlink(struct listeners *listeners);

void listeners_close(struct listeners *listeners);

#endif /* LISTENERS_H */
