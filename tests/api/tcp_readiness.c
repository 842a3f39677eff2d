/* SPDX-License-Identifier: MIT */
/* Tests the events of TCP streams: interests, peeking, and every way in which a connection can end. */
#include "../helpers/sockets.h"

#include <poll.h>

enum { STREAM = 11, OTHER = 12 };

/*
 * A poll object, and a stream that is not registered yet. `peer` is the blocking socket at the other end of the stream.
 * The test makes `peer` with system calls, not with mio.
 */
typedef struct fixture {
    mio_poll *poll;
    mio_registry *registry;
    mio_tcp_stream stream;
    int peer;
} fixture;

static fixture open_fixture(int variant)
{
    fixture f;
    mio_addr any = loopback_v4();
    f.poll = open_poll(variant);
    f.registry = mio_poll_registry(f.poll);
    f.peer = connect_to_raw(&f.stream, &any);
    return f;
}

static void close_fixture(fixture *f)
{
    mio_tcp_stream_close(&f->stream);
    if (f->peer != MIO_HANDLE_NONE) {
        close_fd(f->peer);
    }
    mio_poll_free(f->poll);
}

/* Closes the peer's socket with the function `end`: close_fd, or raw_reset for a reset. */
static void end_peer(fixture *f, void (*end)(int fd))
{
    end(f->peer);
    f->peer = MIO_HANDLE_NONE;
}

/*
 * Registers the stream. If the interest contains MIO_WRITABLE, also fetches the event that reports the stream as
 * writable.
 */
static void watch(fixture *f, uint32_t interest)
{
    call_ok(mio_registry_register(f->registry, &f->stream.source, STREAM, interest));
    if ((interest & MIO_WRITABLE) != 0) {
        expect_events(f->poll, {STREAM, MIO_WRITABLE});
    }
}

static void expect_read(fixture *f, const char *wanted)
{
    char buffer[64];
    size_t length = strlen(wanted);
    call_counts(mio_tcp_stream_read(&f->stream, buffer, sizeof buffer), length);
    ck_assert_mem_eq(buffer, wanted, length);
}

static void expect_nothing_to_read(fixture *f)
{
    char byte;
    assert_would_block(kept(mio_tcp_stream_read(&f->stream, &byte, 1)));
}

static void expect_nothing_to_peek(fixture *f)
{
    char byte;
    assert_would_block(kept(mio_tcp_stream_peek(&f->stream, &byte, 1)));
}

/* ---- interests -------------------------------------------------------------------------------------------------- */

START_TEST(registered_readable_only_no_event_on_connect)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_tcp_stream accepted;
    mio_addr addr;
    make_listener(&listener, &addr);
    call_ok(mio_tcp_stream_connect(&stream, &addr));
    call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, MIO_READABLE));
    accept_one(&listener, &accepted);
    expect_no_events(poll);
    mio_tcp_stream_close(&accepted);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(reregister_to_writable_with_new_token_reports_writable)
{
    fixture f = open_fixture(_i);
    mio_event event;
    watch(&f, MIO_READABLE);
    expect_no_events(f.poll);
    call_ok(mio_registry_reregister(f.registry, &f.stream.source, OTHER, MIO_WRITABLE));
    ck_assert_int_eq(wait_events(f.poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, OTHER);
    ck_assert(mio_event_is_writable(&event));
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(no_events_after_deregister_read_would_block_and_write_works)
{
    fixture f = open_fixture(_i);
    mio_addr addr;
    char buffer[4];
    call_ok(mio_registry_register(f.registry, &f.stream.source, STREAM, MIO_READABLE | MIO_WRITABLE));
    call_ok(mio_registry_deregister(f.registry, &f.stream.source));
    expect_no_events(f.poll);
    call_ok(mio_tcp_stream_peer_addr(&f.stream, &addr));
    expect_nothing_to_read(&f);
    expect_nothing_to_peek(&f);
    call_counts(mio_tcp_stream_write(&f.stream, "data", 4), 4);
    raw_read(f.peer, buffer, 4);
    ck_assert_mem_eq(buffer, "data", 4);
    raw_write(f.peer, "back", 4);
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(closed_only_interest_reports_the_end_and_not_data)
{
    fixture f = open_fixture(_i);
    mio_event event;
    watch(&f, MIO_CLOSED);
    raw_write(f.peer, "data", 4);
    wait_handle(mio_tcp_stream_handle(&f.stream), POLLIN);
    expect_no_events(f.poll);
    ck_assert_int_eq(shutdown(f.peer, SHUT_WR), 0);
    event = wait_for_event(f.poll, STREAM);
    ck_assert(mio_event_is_read_closed(&event));
    ck_assert(!mio_event_is_write_closed(&event));
    expect_read(&f, "data");
    close_fixture(&f);
}
END_TEST

START_TEST(out_of_band_byte_is_readable_and_priority)
{
    fixture f = open_fixture(_i);
    char byte;
    if ((mio_poll_capabilities(f.poll) & MIO_CAN_PRIORITY) == 0) {
        skip("the backend has no MIO_PRIORITY");
        close_fixture(&f);
        return;
    }
    watch(&f, MIO_READABLE | MIO_PRIORITY);
    ck_assert_int_eq(send(f.peer, "!", 1, MSG_OOB), 1);
    expect_events(f.poll, {STREAM, MIO_READABLE | MIO_PRIORITY});
    ck_assert_int_eq(recv(mio_tcp_stream_handle(&f.stream), &byte, 1, MSG_OOB), 1);
    ck_assert_int_eq(byte, '!');
    close_fixture(&f);
}
END_TEST

/* ---- peeking ---------------------------------------------------------------------------------------------------- */

START_TEST(successful_peek_does_not_consume_the_readable_event)
{
    fixture f = open_fixture(_i);
    char buffer[16];
    watch(&f, MIO_READABLE);
    raw_write(f.peer, "data", 4);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    call_counts(mio_tcp_stream_peek(&f.stream, buffer, sizeof buffer), 4);
    ck_assert_mem_eq(buffer, "data", 4);
    /* Peeking has not removed the bytes. */
    call_ok(mio_registry_reregister(f.registry, &f.stream.source, STREAM, MIO_READABLE));
    expect_events(f.poll, {STREAM, MIO_READABLE});
    call_counts(mio_tcp_stream_peek(&f.stream, buffer, sizeof buffer), 4);
    expect_read(&f, "data");
    expect_nothing_to_read(&f);
    raw_write(f.peer, "more", 4);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    expect_read(&f, "more");
    close_fixture(&f);
}
END_TEST

START_TEST(peek_that_would_block_rearms_next_data_is_reported)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    expect_nothing_to_peek(&f);
    for (int i = 0; i < 3; i++) {
        raw_write(f.peer, "data", 4);
        expect_events(f.poll, {STREAM, MIO_READABLE});
        expect_read(&f, "data");
        expect_nothing_to_peek(&f);
        expect_no_events(f.poll);
    }
    close_fixture(&f);
}
END_TEST

START_TEST(read_would_block_data_read_peek_would_block_data_reported_both_times)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    expect_nothing_to_read(&f);
    raw_write(f.peer, "first", 5);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    expect_read(&f, "first");
    expect_nothing_to_peek(&f);
    raw_write(f.peer, "second", 6);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    expect_read(&f, "second");
    close_fixture(&f);
}
END_TEST

/* ---- this side shuts down --------------------------------------------------------------------------------------- */

START_TEST(local_shutdown_read_is_read_closed)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_tcp_stream_shutdown(&f.stream, MIO_SHUTDOWN_READ));
    expect_events(f.poll, {STREAM, MIO_READABLE | MIO_READ_CLOSED});
    close_fixture(&f);
}
END_TEST

START_TEST(local_shutdown_write_is_write_closed_on_kqueue_and_the_other_side_lives)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_tcp_stream_shutdown(&f.stream, MIO_SHUTDOWN_WRITE));
    if (strcmp(mio_poll_backend(f.poll), "kqueue") == 0) {
        expect_events(f.poll, {STREAM, MIO_WRITABLE | MIO_WRITE_CLOSED});
    }
    raw_expect_end(f.peer);
    raw_write(f.peer, "data", 4);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    expect_read(&f, "data");
    close_fixture(&f);
}
END_TEST

START_TEST(local_shutdown_both_is_write_closed)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_ok(mio_tcp_stream_shutdown(&f.stream, MIO_SHUTDOWN_BOTH));
    expect_events(f.poll, {STREAM, MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED});
    close_fixture(&f);
}
END_TEST

/* ---- the peer shuts down, closes or resets ---------------------------------------------------------------------- */

START_TEST(peer_shutdown_write_is_read_closed)
{
    fixture f = open_fixture(_i);
    char byte;
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    ck_assert_int_eq(shutdown(f.peer, SHUT_WR), 0);
    mio_event event = wait_for_event(f.poll, STREAM);
    ck_assert(mio_event_is_readable(&event));
    ck_assert(mio_event_is_read_closed(&event));
    ck_assert(!mio_event_is_write_closed(&event));
    ck_assert(!mio_event_is_error(&event));
    call_counts(mio_tcp_stream_read(&f.stream, &byte, 1), 0);
    call_counts(mio_tcp_stream_write(&f.stream, "x", 1), 1);
    raw_read(f.peer, &byte, 1);
    close_fixture(&f);
}
END_TEST

START_TEST(peer_closes_with_unread_data_is_read_closed_then_quiet)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE | MIO_WRITABLE);
    call_counts(mio_tcp_stream_write(&f.stream, "never read", 10), 10);
    wait_handle(f.peer, POLLIN);
    end_peer(&f, close_fd); /* the peer closes with unread data, so the peer's kernel resets the connection */
    expect_events(f.poll, {STREAM, MIO_READABLE | MIO_READ_CLOSED});
    expect_no_events(f.poll);
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(peer_aborts_with_linger_0_is_readable)
{
    fixture f = open_fixture(_i);
    char byte;
    watch(&f, MIO_READABLE);
    end_peer(&f, raw_reset);
    expect_events(f.poll, {STREAM, MIO_READABLE});
    call_fails(mio_tcp_stream_read(&f.stream, &byte, 1), ECONNRESET);
    close_fixture(&f);
}
END_TEST

/* ---- the event of an error or a hang-up is always readable and writable ----------------------------------------- */

static const uint32_t interests[] = {
    0,           MIO_READABLE, MIO_WRITABLE, MIO_CLOSED, MIO_READABLE | MIO_LEVEL, MIO_WRITABLE | MIO_LEVEL,
    MIO_ONESHOT, MIO_LEVEL};
enum { INTERESTS = sizeof interests / sizeof interests[0] };

/*
 * Waits for an event that reports an error or the end of both directions, and ignores earlier events. The event must
 * have all bits of `bits`.
 */
static void expect_ended(fixture *f, uint32_t bits)
{
    for (;;) {
        mio_event event = wait_for_event(f->poll, STREAM);
        int over =
            mio_event_is_error(&event) || (mio_event_is_read_closed(&event) && mio_event_is_write_closed(&event));
        if (over) {
            ck_assert_uint_eq(event.readiness & bits, bits);
            return;
        }
    }
}

START_TEST(reset_says_readable_and_writable_whatever_the_interest)
{
    for (size_t i = 0; i < INTERESTS; i++) {
        fixture f = open_fixture(_i);
        call_ok(mio_registry_register(f.registry, &f.stream.source, STREAM, interests[i] & ~MIO_ONESHOT));
        end_peer(&f, raw_reset);
        wait_handle(mio_tcp_stream_handle(&f.stream), POLLERR);
        expect_ended(&f, MIO_READABLE | MIO_WRITABLE | MIO_ERROR | MIO_READ_CLOSED | MIO_WRITE_CLOSED);
        assert_pending(mio_tcp_stream_take_error, &f.stream, -ECONNRESET);
        close_fixture(&f);
    }
}
END_TEST

START_TEST(hang_up_says_readable_and_writable_whatever_the_interest)
{
    for (size_t i = 0; i < INTERESTS; i++) {
        fixture f = open_fixture(_i);
        ck_assert_int_eq(shutdown(f.peer, SHUT_WR), 0);
        wait_handle(mio_tcp_stream_handle(&f.stream), POLLRDHUP);
        call_ok(mio_tcp_stream_shutdown(&f.stream, MIO_SHUTDOWN_BOTH));
        call_ok(mio_registry_register(f.registry, &f.stream.source, STREAM, interests[i]));
        mio_event event = wait_for_event(f.poll, STREAM);
        ck_assert(mio_event_is_readable(&event));
        ck_assert(mio_event_is_writable(&event));
        ck_assert(mio_event_is_read_closed(&event));
        ck_assert(mio_event_is_write_closed(&event));
        ck_assert(!mio_event_is_error(&event));
        close_fixture(&f);
    }
}
END_TEST

START_TEST(refused_connect_says_readable_and_writable_whatever_the_interest)
{
    mio_addr addr;
    int refusing = raw_refusing_tcp(&addr);
    for (size_t i = 0; i < INTERESTS; i++) {
        mio_poll *poll = open_poll(_i);
        mio_tcp_stream stream;
        if (kept(mio_tcp_stream_connect(&stream, &addr)) == 0) {
            wait_handle(mio_tcp_stream_handle(&stream), POLLERR);
            call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, interests[i]));
            expect_events(poll, {STREAM, MIO_READABLE | MIO_WRITABLE | MIO_ERROR | MIO_WRITE_CLOSED});
            assert_pending(mio_tcp_stream_take_error, &stream, -ECONNREFUSED);
            mio_tcp_stream_close(&stream);
        }
        mio_poll_free(poll);
    }
    close_fd(refusing);
}
END_TEST

START_TEST(open_connection_says_nothing_of_closing)
{
    fixture f = open_fixture(_i);
    call_ok(mio_registry_register(f.registry, &f.stream.source, STREAM, MIO_READABLE | MIO_WRITABLE | MIO_CLOSED));
    raw_write(f.peer, "data", 4);
    wait_handle(mio_tcp_stream_handle(&f.stream), POLLIN);
    mio_event event = wait_for_event(f.poll, STREAM);
    ck_assert_uint_eq(event.readiness, MIO_READABLE | MIO_WRITABLE);
    close_fixture(&f);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_readiness");
    TCase *interest = add_tcase(suite, "interests");
    tcase_add_backend_test(interest, registered_readable_only_no_event_on_connect);
    tcase_add_backend_test(interest, reregister_to_writable_with_new_token_reports_writable);
    tcase_add_backend_test(interest, no_events_after_deregister_read_would_block_and_write_works);
    tcase_add_backend_test(interest, closed_only_interest_reports_the_end_and_not_data);
    tcase_add_backend_test(interest, out_of_band_byte_is_readable_and_priority);
    TCase *peeking = add_tcase(suite, "peeking");
    tcase_add_backend_test(peeking, successful_peek_does_not_consume_the_readable_event);
    tcase_add_backend_test(peeking, peek_that_would_block_rearms_next_data_is_reported);
    tcase_add_backend_test(peeking, read_would_block_data_read_peek_would_block_data_reported_both_times);
    TCase *local = add_tcase(suite, "this side shuts down");
    tcase_add_backend_test(local, local_shutdown_read_is_read_closed);
    tcase_add_backend_test(local, local_shutdown_write_is_write_closed_on_kqueue_and_the_other_side_lives);
    tcase_add_backend_test(local, local_shutdown_both_is_write_closed);
    TCase *remote = add_tcase(suite, "the peer ends");
    tcase_add_backend_test(remote, peer_shutdown_write_is_read_closed);
    tcase_add_backend_test(remote, peer_closes_with_unread_data_is_read_closed_then_quiet);
    tcase_add_backend_test(remote, peer_aborts_with_linger_0_is_readable);
    TCase *portable = add_tcase(suite, "an error or a hang-up says readable and writable");
    tcase_add_backend_test(portable, reset_says_readable_and_writable_whatever_the_interest);
    tcase_add_backend_test(portable, hang_up_says_readable_and_writable_whatever_the_interest);
    tcase_add_backend_test(portable, refused_connect_says_readable_and_writable_whatever_the_interest);
    tcase_add_backend_test(portable, open_connection_says_nothing_of_closing);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
