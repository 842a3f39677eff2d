/* SPDX-License-Identifier: MIT */
/*
 * Tests a listener and streams with one poll object: connecting, accepting, transfers and closing. tcp_bulk.c tests
 * long transfers. regressions.c looks for bugs that other libraries had.
 */
#include "../helpers/sockets.h"

#include <poll.h>
#include <stdlib.h>

enum { LISTENER = 1, CLIENT = 2, SERVER = 3 };

/* A poll object, and a listener that is not registered yet. */
typedef struct fixture {
    mio_poll *poll;
    mio_registry *registry;
    mio_tcp_listener listener;
    mio_addr addr;
} fixture;

static fixture open_fixture(int variant)
{
    fixture f;
    f.poll = open_poll(variant);
    f.registry = mio_poll_registry(f.poll);
    make_listener(&f.listener, &f.addr);
    return f;
}

static void close_fixture(fixture *f)
{
    mio_tcp_listener_close(&f->listener);
    mio_poll_free(f->poll);
}

static void watch(fixture *f, mio_source *source, uintptr_t token, uint32_t interest)
{
    call_ok(mio_registry_register(f->registry, source, token, interest));
}

/* Waits for events. The wait must return one event, with the token `token` and at least the bits of `readiness`.
 * Returns the event. */
static mio_event expect_one_event(fixture *f, uintptr_t token, uint32_t readiness)
{
    mio_event events[8];
    ck_assert_int_eq(wait_events(f->poll, events, 8, LONG_WAIT), 1);
    ck_assert_uint_eq(events[0].token, token);
    ck_assert_uint_eq(events[0].readiness & readiness, readiness);
    return events[0];
}

/* ---- types ------------------------------------------------------------------------------------------------------ */

START_TEST(listener_and_stream_are_as_small_as_a_source)
{
    ck_assert_uint_eq(sizeof(mio_source), 32);
    ck_assert_uint_eq(sizeof(mio_tcp_listener), sizeof(mio_source));
    ck_assert_uint_eq(sizeof(mio_tcp_stream), sizeof(mio_source));
    ck_assert_uint_eq(offsetof(mio_tcp_listener, source), 0);
    ck_assert_uint_eq(offsetof(mio_tcp_stream, source), 0);
}
END_TEST

static void *read_and_close(void *context)
{
    mio_tcp_stream *stream = context;
    char buffer[5];
    read_all(stream, buffer, sizeof buffer);
    ck_assert_mem_eq(buffer, "hello", 5);
    mio_tcp_stream_close(stream);
    return NULL;
}

static void *accept_in_thread(void *context)
{
    fixture *f = context;
    mio_tcp_stream *stream = calloc(1, sizeof *stream);
    ck_assert_ptr_nonnull(stream);
    accept_one(&f->listener, stream);
    watch(f, &stream->source, SERVER, MIO_READABLE);
    return stream;
}

START_TEST(listener_and_stream_go_from_thread_to_thread)
{
    fixture f = open_fixture(_i);
    pthread_t thread = start_thread(accept_in_thread, &f);
    int client = raw_connect(&f.addr);
    mio_tcp_stream *stream = join_thread(thread);
    raw_write(client, "hello", 5);
    expect_events(f.poll, {SERVER, MIO_READABLE});
    join_thread(start_thread(read_and_close, stream));
    raw_expect_end(client);
    close_fd(client);
    free(stream);
    close_fixture(&f);
}
END_TEST

/* ---- accepting and connecting ----------------------------------------------------------------------------------- */

START_TEST(accept_gives_one_readable_event_one_stream_then_would_block)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream stream;
    watch(&f, &f.listener.source, LISTENER, MIO_READABLE);
    int client = raw_connect(&f.addr);
    expect_one_event(&f, LISTENER, MIO_READABLE);
    call_ok(mio_tcp_listener_accept(&f.listener, &stream, NULL));
    assert_would_block(kept(mio_tcp_listener_accept(&f.listener, &stream, NULL)));
    expect_no_events(f.poll);
    mio_tcp_stream_close(&stream);
    close_fd(client);
    close_fixture(&f);
}
END_TEST

START_TEST(connect_first_event_is_writable_then_readable_when_the_peer_closes)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream stream;
    char byte;
    call_ok(mio_tcp_stream_connect(&stream, &f.addr));
    watch(&f, &stream.source, CLIENT, MIO_READABLE | MIO_WRITABLE);
    mio_event event = expect_one_event(&f, CLIENT, MIO_WRITABLE);
    ck_assert(!mio_event_is_readable(&event));
    mio_tcp_stream accepted;
    accept_one(&f.listener, &accepted);
    mio_tcp_stream_close(&accepted);
    expect_one_event(&f, CLIENT, MIO_READABLE);
    call_counts(mio_tcp_stream_read(&stream, &byte, 1), 0);
    mio_tcp_stream_close(&stream);
    close_fixture(&f);
}
END_TEST

START_TEST(accepted_stream_registered_and_dropped_at_once_client_gets_an_event)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte;
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    watch(&f, &client.source, CLIENT, MIO_READABLE);
    accept_one(&f.listener, &server);
    watch(&f, &server.source, SERVER, MIO_READABLE | MIO_WRITABLE);
    mio_tcp_stream_close(&server);
    expect_events(f.poll, {CLIENT, MIO_READABLE});
    call_counts(mio_tcp_stream_read(&client, &byte, 1), 0);
    expect_no_events(f.poll);
    mio_tcp_stream_close(&client);
    close_fixture(&f);
}
END_TEST

START_TEST(closed_listener_yields_no_event)
{
    fixture f = open_fixture(_i);
    watch(&f, &f.listener.source, LISTENER, MIO_READABLE | MIO_WRITABLE);
    mio_tcp_listener_close(&f.listener);
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(closed_listener_with_a_connection_waiting_yields_no_event)
{
    fixture f = open_fixture(_i);
    watch(&f, &f.listener.source, LISTENER, MIO_READABLE | MIO_WRITABLE);
    int client = raw_connect(&f.addr);
    wait_handle(mio_tcp_listener_handle(&f.listener), POLLIN);
    mio_tcp_listener_close(&f.listener);
    expect_no_events(f.poll);
    close_fd(client);
    close_fixture(&f);
}
END_TEST

START_TEST(binding_the_same_address_twice_fails)
{
    mio_tcp_listener first;
    mio_tcp_listener second;
    mio_addr addr;
    make_listener(&first, &addr);
    memset(&second, 0, sizeof second);
    call_fails_keeping(&second, mio_tcp_listener_bind(&second, &addr, 16), EADDRINUSE);
    mio_tcp_listener_close(&first);
    call_ok(mio_tcp_listener_bind(&second, &addr, 16));
    mio_tcp_listener_close(&second);
}
END_TEST

START_TEST(local_and_peer_addr_work_on_both_sides_and_three_bytes_are_written)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_addr ends[2];
    mio_addr others[2];
    watch(&f, &f.listener.source, LISTENER, MIO_READABLE);
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    watch(&f, &client.source, CLIENT, MIO_WRITABLE);
    expect_events(f.poll, {LISTENER, MIO_READABLE}, {CLIENT, MIO_WRITABLE});
    call_ok(mio_tcp_stream_connect_finish(&client));
    call_ok(mio_tcp_listener_accept(&f.listener, &server, &others[1]));
    call_ok(mio_tcp_stream_local_addr(&client, &ends[0]));
    call_ok(mio_tcp_stream_peer_addr(&server, &others[0]));
    assert_addr_eq(&ends[0], &others[0]);
    assert_addr_eq(&ends[0], &others[1]);
    call_ok(mio_tcp_stream_peer_addr(&client, &ends[0]));
    call_ok(mio_tcp_stream_local_addr(&server, &others[0]));
    assert_addr_eq(&ends[0], &others[0]);
    assert_addr_eq(&ends[0], &f.addr);
    call_counts(mio_tcp_stream_write(&server, "abc", 3), 3);
    char buffer[3];
    read_all(&client, buffer, 3);
    ck_assert_mem_eq(buffer, "abc", 3);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    close_fixture(&f);
}
END_TEST

/* ---- writing ---------------------------------------------------------------------------------------------------- */

START_TEST(sixteen_immediate_writes_of_1_kib_succeed_after_connect)
{
    enum { WRITES = 16, SIZE = 1024 };
    static uint8_t data[SIZE];
    static uint8_t all[WRITES * SIZE];
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    watch(&f, &client.source, CLIENT, MIO_WRITABLE);
    expect_events(f.poll, {CLIENT, MIO_WRITABLE});
    for (size_t i = 0; i < WRITES; i++) {
        fill_pattern(data, SIZE, i * SIZE);
        call_counts(mio_tcp_stream_write(&client, data, SIZE), SIZE);
    }
    accept_one(&f.listener, &server);
    read_all(&server, all, sizeof all);
    assert_pattern(all, sizeof all, 0);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    close_fixture(&f);
}
END_TEST

START_TEST(write_then_drop_the_peer_gets_one_event_and_all_the_data)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream server;
    char buffer[16];
    int client = raw_connect(&f.addr);
    accept_one(&f.listener, &server);
    mio_tcp_stream stream;
    call_ok(mio_tcp_stream_from_handle(&stream, client));
    watch(&f, &server.source, SERVER, MIO_WRITABLE);
    expect_one_event(&f, SERVER, MIO_WRITABLE);
    call_counts(mio_tcp_stream_write(&server, "\1\2\3\4", 4), 4);
    mio_tcp_stream_close(&server);
    wait_handle(mio_tcp_stream_handle(&stream), POLLRDHUP);
    watch(&f, &stream.source, CLIENT, MIO_READABLE);
    expect_one_event(&f, CLIENT, MIO_READABLE);
    expect_no_events(f.poll);
    call_counts(mio_tcp_stream_read(&stream, buffer, sizeof buffer), 4);
    ck_assert_mem_eq(buffer, "\1\2\3\4", 4);
    call_counts(mio_tcp_stream_read(&stream, buffer, sizeof buffer), 0);
    mio_tcp_stream_close(&stream);
    close_fixture(&f);
}
END_TEST

START_TEST(write_then_deregister_the_peer_still_gets_the_data)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char buffer[16];
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    accept_one(&f.listener, &server);
    watch(&f, &client.source, CLIENT, MIO_READABLE);
    watch(&f, &server.source, SERVER, MIO_WRITABLE);
    expect_events(f.poll, {SERVER, MIO_WRITABLE});
    call_counts(mio_tcp_stream_write(&server, "\1\2\3\4", 4), 4);
    call_ok(mio_registry_deregister(f.registry, &server.source));
    expect_events(f.poll, {CLIENT, MIO_READABLE});
    call_counts(mio_tcp_stream_read(&client, buffer, sizeof buffer), 4);
    ck_assert_mem_eq(buffer, "\1\2\3\4", 4);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    close_fixture(&f);
}
END_TEST

START_TEST(three_sources_deregistered_no_events_and_io_still_works)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char buffer[16];
    watch(&f, &f.listener.source, LISTENER, MIO_READABLE);
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    watch(&f, &client.source, CLIENT, MIO_READABLE | MIO_WRITABLE);
    expect_events(f.poll, {LISTENER, MIO_READABLE}, {CLIENT, MIO_WRITABLE});
    call_ok(mio_tcp_listener_accept(&f.listener, &server, NULL));
    watch(&f, &server.source, SERVER, MIO_READABLE | MIO_WRITABLE);
    call_counts(mio_tcp_stream_write(&client, "hello", 5), 5);
    call_ok(mio_registry_deregister(f.registry, &client.source));
    call_ok(mio_registry_deregister(f.registry, &server.source));
    call_ok(mio_registry_deregister(f.registry, &f.listener.source));
    int another = raw_connect(&f.addr);
    expect_no_events(f.poll);
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    call_counts(mio_tcp_stream_read(&server, buffer, sizeof buffer), 5);
    call_counts(mio_tcp_stream_write(&server, "bye", 3), 3);
    wait_handle(mio_tcp_stream_handle(&client), POLLIN);
    call_counts(mio_tcp_stream_read(&client, buffer, sizeof buffer), 3);
    mio_tcp_stream_close(&server);
    accept_one(&f.listener, &server);
    close_fd(another);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    close_fixture(&f);
}
END_TEST

/* ---- connections that end --------------------------------------------------------------------------------------- */

START_TEST(peer_resets_server_registered_afterwards_gets_readable)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream server;
    char byte;
    int client = raw_connect(&f.addr);
    accept_one(&f.listener, &server);
    raw_reset(client);
    wait_handle(mio_tcp_stream_handle(&server), POLLERR);
    watch(&f, &server.source, SERVER, MIO_READABLE);
    expect_events(f.poll, {SERVER, MIO_READABLE});
    int64_t count = kept(mio_tcp_stream_read(&server, &byte, 1));
    ck_assert_msg(count == 0 || count == -ECONNRESET, "%s", errno_name(count));
    mio_tcp_stream_close(&server);
    close_fixture(&f);
}
END_TEST

START_TEST(connection_reset_before_accept_does_no_harm)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream server;
    char byte;
    watch(&f, &f.listener.source, LISTENER, MIO_READABLE);
    raw_reset(raw_connect(&f.addr));
    int client = raw_connect(&f.addr);
    expect_events(f.poll, {LISTENER, MIO_READABLE});
    /*
     * The first client has reset its connection: accepting this connection fails, or returns a stream without data. The
     * second connection works.
     */
    int64_t rc = kept(mio_tcp_listener_accept(&f.listener, &server, NULL));
    if (rc == 0) {
        wait_handle(mio_tcp_stream_handle(&server), POLLIN);
        rc = kept(mio_tcp_stream_read(&server, &byte, 1));
        ck_assert_msg(rc == 0 || rc == -ECONNRESET, "%s", errno_name(rc));
        mio_tcp_stream_close(&server);
    } else {
        ck_assert_errno(rc, -ECONNABORTED);
    }
    accept_one(&f.listener, &server);
    raw_write(client, "x", 1);
    read_all(&server, &byte, 1);
    mio_tcp_stream_close(&server);
    close_fd(client);
    close_fixture(&f);
}
END_TEST

START_TEST(refused_connect_is_writable_or_error_and_write_closed_and_take_error_tells_why)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream stream;
    mio_addr addr;
    int refusing = raw_refusing_tcp(&addr);
    int64_t rc = kept(mio_tcp_stream_connect(&stream, &addr));
    if (rc == 0) {
        watch(&f, &stream.source, CLIENT, MIO_READABLE | MIO_WRITABLE);
        mio_event event = wait_for_event(f.poll, CLIENT);
        ck_assert(mio_event_is_writable(&event) || mio_event_is_error(&event));
        ck_assert(mio_event_is_write_closed(&event));
        assert_pending(mio_tcp_stream_take_error, &stream, -ECONNREFUSED);
        assert_pending(mio_tcp_stream_take_error, &stream, 0);
        mio_tcp_stream_close(&stream);
    } else {
        ck_assert_errno(rc, -ECONNREFUSED);
    }
    close_fd(refusing);
    close_fixture(&f);
}
END_TEST

START_TEST(writing_to_a_peer_that_went_away_eventually_errors)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    static const char data[1024];
    int64_t count = 0;
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    watch(&f, &client.source, CLIENT, MIO_READABLE | MIO_WRITABLE);
    accept_one(&f.listener, &server);
    mio_tcp_stream_close(&server);
    while (count >= 0) {
        expect_events(f.poll, {CLIENT, 0});
        do {
            count = kept(mio_tcp_stream_write(&client, data, sizeof data));
        } while (count > 0);
        count = count == -EAGAIN ? 0 : count;
    }
    ck_assert_msg(count == -EPIPE || count == -ECONNRESET, "%s", errno_name(count));
    mio_tcp_stream_close(&client);
    close_fixture(&f);
}
END_TEST

START_TEST(after_connect_no_closed_flags_and_quiet_then_peer_shutdown_is_readable_and_read_closed)
{
    fixture f = open_fixture(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte;
    call_ok(mio_tcp_stream_connect(&client, &f.addr));
    watch(&f, &client.source, CLIENT, MIO_READABLE | MIO_WRITABLE);
    mio_event event = expect_one_event(&f, CLIENT, MIO_WRITABLE);
    ck_assert(!mio_event_is_read_closed(&event));
    ck_assert(!mio_event_is_write_closed(&event));
    expect_no_events(f.poll);
    accept_one(&f.listener, &server);
    call_ok(mio_tcp_stream_shutdown(&server, MIO_SHUTDOWN_WRITE));
    event = expect_one_event(&f, CLIENT, MIO_READABLE | MIO_READ_CLOSED);
    ck_assert(!mio_event_is_write_closed(&event));
    call_counts(mio_tcp_stream_read(&client, &byte, 1), 0);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    close_fixture(&f);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp");
    TCase *types = add_tcase(suite, "types");
    tcase_add_test(types, listener_and_stream_are_as_small_as_a_source);
    tcase_add_backend_test(types, listener_and_stream_go_from_thread_to_thread);
    TCase *meeting = add_tcase(suite, "accepting and connecting");
    tcase_add_backend_test(meeting, accept_gives_one_readable_event_one_stream_then_would_block);
    tcase_add_backend_test(meeting, connect_first_event_is_writable_then_readable_when_the_peer_closes);
    tcase_add_backend_test(meeting, accepted_stream_registered_and_dropped_at_once_client_gets_an_event);
    tcase_add_backend_test(meeting, closed_listener_yields_no_event);
    tcase_add_backend_test(meeting, closed_listener_with_a_connection_waiting_yields_no_event);
    tcase_add_test(meeting, binding_the_same_address_twice_fails);
    tcase_add_backend_test(meeting, local_and_peer_addr_work_on_both_sides_and_three_bytes_are_written);
    TCase *writing = add_tcase(suite, "writing");
    tcase_add_backend_test(writing, sixteen_immediate_writes_of_1_kib_succeed_after_connect);
    tcase_add_backend_test(writing, write_then_drop_the_peer_gets_one_event_and_all_the_data);
    tcase_add_backend_test(writing, write_then_deregister_the_peer_still_gets_the_data);
    tcase_add_backend_test(writing, three_sources_deregistered_no_events_and_io_still_works);
    TCase *ending = add_tcase(suite, "connections that end");
    tcase_add_backend_test(ending, peer_resets_server_registered_afterwards_gets_readable);
    tcase_add_backend_test(ending, connection_reset_before_accept_does_no_harm);
    tcase_add_backend_test(ending, refused_connect_is_writable_or_error_and_write_closed_and_take_error_tells_why);
    tcase_add_backend_test(ending, writing_to_a_peer_that_went_away_eventually_errors);
    tcase_add_backend_test(ending,
                           after_connect_no_closed_flags_and_quiet_then_peer_shutdown_is_readable_and_read_closed);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
