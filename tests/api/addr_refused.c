/* SPDX-License-Identifier: MIT */
/*
 * Tests that the functions that bind, connect or send refuse some well-formed IP addresses. In the last test, both
 * sides have ended a TCP connection. Functions that need a connection must then return -ENOTCONN.
 */
#include "../helpers/sockets.h"

#include <poll.h>

enum { NO_INTERFACE = 0x7fffffff };

/* Returns the link-local address fe80::1 with the given scope, and a port that any user may bind. The scope 0 means no
 * scope. */
static mio_addr link_local(uint32_t scope)
{
    static const uint8_t ip[16] = {0xfe, 0x80, [15] = 1};
    mio_addr addr;
    call_ok(mio_addr_from_ipv6(&addr, ip, 49999, 0, scope));
    return addr;
}

static bool skip_ipv6(void)
{
    if (have_ipv6()) return false;
    skip("no IPv6");
    return true;
}

START_TEST(a_link_local_address_needs_its_scope)
{
    if (skip_ipv6()) return;
    mio_addr addr = link_local(0);
    mio_addr any = loopback_v6();
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_udp_socket socket;
    scribble(&listener, sizeof listener);
    scribble(&stream, sizeof stream);
    scribble(&socket, sizeof socket);
    int before = count_descriptors();
    call_fails_keeping(&listener, mio_tcp_listener_bind(&listener, &addr, 1), EINVAL);
    call_fails_keeping(&stream, mio_tcp_stream_connect(&stream, &addr), EINVAL);
    call_fails_keeping(&socket, mio_udp_socket_bind(&socket, &addr), EINVAL);
    ck_assert_int_eq(count_descriptors(), before);
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_fails(mio_udp_socket_connect(&socket, &addr), EINVAL);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(the_scope_must_be_an_interface)
{
    if (skip_ipv6()) return;
    mio_addr addr = link_local(NO_INTERFACE);
    mio_tcp_listener listener;
    mio_udp_socket socket;
    scribble(&listener, sizeof listener);
    scribble(&socket, sizeof socket);
    int before = count_descriptors();
    call_fails_keeping(&listener, mio_tcp_listener_bind(&listener, &addr, 1), ENODEV);
    call_fails_keeping(&socket, mio_udp_socket_bind(&socket, &addr), ENODEV);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(the_scope_of_a_destination_must_be_an_interface)
{
    if (skip_ipv6()) return;
    mio_addr addr = link_local(NO_INTERFACE);
    mio_addr any = ipv6("::", 0);
    mio_tcp_socket tcp;
    mio_tcp_stream stream;
    mio_udp_socket udp;
    mio_iovec piece = {(void *)"x", 1};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.pieces = &piece;
    message.piece_count = 1;
    message.addr = &addr;
    call_fails(mio_tcp_stream_connect(&stream, &addr), ENODEV);
    call_ok(mio_tcp_socket_open(&tcp, MIO_ADDR_IPV6));
    call_fails(mio_tcp_socket_connect(&tcp, &addr, &stream), ENODEV);
    mio_tcp_socket_close(&tcp);
    call_ok(mio_udp_socket_bind(&udp, &any));
    call_fails(mio_udp_socket_connect(&udp, &addr), ENODEV);
    call_fails(mio_udp_socket_send_to(&udp, "x", 1, &addr), ENODEV);
    call_fails(mio_udp_socket_send_message(&udp, &message), ENODEV);
    call_fails(mio_udp_socket_send_batch(&udp, &message, 1), ENODEV);
    mio_udp_socket_close(&udp);
}
END_TEST

START_TEST(a_socket_that_is_refused_an_address_stays_as_it_was)
{
    if (skip_ipv6()) return;
    mio_addr without_scope = link_local(0);
    mio_addr no_interface = link_local(NO_INTERFACE);
    mio_addr group = ipv6("ff05::1", 0);
    mio_addr any = loopback_v6();
    mio_tcp_socket socket;
    mio_tcp_stream stream;
    scribble(&stream, sizeof stream);
    call_ok(mio_tcp_socket_open(&socket, MIO_ADDR_IPV6));
    call_fails_keeping(&socket, mio_tcp_socket_bind(&socket, &without_scope), EINVAL);
    call_fails_keeping(&socket, mio_tcp_socket_bind(&socket, &group), EINVAL);
    call_fails_keeping(&stream, mio_tcp_socket_connect(&socket, &without_scope, &stream), EINVAL);
    call_ok(mio_tcp_socket_bind(&socket, &any)); /* the socket is unchanged */
    mio_tcp_socket_close(&socket);
    call_ok(mio_tcp_socket_open(&socket, MIO_ADDR_IPV6));
    call_fails_keeping(&socket, mio_tcp_socket_bind(&socket, &no_interface), ENODEV);
    mio_tcp_socket_close(&socket);
}
END_TEST

START_TEST(nobody_listens_on_an_ipv6_group)
{
    if (skip_ipv6()) return;
    mio_addr group = ipv6("ff05::1", 0);
    mio_tcp_listener listener;
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_tcp_listener_bind(&listener, &group, 1), EINVAL);
}
END_TEST

START_TEST(a_socket_of_ipv6_only_takes_no_ipv4)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr inside = ipv6("::ffff:127.0.0.1", 0);
    for (int only = 0; only <= 1; only++) {
        mio_tcp_socket socket;
        call_ok(mio_tcp_socket_open(&socket, MIO_ADDR_IPV6));
        call_ok(mio_source_set_option(&socket.source, MIO_OPTION_ONLY_V6, only));
        if (only) {
            call_fails_keeping(&socket, mio_tcp_socket_bind(&socket, &inside), EINVAL);
        } else {
            call_ok(mio_tcp_socket_bind(&socket, &inside));
        }
        mio_tcp_socket_close(&socket);
    }
}
END_TEST

START_TEST(nothing_is_sent_to_port_0)
{
    mio_addr any = loopback_v4();
    mio_udp_socket socket;
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_fails(mio_udp_socket_send_to(&socket, "x", 1, &any), EINVAL);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(a_connection_that_both_sides_have_ended_is_not_connected)
{
    mio_addr addr;
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_event event;
    char byte;
    mio_poll *poll = open_poll(_i);
    make_listener(&listener, &addr);
    call_ok(mio_tcp_stream_connect(&client, &addr));
    call_ok(mio_registry_register(mio_poll_registry(poll), &client.source, 1, MIO_READABLE | MIO_WRITABLE));
    while (mio_tcp_stream_connect_finish(&client) == -EINPROGRESS)
        ck_assert_int_eq(mio_poll_wait(poll, &event, 1, -1), 1);
    call_ok(mio_tcp_stream_connect_finish(&client));

    accept_one(&listener, &server);
    call_ok(mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_WRITE));
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    call_counts(mio_tcp_stream_read(&server, &byte, 1), 0);
    mio_tcp_stream_close(&server);
    while (mio_tcp_stream_read(&client, &byte, 1) == -EAGAIN)
        ck_assert_int_eq(mio_poll_wait(poll, &event, 1, -1), 1);
    call_fails(mio_tcp_stream_connect_finish(&client), ENOTCONN);
    scribble(&addr, sizeof addr);
    call_fails_keeping(&addr, mio_tcp_stream_peer_addr(&client, &addr), ENOTCONN);
    call_fails(mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_BOTH), ENOTCONN);

    mio_tcp_stream_close(&client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("addr_refused");
    TCase *tcase = add_tcase(suite, "addresses");
    tcase_add_test(tcase, a_link_local_address_needs_its_scope);
    tcase_add_test(tcase, the_scope_must_be_an_interface);
    tcase_add_test(tcase, the_scope_of_a_destination_must_be_an_interface);
    tcase_add_test(tcase, a_socket_that_is_refused_an_address_stays_as_it_was);
    tcase_add_test(tcase, nobody_listens_on_an_ipv6_group);
    tcase_add_test(tcase, a_socket_of_ipv6_only_takes_no_ipv4);
    tcase_add_test(tcase, nothing_is_sent_to_port_0);
    tcase = add_tcase(suite, "connections");
    tcase_add_backend_test(tcase, a_connection_that_both_sides_have_ended_is_not_connected);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
