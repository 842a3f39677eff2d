/* SPDX-License-Identifier: MIT */
/*
 * Tests for known bugs of similar libraries. A number beside a test is the number of a bug report against the Rust
 * library mio. Of the tests without a number, only close_on_drop comes from the Rust library. The file unix_datagram.c
 * has the test of #1403, which is about Unix sockets.
 */
#include "../helpers/harness.h"

#include <poll.h>

/*
 * #776: a new connection has no data, so reading returns -EAGAIN. After the client has closed the connection, the
 * server reads the end of the stream.
 */
START_TEST(issue_776_read_on_a_fresh_connection_would_block_and_a_drop_ends_the_peer)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_addr addr;
    char byte;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
    accept_one(&listener, &server);
    ck_assert_ok(mio_registry_register(registry, &client.source, 1, MIO_READABLE | MIO_WRITABLE));
    ck_assert_ok(mio_registry_register(registry, &server.source, 2, MIO_READABLE));
    expect_events(poll, {1, MIO_WRITABLE});
    assert_would_block(mio_tcp_stream_read(&client, &byte, 1));
    mio_tcp_stream_close(&client);
    expect_events(poll, {2, MIO_READABLE});
    ck_assert_count(mio_tcp_stream_read(&server, &byte, 1), 0);
    mio_tcp_stream_close(&server);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/* #1205: a listener with a pending connection is deregistered. A wait then returns only the event of the waker. */
START_TEST(issue_1205_listener_deregistered_with_a_pending_connection_leaves_only_the_waker)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_waker *waker = make_waker(poll, 1);
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(registry, &listener.source, 2, MIO_READABLE));
    expect_no_events(poll);
    ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    ck_assert_ok(mio_registry_deregister(registry, &listener.source));
    ck_assert_ok(mio_waker_wake(waker));
    expect_one_wake(poll, 1);
    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/*
 * close_on_drop (a test of the Rust library): the server accepts the connection and closes it. An event reports the
 * client as readable, and reading returns 0.
 */
START_TEST(close_on_drop_the_client_sees_readable_and_reads_zero)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_addr addr;
    char byte;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(registry, &listener.source, 1, MIO_READABLE));
    ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
    ck_assert_ok(mio_registry_register(registry, &client.source, 2, MIO_READABLE));
    expect_events(poll, {1, MIO_READABLE});
    ck_assert_ok(mio_tcp_listener_accept(&listener, &server, NULL));
    mio_tcp_stream_close(&server);
    expect_events(poll, {2, MIO_READABLE});
    ck_assert_count(mio_tcp_stream_read(&client, &byte, 1), 0);
    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/* A connected UDP socket still works after an ICMP error: the program can read, and later datagrams cause events. */
START_TEST(a_udp_socket_lives_on_after_an_icmp_error)
{
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr addr;
    char byte = 0;
    make_udp_pair(&left, &right);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, 1, MIO_READABLE));
    mio_udp_socket_close(&right);
    ck_assert_count(mio_udp_socket_send(&left, "x", 1), 1);
    expect_events(poll, {1, MIO_READABLE | MIO_WRITABLE | MIO_ERROR});
    ck_assert_errno(mio_udp_socket_recv(&left, &byte, 1, NULL), -ECONNREFUSED);
    assert_would_block(mio_udp_socket_recv(&left, &byte, 1, NULL));
    addr = loopback_v4();
    ck_assert_ok(mio_udp_socket_bind(&right, &addr));
    ck_assert_ok(mio_udp_socket_local_addr(&right, &addr));
    ck_assert_ok(mio_udp_socket_connect(&left, &addr));
    ck_assert_ok(mio_udp_socket_local_addr(&left, &addr));
    ck_assert_count(mio_udp_socket_send_to(&right, "y", 1, &addr), 1);
    expect_events(poll, {1, MIO_READABLE});
    ck_assert_count(mio_udp_socket_recv(&left, &byte, 1, NULL), 1);
    ck_assert_int_eq(byte, 'y');
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

/* In each of several rounds, the test accepts until -EAGAIN. Then an event must report the next connection. */
START_TEST(every_connection_is_reported_after_the_drain)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, 1, MIO_READABLE));
    for (int round = 0; round < 5; round++) {
        mio_tcp_stream client;
        mio_tcp_stream server;
        ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
        expect_events(poll, {1, MIO_READABLE});
        ck_assert_ok(mio_tcp_listener_accept(&listener, &server, NULL));
        assert_would_block(mio_tcp_listener_accept(&listener, &server, NULL));
        mio_tcp_stream_close(&server);
        mio_tcp_stream_close(&client);
    }
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("regressions");
    TCase *tcase = add_tcase(suite, "regressions");
    tcase_add_backend_test(tcase, issue_776_read_on_a_fresh_connection_would_block_and_a_drop_ends_the_peer);
    tcase_add_backend_test(tcase, issue_1205_listener_deregistered_with_a_pending_connection_leaves_only_the_waker);
    tcase_add_backend_test(tcase, close_on_drop_the_client_sees_readable_and_reads_zero);
    tcase_add_backend_test(tcase, a_udp_socket_lives_on_after_an_icmp_error);
    tcase_add_backend_test(tcase, every_connection_is_reported_after_the_drain);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
