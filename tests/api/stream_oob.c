/* SPDX-License-Identifier: MIT */
/* Tests out-of-band data on TCP and Unix streams. */
#include "../helpers/streams.h"

#include <poll.h>
#include <unistd.h>

/*
 * Returns whether this kernel supports out-of-band data on streams of this family. Unix streams have out-of-band data
 * only since Linux 5.15.
 */
static bool has_oob(bool is_unix)
{
    pair p;
    if (!is_unix) {
        return true;
    }
    open_pair(&p, true, 0);
    int64_t result = send_left(&p, "!", 1, MIO_SEND_OOB);
    close_pair(&p);
    if (result == 1) {
        return true;
    }
    ck_assert_errno(result, -ENOTSUP);
    skip("Unix sockets have no out-of-band data before Linux 5.15");
    return false;
}

static void expect_bytes(pair *p, const char *wanted)
{
    char buffer[64];
    call_counts(read_right(p, buffer, sizeof buffer), strlen(wanted));
    ck_assert_mem_eq(buffer, wanted, strlen(wanted));
}

static void expect_oob(pair *p, char wanted)
{
    unsigned char byte = 0;
    call_counts(take_oob(p, &byte), 1);
    ck_assert_int_eq(byte, wanted);
}

static void expect_priority(pair *p)
{
    expect_events(p->poll, {STREAM, MIO_READABLE | MIO_PRIORITY});
}

/* ---- out-of-band data ------------------------------------------------------------------------------------------- */

static void take_apart(pair *p)
{
    unsigned char byte = 7;
    call_fails_keeping(&byte, take_oob(p, &byte), EINVAL);
    call_counts(right_at_mark(p), 0);
    call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
    expect_priority(p);
    call_counts(send_left(p, "cd", 2, 0), 2);
    expect_oob(p, '!');
    call_fails_keeping(&byte, take_oob(p, &byte), EINVAL);
    call_counts(right_at_mark(p), 0);
    expect_bytes(p, "ab"); /* the mark of the out-of-band byte ends this read */
    call_counts(right_at_mark(p), 1);
    wait_handle(p->is_unix ? mio_unix_stream_handle(&p->unix_streams[RIGHT]) : mio_tcp_stream_handle(&p->tcp[RIGHT]),
                POLLIN);
    expect_bytes(p, "cd");
    call_counts(right_at_mark(p), 0);
    assert_would_block(read_right(p, &byte, 1));
}
BODY_TEST(the_byte_is_taken_apart_and_the_mark_kept, take_apart, has_oob)

/* Checks that every out-of-band byte causes an event of its own, even on a backend that emulates edges. */
static void announce_each(pair *p)
{
    for (int i = 0; i < 3; i++) {
        call_counts(send_left(p, "!", 1, MIO_SEND_OOB), 1);
        expect_priority(p);
        expect_no_events(p->poll);
        expect_oob(p, '!');
        expect_no_events(p->poll);
    }
    for (int i = 0; i < 3; i++) { /* now with ordinary bytes before the out-of-band byte */
        call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
        expect_priority(p);
        expect_bytes(p, "ab");
        expect_oob(p, '!');
        char byte;
        assert_would_block(read_right(p, &byte, 1));
        expect_no_events(p->poll);
    }
}
BODY_TEST(each_byte_is_announced_by_an_event, announce_each, has_oob)

/*
 * The program does not receive the out-of-band byte, and the peer then sends ordinary bytes. Reading these ordinary
 * bytes drops the out-of-band byte. An event must still report the next out-of-band byte.
 */
static void not_taken(pair *p)
{
    unsigned char byte = 7;
    for (int i = 0; i < 3; i++) {
        call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
        expect_priority(p);
        call_counts(send_left(p, "c", 1, 0), 1);
        expect_bytes(p, "ab");
        call_counts(right_at_mark(p), 1);
        while (read_right(p, &byte, 1) == -EAGAIN) {
            expect_events(p->poll, {STREAM, MIO_READABLE});
        }
        ck_assert_int_eq(byte, 'c');
        assert_would_block(read_right(p, &byte, 1));
    }
    call_fails_keeping(&byte, take_oob(p, &byte), EINVAL);
}
BODY_TEST(a_byte_that_is_not_taken_is_dropped_by_a_read, not_taken, has_oob)

/*
 * The mark of the out-of-band byte ends a read early, so the read returns a short count. This short count must not
 * cause a second event for the out-of-band byte.
 */
static void not_repeated(pair *p)
{
    call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
    expect_priority(p);
    expect_bytes(p, "ab");
    mio_event event;
    int count = wait_events(p->poll, &event, 1, MS(50));
    ck_assert_msg(count == 0 || !mio_event_is_priority(&event), "announced twice");
    expect_oob(p, '!');
}
BODY_TEST(an_announcement_is_not_repeated_after_a_short_read, not_repeated, has_oob)

static void replace_one(pair *p)
{
    call_counts(send_left(p, "a!", 2, MIO_SEND_OOB), 2);
    expect_priority(p);
    call_counts(send_left(p, "b?", 2, MIO_SEND_OOB | MIO_SEND_MORE), 2);
    unsigned char byte = '!';
    while (byte == '!' || byte == 0) { /* until the second out-of-band byte has arrived */
        int result = take_oob(p, &byte);
        ck_assert(result == 1 || result == -EAGAIN || result == -EINVAL);
        if (byte == '!') {
            return; /* the first byte was received before the second arrived, so there is nothing to check */
        }
    }
    ck_assert_int_eq(byte, '?');
    expect_bytes(p, "a!b");
    call_counts(right_at_mark(p), 1);
}
BODY_TEST(a_second_byte_makes_the_first_an_ordinary_one, replace_one, has_oob)

static void stay_inline(pair *p)
{
    int64_t value = 7;
    unsigned char byte = 7;
    mio_source *right = source_of(p, RIGHT);
    call_ok(mio_source_option(right, MIO_OPTION_OOB_INLINE, &value));
    ck_assert_int_eq(value, 0);
    call_fails(mio_source_set_option(right, MIO_OPTION_OOB_INLINE, 2), EINVAL);
    call_ok(mio_source_set_option(right, MIO_OPTION_OOB_INLINE, 1));
    call_ok(mio_source_option(right, MIO_OPTION_OOB_INLINE, &value));
    ck_assert_int_eq(value, 1);
    for (int i = 0; i < 3; i++) {
        call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
        expect_priority(p);
        call_counts(right_at_mark(p), 0);
        expect_bytes(p, "ab");
        call_counts(right_at_mark(p), 1);
        expect_bytes(p, "!");
        call_counts(right_at_mark(p), 0);
        assert_would_block(read_right(p, &byte, 1));
        expect_no_events(p->poll);
    }
    call_counts(send_left(p, "!", 1, MIO_SEND_OOB), 1);
    expect_priority(p);
    call_fails_keeping(&byte, take_oob(p, &byte), EINVAL);
    expect_bytes(p, "!");
}
BODY_TEST(inline_the_byte_is_read_after_the_mark, stay_inline, has_oob)

/*
 * The stream accepts only some of the bytes that the test sends with MIO_SEND_OOB. On a TCP stream, the last accepted
 * byte is out-of-band. On a Unix stream, no byte is out-of-band.
 */
static void cut_short(pair *p)
{
    enum { TOO_MUCH = 8 << 20 };
    static uint8_t bytes[TOO_MUCH];
    unsigned char byte = 0;
    int64_t read = 0;
    fill_pattern(bytes, TOO_MUCH, 0);
    int64_t sent = kept(send_left(p, bytes, TOO_MUCH, MIO_SEND_OOB));
    ck_assert(sent > 0 && sent < TOO_MUCH);
    const int64_t before_mark = p->is_unix ? sent : sent - 1;
    while (read < before_mark) {
        static uint8_t some[1 << 16];
        ck_assert_int_eq(right_at_mark(p), 0);
        int64_t count = read_right(p, some, sizeof some);
        if (count == -EAGAIN) {
            expect_events(p->poll, {STREAM, MIO_READABLE});
            continue;
        }
        ck_assert_int_gt(count, 0);
        assert_pattern(some, (size_t)count, (uint64_t)read);
        read += count;
    }
    ck_assert_int_eq(read, before_mark);
    if (p->is_unix) {
        call_fails(take_oob(p, &byte), EINVAL);
        assert_would_block(read_right(p, &byte, 1));
    } else {
        int result;
        while ((result = take_oob(p, &byte)) == -EAGAIN || result == -EINVAL) {
            expect_priority(p);
        }
        ck_assert_int_eq(result, 1);
        assert_pattern(&byte, 1, (uint64_t)sent - 1);
        ck_assert_int_eq(right_at_mark(p), 1);
    }
}
BODY_TEST(of_what_is_cut_short_the_last_byte_is_out_of_band_with_tcp_only, cut_short, has_oob)

/*
 * The receive window is closed, so the out-of-band byte cannot arrive. After about 200 ms, a window probe tells the
 * receiver that an out-of-band byte exists.
 */
START_TEST(a_byte_that_is_only_announced_would_block)
{
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    unsigned char byte = 7;
    static char bytes[20000];
    ck_assert_ok(mio_tcp_listener_bind(&listener, &any, 1));
    ck_assert_ok(mio_source_set_option(&listener.source, MIO_OPTION_RECEIVE_BUFFER, 4096));
    ck_assert_ok(mio_tcp_listener_local_addr(&listener, &addr));
    int peer = raw_connect(&addr);
    accept_one(&listener, &stream);
    raw_write(peer, bytes, sizeof bytes);
    ck_assert_int_eq(send(peer, "!", 1, MSG_OOB), 1);
    int64_t result = -EINVAL;
    for (int64_t start = clock_ns(); result == -EINVAL && clock_ns() - start < LONG_WAIT;) {
        usleep(10000); /* no event reports an out-of-band byte before it arrives */
        result = mio_tcp_stream_recv_oob(&stream, &byte);
    }
    ck_assert_errno(result, -EAGAIN);
    call_fails_keeping(&byte, mio_tcp_stream_recv_oob(&stream, &byte), EAGAIN);
    ck_assert_ok(mio_tcp_stream_shutdown(&stream, MIO_SHUTDOWN_READ));
    call_counts(mio_tcp_stream_recv_oob(&stream, &byte), 0);
    ck_assert_int_eq(byte, 7);
    close_fd(peer);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
}
END_TEST

/* Checks that no event reports an out-of-band byte if the interest lacks MIO_PRIORITY. */
static void not_asked_for(pair *p)
{
    mio_event event;
    ck_assert_ok(mio_registry_reregister(mio_poll_registry(p->poll), source_of(p, RIGHT), STREAM, MIO_READABLE));
    call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
    ck_assert_int_eq(wait_events(p->poll, &event, 1, LONG_WAIT), 1);
    ck_assert(mio_event_is_readable(&event));
    ck_assert(!mio_event_is_priority(&event));
}
BODY_TEST(who_does_not_ask_for_priority_is_told_nothing_of_it, not_asked_for, has_oob)

/*
 * Checks that a oneshot registration reports only one event. This must hold even on systems that report each condition
 * in its own event.
 */
static void report_once(pair *p)
{
    mio_event event;
    mio_registry *registry = mio_poll_registry(p->poll);
    const uint32_t interest = MIO_READABLE | MIO_WRITABLE | MIO_PRIORITY | MIO_ONESHOT;
    call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
    expect_priority(p);
    for (int i = 0; i < 3; i++) {
        ck_assert_ok(mio_registry_reregister(registry, source_of(p, RIGHT), STREAM, interest));
        ck_assert_int_eq(wait_events(p->poll, &event, 1, LONG_WAIT), 1);
        expect_no_events(p->poll);
        ck_assert_ok(mio_registry_reregister(registry, source_of(p, RIGHT), STREAM, interest));
        expect_events(p->poll, {STREAM, MIO_READABLE | MIO_WRITABLE | MIO_PRIORITY});
        expect_no_events(p->poll);
    }
    ck_assert_ok(mio_registry_reregister(registry, source_of(p, RIGHT), STREAM, MIO_PRIORITY | MIO_ONESHOT));
    expect_priority(p);
    close_side(p, LEFT);
    expect_no_events(p->poll);
}
BODY_TEST(a_oneshot_registration_has_one_event, report_once, has_oob)

/* Checks that every wait reports the out-of-band byte until the program has received it. */
static void report_always(pair *p)
{
    char bytes[2];
    mio_registry *registry = mio_poll_registry(p->poll);
    ck_assert_ok(mio_registry_reregister(registry, source_of(p, RIGHT), STREAM, MIO_PRIORITY | MIO_LEVEL));
    call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
    for (int i = 0; i < 3; i++) {
        expect_priority(p);
    }
    expect_oob(p, '!');
    call_counts(read_right(p, bytes, sizeof bytes), 2);
    expect_no_events(p->poll);
    call_counts(send_left(p, "!", 1, MIO_SEND_OOB), 1);
    expect_priority(p);
    ck_assert_ok(mio_registry_deregister(registry, source_of(p, RIGHT)));
    expect_no_events(p->poll);
}
BODY_TEST(a_level_triggered_registration_reports_the_byte_until_it_is_taken, report_always, has_oob)

/*
 * kqueue's EVFILT_EXCEPT accepts only sockets. So on kqueue, the call that registers a pipe with MIO_PRIORITY fails.
 * The failed call must change nothing.
 */
START_TEST(priority_of_a_pipe_is_refused_or_never_reported)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    const int wanted = strcmp(mio_poll_backend(poll), "kqueue") == 0 ? -ENOTSUP : 0;
    int fds[2];
    make_pipe(fds);
    ck_assert_ok(mio_registry_register_handle(registry, fds[0], 1, MIO_READABLE));
    ck_assert_int_eq(mio_registry_reregister_handle(registry, fds[0], 1, MIO_READABLE | MIO_PRIORITY), wanted);
    write_byte(fds[1]);
    expect_events(poll, {1, MIO_READABLE});
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("stream_oob");
    TCase *oob = add_tcase(suite, "out-of-band");
    tcase_add_backend_test(oob, the_byte_is_taken_apart_and_the_mark_kept);
    tcase_add_backend_test(oob, each_byte_is_announced_by_an_event);
    tcase_add_backend_test(oob, a_byte_that_is_not_taken_is_dropped_by_a_read);
    tcase_add_backend_test(oob, an_announcement_is_not_repeated_after_a_short_read);
    tcase_add_backend_test(oob, a_second_byte_makes_the_first_an_ordinary_one);
    tcase_add_backend_test(oob, inline_the_byte_is_read_after_the_mark);
    tcase_add_backend_test(oob, of_what_is_cut_short_the_last_byte_is_out_of_band_with_tcp_only);
    tcase_add_test(oob, a_byte_that_is_only_announced_would_block);
    tcase_add_backend_test(oob, a_oneshot_registration_has_one_event);
    tcase_add_backend_test(oob, a_level_triggered_registration_reports_the_byte_until_it_is_taken);
    tcase_add_backend_test(oob, priority_of_a_pipe_is_refused_or_never_reported);
    tcase_add_backend_test(oob, who_does_not_ask_for_priority_is_told_nothing_of_it);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
