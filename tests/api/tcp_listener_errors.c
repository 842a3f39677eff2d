/* SPDX-License-Identifier: MIT */
/*
 * Tests the errors of opening TCP listeners and of accepting. refused.c tests arguments that are invalid in every
 * situation.
 */
#include "../helpers/sockets.h"

#include <poll.h>

static int bind_privileged_port(void *context)
{
    mio_addr addr = with_port(loopback_v4(), 1);
    mio_tcp_listener listener = {{{0}}};
    mio_udp_socket socket = {{{0}}};
    (void)context;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_tcp_listener_bind(&listener, &addr, 16) == -EACCES);
    require(mio_udp_socket_bind(&socket, &addr) == -EACCES);
    return 0;
}

START_TEST(binding_to_a_privileged_port_fails)
{
    if (system_setting("/proc/sys/net/ipv4/ip_unprivileged_port_start") <= 1) {
        skip("no port is privileged");
    } else if (run_apart(bind_privileged_port, NULL) == SKIPPED) {
        skip("cannot drop privileges");
    }
}
END_TEST

START_TEST(accept_without_descriptors_fails_and_the_connection_waits)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    mio_addr peer = unix_addr();
    make_listener(&listener, &addr);
    int client = raw_connect(&addr);
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    int before = count_descriptors();
    scribble(&stream, sizeof stream);
    refuse_descriptors();
    call_fails_keeping(&stream, mio_tcp_listener_accept(&listener, &stream, NULL), EMFILE);
    if (!under_valgrind()) { /* Valgrind accepts the connection, closes it, and then returns EMFILE */
        call_fails_keeping(&peer, mio_tcp_listener_accept(&listener, &stream, &peer), EMFILE);
    }
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
    if (!under_valgrind()) {
        call_ok(mio_tcp_listener_accept(&listener, &stream, &peer));
        addr = raw_local_addr(client);
        assert_addr_eq(&peer, &addr);
        mio_tcp_stream_close(&stream);
    }
    close_fd(client);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(accept_of_a_listener_that_was_shut_down_fails)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr peer = unix_addr();
    make_listener(&listener, NULL);
    scribble(&stream, sizeof stream);
    ck_assert_int_eq(shutdown(mio_tcp_listener_handle(&listener), SHUT_RD), 0);
    call_fails_keeping(&stream, mio_tcp_listener_accept(&listener, &stream, &peer), EINVAL);
    call_fails_keeping(&peer, mio_tcp_listener_accept(&listener, &stream, &peer), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_listener_errors");
    TCase *opening = add_tcase(suite, "bind and accept");
    tcase_add_test(opening, binding_to_a_privileged_port_fails);
    tcase_add_test(opening, accept_without_descriptors_fails_and_the_connection_waits);
    tcase_add_test(opening, accept_of_a_listener_that_was_shut_down_fails);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
