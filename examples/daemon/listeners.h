/* SPDX-License-Identifier: MIT */
/* Where the listeners come from: the service manager, or the command line. */
#ifndef LISTENERS_H
#define LISTENERS_H

#include <mio.h>
#include <stdbool.h>

#define LISTENERS_MAX 16

enum transport { TRANSPORT_TCP, TRANSPORT_UNIX };

/* Its source is all that the rest needs: it does the same for both. All zero is closed. */
struct listener {
    enum transport transport;
    union {
        mio_source source;
        mio_tcp_listener tcp;
        mio_unix_listener local;
    };
    const char *path; /* the socket file, where this process has made it; else null */
    bool inherited;   /* the service manager has it too: who waits there is not lost when this process ends */
    bool can_accept;
};

/* An address from the command line: "192.0.2.1:80" for TCP, or the path of a socket. */
struct endpoint {
    enum transport transport;
    const char *name;
};

/* All zero is none. */
struct listeners {
    struct listener list[LISTENERS_MAX];
    size_t count;
};

/* Takes over what the service manager has passed, and where that is nothing opens what was asked for. A negative errno
 * value is said already; close what was opened before it. */
int listeners_open(struct listeners *listeners, const struct endpoint *endpoints, size_t count);

/* Removes the socket files that this process has made: from then on a successor can have the path. */
void listeners_unlink(struct listeners *listeners);

void listeners_close(struct listeners *listeners);

#endif /* LISTENERS_H */
