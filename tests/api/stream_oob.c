/* SPDX-License-Identifier: MIT */
/* Sending with flags, and out-of-band data, over TCP and over Unix streams. */
#include "../helpers/unix_sockets.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { STREAM = 31 };

/* Two connected streams of one kind, the left one that sends and the right one that is looked at, and its poll object. */
typedef struct pair {
    bool is_unix;
    mio_tcp_stream tcp[2];
    mio_unix_stream unix_streams[2];
    mio_poll *poll;
} pair;

enum { LEFT, RIGHT };

static int64_t send_left(pair *p, const void *buffer, size_t length, uint32_t flags)
{
    return p->is_unix ? mio_unix_stream_send(&p->unix_streams[LEFT], buffer, length, flags)
                      : mio_tcp_stream_send(&p->tcp[LEFT], buffer, length, flags);
}

static int64_t read_right(pair *p, void *buffer, size_t length)
{
    return p->is_unix ? mio_unix_stream_read(&p->unix_streams[RIGHT], buffer, length)
                      : mio_tcp_stream_read(&p->tcp[RIGHT], buffer, length);
}

static int take_oob(pair *p, unsigned char *byte)
{
    return p->is_unix ? mio_unix_stream_recv_oob(&p->unix_streams[RIGHT], byte)
                      : mio_tcp_stream_recv_oob(&p->tcp[RIGHT], byte);
}

static int right_at_mark(pair *p)
{
    return p->is_unix ? mio_unix_stream_at_mark(&p->unix_streams[RIGHT]) : mio_tcp_stream_at_mark(&p->tcp[RIGHT]);
}

static mio_source *source_of(pair *p, int side)
{
    return p->is_unix ? &p->unix_streams[side].source : &p->tcp[side].source;
}

static void close_side(pair *p, int side)
{
    if (p->is_unix) {
        mio_unix_stream_close(&p->unix_streams[side]);
    } else {
        mio_tcp_stream_close(&p->tcp[side]);
    }
}

static void open_pair(pair *p, bool is_unix, int variant)
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
    ck_assert_ok(
        mio_registry_register(mio_poll_registry(p->poll), source_of(p, RIGHT), STREAM, MIO_READABLE | MIO_PRIORITY));
}

static void close_pair(pair *p)
{
    close_side(p, LEFT);
    close_side(p, RIGHT);
    mio_poll_free(p->poll);
}

/* Whether this kernel has out-of-band data for the kind of socket: Linux 5.15 for Unix streams. */
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

/* Runs a body over TCP and over a Unix stream, where that has out-of-band data. */
static void over_both(void (*body)(pair *p), int variant)
{
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        if (has_oob(is_unix != 0)) {
            open_pair(&p, is_unix != 0, variant);
            body(&p);
            close_pair(&p);
        }
    }
}

#define BODY_TEST(name, body)                                                                                          \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        over_both(body, _i);                                                                                           \
    }                                                                                                                  \
    END_TEST

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
    expect_bytes(p, "ab"); /* and not past the mark */
    call_counts(right_at_mark(p), 1);
    wait_handle(p->is_unix ? mio_unix_stream_handle(&p->unix_streams[RIGHT]) : mio_tcp_stream_handle(&p->tcp[RIGHT]),
                1 /* POLLIN */);
    expect_bytes(p, "cd");
    call_counts(right_at_mark(p), 0);
    assert_would_block(read_right(p, &byte, 1));
}
BODY_TEST(the_byte_is_taken_apart_and_the_mark_kept, take_apart)

/* Each is announced by an event of its own, also where the backend emulates edges. */
static void announce_each(pair *p)
{
    for (int i = 0; i < 3; i++) {
        call_counts(send_left(p, "!", 1, MIO_SEND_OOB), 1);
        expect_priority(p);
        expect_no_events(p->poll);
        expect_oob(p, '!');
        expect_no_events(p->poll);
    }
    for (int i = 0; i < 3; i++) { /* with bytes before, which are read first */
        call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
        expect_priority(p);
        expect_bytes(p, "ab");
        expect_oob(p, '!');
        char byte;
        assert_would_block(read_right(p, &byte, 1));
        expect_no_events(p->poll);
    }
}
BODY_TEST(each_byte_is_announced_by_an_event, announce_each)

/* One that is not taken is dropped by a read, and the next is announced all the same. */
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
BODY_TEST(a_byte_that_is_not_taken_is_dropped_by_a_read, not_taken)

/* A read that stops short at the mark has not used the announcement up: it is not repeated. */
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
BODY_TEST(an_announcement_is_not_repeated_after_a_short_read, not_repeated)

static void replace_one(pair *p)
{
    call_counts(send_left(p, "a!", 2, MIO_SEND_OOB), 2);
    expect_priority(p);
    call_counts(send_left(p, "b?", 2, MIO_SEND_OOB | MIO_SEND_MORE), 2);
    unsigned char byte = '!';
    while (byte == '!' || byte == 0) { /* until the second has arrived */
        int result = take_oob(p, &byte);
        ck_assert(result == 1 || result == -EAGAIN || result == -EINVAL);
        if (byte == '!') {
            return; /* taken before the second came: nothing to be seen */
        }
    }
    ck_assert_int_eq(byte, '?');
    expect_bytes(p, "a!b");
    call_counts(right_at_mark(p), 1);
}
BODY_TEST(a_second_byte_makes_the_first_an_ordinary_one, replace_one)

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
BODY_TEST(inline_the_byte_is_read_after_the_mark, stay_inline)

/* Without MIO_PRIORITY in the interest, nothing is said of it. */
static void not_asked_for(pair *p)
{
    mio_event event;
    ck_assert_ok(mio_registry_reregister(mio_poll_registry(p->poll), source_of(p, RIGHT), STREAM, MIO_READABLE));
    call_counts(send_left(p, "ab!", 3, MIO_SEND_OOB), 3);
    ck_assert_int_eq(wait_events(p->poll, &event, 1, LONG_WAIT), 1);
    ck_assert(mio_event_is_readable(&event));
    ck_assert(!mio_event_is_priority(&event));
}
BODY_TEST(who_does_not_ask_for_priority_is_told_nothing_of_it, not_asked_for)

/* ---- flags ------------------------------------------------------------------------------------------------------ */

/* How many bytes the kernel has taken and not sent yet. */
static int unsent(const mio_tcp_stream *stream)
{
    int count = -1;
    ck_assert_int_eq(ioctl(mio_tcp_stream_handle(stream), SIOCOUTQNSD, &count), 0);
    return count;
}

START_TEST(more_holds_a_part_of_a_segment_back)
{
    pair p;
    char buffer[8];
    open_pair(&p, false, _i);
    call_counts(send_left(&p, "ab", 2, 0), 2);
    ck_assert_int_eq(unsent(&p.tcp[LEFT]), 0);
    int held = 0;
    for (int attempts = 0; attempts < 20 && held == 0; attempts++) { /* it is held for 200 ms at most */
        call_counts(send_left(&p, "cd", 2, MIO_SEND_MORE), 2);
        held = unsent(&p.tcp[LEFT]);
    }
    ck_assert_int_eq(held, 2);
    call_counts(send_left(&p, "ef", 2, 0), 2);
    ck_assert_int_eq(unsent(&p.tcp[LEFT]), 0);
    read_all(&p.tcp[RIGHT], buffer, 2);
    ck_assert_mem_eq(buffer, "ab", 2);
    read_all(&p.tcp[RIGHT], buffer, 2);
    ck_assert_mem_eq(buffer, "cd", 2);
    close_pair(&p);
}
END_TEST

START_TEST(no_flags_and_more_send_all_the_same)
{
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        char buffer[8];
        open_pair(&p, is_unix != 0, _i);
        call_counts(send_left(&p, "ab", 2, MIO_SEND_MORE), 2);
        call_counts(send_left(&p, "cd", 2, 0), 2);
        call_counts(send_left(&p, "", 0, 0), 0);
        call_counts(send_left(&p, NULL, 0, 0), 0);
        for (int64_t done = 0; done < 4;) {
            int64_t count = read_right(&p, buffer + done, sizeof buffer - (size_t)done);
            if (count == -EAGAIN) {
                expect_events(p.poll, {STREAM, MIO_READABLE});
            } else {
                ck_assert(count > 0);
                done += count;
            }
        }
        ck_assert_mem_eq(buffer, "abcd", 4);
        close_pair(&p);
    }
}
END_TEST

/* Sends until nothing is taken; then, once there is room, an event says so. */
START_TEST(a_full_stream_would_block_and_is_writable_later)
{
    static char bytes[1 << 16];
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        int64_t count;
        uint64_t sent = 0;
        open_pair(&p, is_unix != 0, _i);
        ck_assert_ok(mio_registry_register(mio_poll_registry(p.poll), source_of(&p, LEFT), STREAM + 1, MIO_WRITABLE));
        expect_events(p.poll, {STREAM + 1, MIO_WRITABLE});
        while ((count = kept(send_left(&p, bytes, sizeof bytes, MIO_SEND_MORE))) > 0) {
            sent += (uint64_t)count;
        }
        ck_assert_errno(count, -EAGAIN);
        bool writable = false;
        while (sent > 0) {
            mio_event events[4];
            while ((count = read_right(&p, bytes, sizeof bytes)) > 0) {
                sent -= (uint64_t)count;
            }
            ck_assert_errno(count, -EAGAIN);
            int ready = sent > 0 || !writable ? wait_events(p.poll, events, 4, LONG_WAIT) : 0;
            for (int i = 0; i < ready; i++) {
                writable = writable || events[i].token == STREAM + 1;
            }
        }
        if (!writable) {
            expect_events(p.poll, {STREAM + 1, MIO_WRITABLE});
        }
        close_pair(&p);
    }
}
END_TEST

START_TEST(a_closed_peer_is_epipe_without_a_signal)
{
    make_sigpipe_deadly();
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        int64_t result = 1;
        open_pair(&p, is_unix != 0, _i);
        close_side(&p, RIGHT);
        for (int i = 0; i < 1000 && result >= 0; i++) {
            result = kept(send_left(&p, "x", 1, i % 2 == 0 ? MIO_SEND_MORE : 0));
            usleep(result >= 0 ? 1000 : 0); /* no event says that a reset has come, but the next send */
        }
        ck_assert(result == -EPIPE || result == -ECONNRESET);
        call_fails(send_left(&p, "x", 1, 0), EPIPE);
        call_fails(send_left(&p, "x", 1, MIO_SEND_MORE), EPIPE);
        ck_assert_int_lt(kept(send_left(&p, "x", 1, MIO_SEND_OOB)), 0);
        close_pair(&p);
    }
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    unsigned char byte = 7;
    mio_tcp_stream closed = {{{0}}};
    mio_unix_stream unix_closed = {{{0}}};
    mio_tcp_stream garbage;
    scribble(&garbage, sizeof garbage);
    for (int is_unix = 0; is_unix < 2; is_unix++) {
        pair p;
        open_pair(&p, is_unix != 0, _i);
        for (uint32_t bit = 4; bit != 0; bit <<= 1) {
            call_fails(send_left(&p, "x", 1, bit), EINVAL);
            call_fails(send_left(&p, "x", 1, bit | MIO_SEND_OOB), EINVAL);
        }
        assert_would_block(read_right(&p, &byte, 1));
        if (!under_valgrind()) {
            call_fails(send_left(&p, bad_memory(), 1, MIO_SEND_MORE), EFAULT);
        }
        call_fails(take_oob(&p, NULL), EINVAL);
        close_pair(&p);
    }
    call_fails(mio_tcp_stream_send(NULL, "x", 1, 0), EINVAL);
    call_fails(mio_tcp_stream_recv_oob(NULL, &byte), EINVAL);
    call_fails(mio_tcp_stream_at_mark(NULL), EINVAL);
    call_fails(mio_unix_stream_send(NULL, "x", 1, 0), EINVAL);
    call_fails(mio_unix_stream_recv_oob(NULL, &byte), EINVAL);
    call_fails(mio_unix_stream_at_mark(NULL), EINVAL);
    call_fails(mio_tcp_stream_send(&closed, "x", 1, 0), EBADF);
    call_fails(mio_tcp_stream_send(&garbage, "x", 1, 0), EBADF);
    call_fails(mio_tcp_stream_recv_oob(&closed, &byte), EBADF);
    call_fails(mio_tcp_stream_at_mark(&closed), EBADF);
    call_fails(mio_unix_stream_send(&unix_closed, "x", 1, 0), EBADF);
    call_fails(mio_unix_stream_recv_oob(&unix_closed, &byte), EBADF);
    call_fails(mio_unix_stream_at_mark(&unix_closed), EBADF);
    ck_assert_int_eq(byte, 7);
}
END_TEST

START_TEST(records_have_no_out_of_band_data)
{
    mio_unix_stream records[2];
    unsigned char byte = 7;
    ck_assert_ok(mio_unix_stream_pair(&records[0], &records[1], MIO_UNIX_SEQPACKET));
    call_fails(mio_unix_stream_send(&records[0], "x", 1, MIO_SEND_OOB), ENOTSUP);
    call_fails(mio_unix_stream_recv_oob(&records[0], &byte), ENOTSUP);
    call_fails(mio_unix_stream_at_mark(&records[0]), ENOTSUP);
    call_counts(mio_unix_stream_send(&records[0], "x", 1, MIO_SEND_MORE), 1);
    call_counts(mio_unix_stream_read(&records[1], &byte, 1), 1);
    mio_unix_stream_close(&records[0]);
    mio_unix_stream_close(&records[1]);
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
    tcase_add_backend_test(oob, who_does_not_ask_for_priority_is_told_nothing_of_it);
    TCase *flags = add_tcase(suite, "flags");
    tcase_add_backend_test(flags, more_holds_a_part_of_a_segment_back);
    tcase_add_backend_test(flags, no_flags_and_more_send_all_the_same);
    tcase_add_backend_test(flags, a_full_stream_would_block_and_is_writable_later);
    tcase_add_backend_test(flags, a_closed_peer_is_epipe_without_a_signal);
    tcase_add_backend_test(flags, wrong_arguments_are_refused);
    tcase_add_test(flags, records_have_no_out_of_band_data);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
