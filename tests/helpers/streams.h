/* SPDX-License-Identifier: MIT */
/* Two connected streams, TCP or Unix, for tests of their common operations. */
#ifndef MIO_TESTS_STREAMS_H
#define MIO_TESTS_STREAMS_H

#include "sockets.h"

enum { LEFT, RIGHT };
enum { STREAM = 31 }; /* the token of the right stream */

/* The left stream sends. The right stream is registered with MIO_READABLE, and with MIO_PRIORITY if the backend can
 * report it. */
typedef struct pair {
    bool is_unix;
    mio_tcp_stream tcp[2];
    mio_unix_stream unix_streams[2];
    mio_poll *poll;
} pair;

void open_pair(pair *p, bool is_unix, int variant);
void close_pair(pair *p);
void close_side(pair *p, int side);
mio_source *source_of(pair *p, int side);

/*
 * Runs a body over a TCP and over a Unix stream. If `suits` is not null, the body runs only over the streams that
 * `suits` accepts.
 */
void over_both(void (*body)(pair *p), bool (*suits)(bool is_unix), int variant);

/* Defines a test that calls over_both with this body. */
#define BODY_TEST(name, body, suits)                                                                                   \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        over_both(body, suits, _i);                                                                                    \
    }                                                                                                                  \
    END_TEST

/* For Unix streams, each of these functions calls a function of mio_unix_stream. For TCP streams, it calls the matching
 * function of mio_tcp_stream. */
int64_t send_left(pair *p, const void *buffer, size_t length, uint32_t flags);
int64_t read_right(pair *p, void *buffer, size_t length);
int take_oob(pair *p, unsigned char *byte);
int right_at_mark(pair *p);

#endif /* MIO_TESTS_STREAMS_H */
