/* SPDX-License-Identifier: MIT */
/* Functions for two connected streams. Both streams are TCP streams, or both are Unix streams. */
#include "streams.h"

int64_t send_left(pair *p, const void *buffer, size_t length, uint32_t flags)
{
    return p->is_unix ? mio_unix_stream_send(&p->unix_streams[LEFT], buffer, length, flags)
                      : mio_tcp_stream_send(&p->tcp[LEFT], buffer, length, flags);
}

int64_t read_right(pair *p, void *buffer, size_t length)
{
    return p->is_unix ? mio_unix_stream_read(&p->unix_streams[RIGHT], buffer, length)
                      : mio_tcp_stream_read(&p->tcp[RIGHT], buffer, length);
}

int take_oob(pair *p, unsigned char *byte)
{
    return p->is_unix ? mio_unix_stream_recv_oob(&p->unix_streams[RIGHT], byte)
                      : mio_tcp_stream_recv_oob(&p->tcp[RIGHT], byte);
}

int right_at_mark(pair *p)
{
    return p->is_unix ? mio_unix_stream_at_mark(&p->unix_streams[RIGHT]) : mio_tcp_stream_at_mark(&p->tcp[RIGHT]);
}

mio_source *source_of(pair *p, int side)
{
    return p->is_unix ? &p->unix_streams[side].source : &p->tcp[side].source;
}

void close_side(pair *p, int side)
{
    if (p->is_unix) {
        mio_unix_stream_close(&p->unix_streams[side]);
    } else {
        mio_tcp_stream_close(&p->tcp[side]);
    }
}

void open_pair(pair *p, bool is_unix, int variant)
{
    memset(p, 0, sizeof *p);
    p->is_unix = is_unix;
    p->poll = open_poll(variant);
    if (is_unix) {
        ck_assert_ok(mio_unix_stream_pair(&p->unix_streams[LEFT], &p->unix_streams[RIGHT], 0));
    } else {
        make_tcp_pair(&p->tcp[LEFT], &p->tcp[RIGHT]);
        ck_assert_ok(mio_source_set_option(&p->tcp[LEFT].source, MIO_OPTION_NODELAY, 1));
    }
    const uint32_t priority = (mio_poll_capabilities(p->poll) & MIO_CAN_PRIORITY) != 0 ? MIO_PRIORITY : 0;
    ck_assert_ok(
        mio_registry_register(mio_poll_registry(p->poll), source_of(p, RIGHT), STREAM, MIO_READABLE | priority));
}

void close_pair(pair *p)
{
    close_side(p, LEFT);
    close_side(p, RIGHT);
    mio_poll_free(p->poll);
}

void over_both(void (*body)(pair *p), bool (*suits)(bool is_unix), int variant)
{
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        if (suits == NULL || suits(is_unix != 0)) {
            pair p;
            open_pair(&p, is_unix != 0, variant);
            body(&p);
            close_pair(&p);
        }
    }
}
