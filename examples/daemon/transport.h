/* SPDX-License-Identifier: MIT */
/* What differs between TCP and Unix sockets, so that the rest need not know. */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <mio.h>
#include <stdbool.h>

enum transport { TRANSPORT_TCP, TRANSPORT_UNIX };

/* `source` is the first member of both types, and what the registry wants. All zero is closed. */
struct stream {
    enum transport transport;
    union {
        mio_source source;
        mio_tcp_stream tcp;
        mio_unix_stream local;
    };
};

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

/* As the functions of mio that have such names. */
int64_t stream_read(struct stream *stream, void *buffer, size_t length);
int64_t stream_write(struct stream *stream, const void *buffer, size_t length);
int stream_end(struct stream *stream); /* sends no more */
void stream_close(struct stream *stream);

int listener_accept(struct listener *listener, struct stream *stream, mio_accept_reserve *reserve);
int listener_local_addr(const struct listener *listener, mio_addr *addr);
void listener_close(struct listener *listener);

#endif /* TRANSPORT_H */
