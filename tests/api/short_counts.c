/* SPDX-License-Identifier: MIT */
/*
 * Tests short counts on TCP and Unix streams. If a call moves fewer bytes than the program has requested, the stream is
 * no longer ready, as after -EAGAIN. When the stream becomes ready again, every backend reports an event, although no
 * call has returned -EAGAIN.
 */
#include "../helpers/streams.h"

#include <poll.h>

enum { LEFT_STREAM = 32 };

static mio_handle handle_of(pair *p, int side)
{
    return p->is_unix ? mio_unix_stream_handle(&p->unix_streams[side]) : mio_tcp_stream_handle(&p->tcp[side]);
}

static void shut_left(pair *p)
{
    call_ok(p->is_unix ? mio_unix_stream_shutdown(&p->unix_streams[LEFT], MIO_SHUTDOWN_WRITE)
                       : mio_tcp_stream_shutdown(&p->tcp[LEFT], MIO_SHUTDOWN_WRITE));
}

static void send_and_read(pair *p)
{
    char buffer[64];
    call_counts(send_left(p, "data", 4, 0), 4);
    mio_event event = wait_for_event(p->poll, STREAM);
    ck_assert(mio_event_is_readable(&event));
    ck_assert(!mio_event_is_read_closed(&event));
    call_counts(read_right(p, buffer, sizeof buffer), 4);
}

static void more_comes(pair *p)
{
    for (int i = 0; i < 3; i++) {
        send_and_read(p);
        expect_no_events(p->poll);
    }
}
BODY_TEST(what_comes_after_a_short_read_is_an_event, more_comes, NULL)

static void end_comes(pair *p)
{
    char byte;
    send_and_read(p);
    shut_left(p);
    expect_events(p->poll, {STREAM, MIO_READABLE | MIO_READ_CLOSED});
    call_counts(read_right(p, &byte, 1), 0);
}
BODY_TEST(an_end_after_a_short_read_is_an_event, end_comes, NULL)

/*
 * If the end of the stream arrives together with the bytes, one event reports the bytes and the end. After the short
 * count, some backends do not report the end again. In all other cases, every backend reports an event when the stream
 * becomes ready after a short count.
 */
static void end_came_along(pair *p)
{
    char buffer[64];
    call_counts(send_left(p, "data", 4, 0), 4);
    shut_left(p);
    wait_handle(handle_of(p, RIGHT), POLLRDHUP);
    mio_event event = wait_for_event(p->poll, STREAM);
    ck_assert(mio_event_is_readable(&event));
    ck_assert(mio_event_is_read_closed(&event));
    call_counts(read_right(p, buffer, sizeof buffer), 4);
    call_counts(read_right(p, buffer, sizeof buffer), 0);
}
BODY_TEST(an_end_that_came_with_the_bytes_is_told_with_them, end_came_along, NULL)

static void room_comes(pair *p)
{
    static char buffer[1 << 23];
    call_ok(mio_source_set_option(source_of(p, LEFT), MIO_OPTION_SEND_BUFFER, 65536));
    call_ok(mio_registry_register(mio_poll_registry(p->poll), source_of(p, LEFT), LEFT_STREAM, MIO_WRITABLE));
    expect_events(p->poll, {LEFT_STREAM, MIO_WRITABLE});
    for (int i = 0; i < 3; i++) {
        int64_t sent = kept(send_left(p, buffer, sizeof buffer, 0));
        ck_assert_int_gt(sent, 0);
        ck_assert_int_lt(sent, (int64_t)sizeof buffer);
        for (int64_t count; sent > 0; sent -= count) {
            wait_handle(handle_of(p, RIGHT), POLLIN);
            count = kept(read_right(p, buffer, sizeof buffer));
            ck_assert_int_gt(count, 0);
        }
        mio_event event = wait_for_event(p->poll, LEFT_STREAM);
        ck_assert(mio_event_is_writable(&event));
    }
}
BODY_TEST(room_after_a_short_write_is_an_event, room_comes, NULL)

static Suite *make_suite(void)
{
    Suite *suite = suite_create("short_counts");
    TCase *streams = add_tcase(suite, "streams");
    tcase_add_backend_test(streams, what_comes_after_a_short_read_is_an_event);
    tcase_add_backend_test(streams, an_end_after_a_short_read_is_an_event);
    tcase_add_backend_test(streams, an_end_that_came_with_the_bytes_is_told_with_them);
    tcase_add_backend_test(streams, room_after_a_short_write_is_an_event);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
