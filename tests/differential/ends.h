/* SPDX-License-Identifier: MIT */
/*
 * A link is two connected ends, such as the ends of a pipe. This file declares functions that open, use and close
 * links. The functions accept every kind of link.
 */
#ifndef MIO_TESTS_ENDS_H
#define MIO_TESTS_ENDS_H

#include "program.h"

#include <mio.h>
#include <poll.h>
#include <stdbool.h>

/* Windows lacks POLLRDHUP, so this file defines the bit. ready_now of ends_windows.c returns POLLRDHUP if WSAPoll
 * reports the end of the peer's side. */
#ifndef POLLRDHUP
#define POLLRDHUP 0x2000
#endif

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
    bool link_has_ended; /* one of the two ends was shut down or closed */
    int fd;              /* the descriptor, or -1 if the end is closed */
    int duplicate;       /* a duplicate of `fd`, or -1 */
} endpoint;

/* Returns whether an end is registered by its descriptor, not as a source. */
bool is_bare(const endpoint *end);

/* Returns whether a short read or write at this end means that the readiness of the end is used up. */
bool is_stream(const endpoint *end);

/* Opens both ends. Before the call, both ends must be closed. Returns whether opening the link worked. */
bool open_link(endpoint ends[2], link_kind kind);

/* As in mio, the result of these functions is a count, 0 or a negative errno value. The result is -ENOSYS if the end
 * does not support the operation. */
int64_t write_end(endpoint *end, const void *buffer, size_t length);
int64_t read_end(endpoint *end, void *buffer, size_t length);
int shutdown_end(endpoint *end, int how);
void close_end(endpoint *end);
void reset_end(endpoint *end);

/* Waits until poll(2) reports `bit`, such as POLLIN, for the descriptor `fd`, but at most 5 seconds. */
void wait_until(int fd, short bit);

/* Converts the result of a system call to a count or a negative errno value, as mio returns it. */
int64_t outcome(int64_t result);

/* ends_linux.c and ends_windows.c define the following functions. */

/* Returns the kernel's current state of a descriptor, as bits such as POLLIN. */
int ready_now(int fd);

/*
 * Returns the kind of link that the argument of an operation stands for. The kind depends on the system, because
 * systems have different kinds of links.
 */
link_kind kind_of(unsigned arg);

/* Returns whether this system supports the operation. */
bool has_verb(verb which);

/* Returns whether a fault of the system makes the readiness of an end unreliable. */
bool is_unreliable(const endpoint *end);

/* Returns whether ready_now may miss a reset that a backend has reported. */
bool may_miss_reset(const endpoint *end);

/* open_bare opens the descriptors of a bare link: the ends of this link are descriptors, not sources of mio. Some kinds
 * of links have only one descriptor. The other end of such a link stays closed. */
bool open_bare(int fds[2], link_kind kind);
int64_t write_bare(const endpoint *end, const void *buffer, size_t length);

#endif /* MIO_TESTS_ENDS_H */
