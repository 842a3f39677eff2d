/* SPDX-License-Identifier: MIT */
/* Links of every kind, and one way to use them all. */
#ifndef MIO_TESTS_ENDS_H
#define MIO_TESTS_ENDS_H

#include "program.h"

#include <mio.h>
#include <stdbool.h>

typedef struct endpoint {
    union {
        mio_source source;
        mio_tcp_stream tcp;
        mio_unix_stream stream;
        mio_unix_datagram datagram;
        mio_udp_socket udp;
        mio_pipe_sender sender;
        mio_pipe_receiver receiver;
    } as;
    link_kind kind;
    unsigned side; /* 0 or 1; of a pipe 0 writes */
    bool is_open;  /* and `fd` is its descriptor */
    int fd;        /* -1 when closed */
    int duplicate; /* -1, or a duplicate of it */
} endpoint;

/* Whether it is registered by its descriptor, not as a source. */
bool is_bare(const endpoint *end);

/* Whether a short count means that readiness is used up. */
bool is_stream(const endpoint *end);

/* Opens both ends, which must be closed. Returns whether it could. */
bool open_link(endpoint ends[2], link_kind kind);

/* Like the functions of mio: a count or a negative errno value. -ENOSYS if this end does not support it. */
int64_t write_end(endpoint *end, const void *buffer, size_t length);
int64_t read_end(endpoint *end, void *buffer, size_t length);
int shutdown_end(endpoint *end, int how);
void close_end(endpoint *end);
void reset_end(endpoint *end);

/* The kernel's current state of a descriptor: POLLIN and so on. */
int ready_now(int fd);

#endif /* MIO_TESTS_ENDS_H */
