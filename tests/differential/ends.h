/* SPDX-License-Identifier: MIT */
/* Links of every kind, with the same functions for all kinds. */
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
    unsigned side;       /* 0 or 1; side 0 of a pipe is the writing end */
    bool is_open;        /* whether the end is open */
    bool link_has_ended; /* this end or the other end was shut down or closed */
    int fd;              /* the descriptor, or -1 if the end is closed */
    int duplicate;       /* a duplicate of `fd`, or -1 */
} endpoint;

/* Returns whether an end is registered by its descriptor, not as a source. */
bool is_bare(const endpoint *end);

/* Returns whether a short count means that readiness is used up. */
bool is_stream(const endpoint *end);

/* Opens both ends. Before the call, both ends must be closed. Returns whether opening the link worked. */
bool open_link(endpoint ends[2], link_kind kind);

/* Return a count or a negative errno value, like the functions of mio. Return -ENOSYS if this end does not
   support the operation. */
int64_t write_end(endpoint *end, const void *buffer, size_t length);
int64_t read_end(endpoint *end, void *buffer, size_t length);
int shutdown_end(endpoint *end, int how);
void close_end(endpoint *end);
void reset_end(endpoint *end);

/* Returns the kernel's current state of a descriptor, as bits such as POLLIN. */
int ready_now(int fd);

#endif /* MIO_TESTS_ENDS_H */
