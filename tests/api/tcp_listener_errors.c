/* SPDX-License-Identifier: MIT */
/* TCP listeners: errors of opening and accepting, which change and leak nothing. */
#include "../helpers/sockets.h"

#include <poll.h>

/* A bind that must fail with `code`, leaving the storage alone and nothing open. */
static void expect_bind_fails(const mio_addr *addr, int backlog, int code)
{
    mio_tcp_listener listener;
    int before = count_descriptors();
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_tcp_listener_bind(&listener, addr, backlog), code);
    ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(bind_needs_a_listener_and_an_address)
{
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    memset(&listener, 0, sizeof listener);
    call_fails(mio_tcp_listener_bind(NULL, &any, 16), EINVAL);
    call_fails(mio_tcp_listener_bind(NULL, NULL, 16), EINVAL);
    expect_bind_fails(NULL, 16, EINVAL);
}
END_TEST

START_TEST(bind_refuses_a_backlog_of_0_and_below_minus_1)
{
    mio_addr any = loopback_v4();
    expect_bind_fails(&any, 0, EINVAL);
    expect_bind_fails(&any, -2, EINVAL);
    expect_bind_fails(&any, INT32_MIN, EINVAL);
}
END_TEST

START_TEST(bind_refuses_what_is_not_an_ip_address)
{
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    mio_addr garbage;
    scribble(&garbage, sizeof garbage);
    expect_bind_fails(&none, 16, EAFNOSUPPORT);
    expect_bind_fails(&path, 16, EAFNOSUPPORT);
    expect_bind_fails(&garbage, 16, EAFNOSUPPORT);
}
END_TEST

START_TEST(binding_to_an_address_in_use_fails)
{
    mio_tcp_listener listener;
    mio_addr addr;
    make_listener(&listener, &addr);
    expect_bind_fails(&addr, 16, EADDRINUSE);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(binding_to_an_address_of_another_machine_fails)
{
    mio_addr foreign = foreign_v4();
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") != 0) {
        skip("ip_nonlocal_bind is set");
        return;
    }
    expect_bind_fails(&foreign, 16, EADDRNOTAVAIL);
}
END_TEST

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
    if (!under_valgrind()) { /* which accepts first, and closes what is above the limit */
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

START_TEST(accept_with_nothing_waiting_keeps_its_arguments)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr peer = unix_addr();
    make_listener(&listener, NULL);
    scribble(&stream, sizeof stream);
    call_fails_keeping(&stream, mio_tcp_listener_accept(&listener, &stream, NULL), EAGAIN);
    call_fails_keeping(&peer, mio_tcp_listener_accept(&listener, &stream, &peer), EAGAIN);
    call_fails_keeping(&listener, mio_tcp_listener_accept(&listener, NULL, &peer), EINVAL);
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

/* ---- closed, garbage and null ----------------------------------------------------------------------------------- */

START_TEST(null_arguments_are_einval)
{
    int error = 0;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr = unix_addr();
    make_listener(&listener, NULL);
    scribble(&stream, sizeof stream);
    call_fails(mio_tcp_listener_handle(NULL), EINVAL);
    call_fails(mio_tcp_listener_into_handle(NULL), EINVAL);
    call_fails_keeping(&stream, mio_tcp_listener_accept(NULL, &stream, NULL), EINVAL);
    call_fails_keeping(&addr, mio_tcp_listener_accept(NULL, &stream, &addr), EINVAL);
    call_fails(mio_tcp_listener_accept(&listener, NULL, NULL), EINVAL);
    call_fails(mio_tcp_listener_accept(NULL, NULL, NULL), EINVAL);
    call_fails_keeping(&addr, mio_tcp_listener_local_addr(NULL, &addr), EINVAL);
    call_fails(mio_tcp_listener_local_addr(&listener, NULL), EINVAL);
    call_fails(mio_tcp_listener_local_addr(NULL, NULL), EINVAL);
    call_fails(mio_tcp_listener_take_error(NULL, &error), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_listener_errors");
    TCase *opening = add_tcase(suite, "bind and accept");
    tcase_add_test(opening, bind_needs_a_listener_and_an_address);
    tcase_add_test(opening, bind_refuses_a_backlog_of_0_and_below_minus_1);
    tcase_add_test(opening, bind_refuses_what_is_not_an_ip_address);
    tcase_add_test(opening, binding_to_an_address_in_use_fails);
    tcase_add_test(opening, binding_to_an_address_of_another_machine_fails);
    tcase_add_test(opening, binding_to_a_privileged_port_fails);
    tcase_add_test(opening, accept_without_descriptors_fails_and_the_connection_waits);
    tcase_add_test(opening, accept_with_nothing_waiting_keeps_its_arguments);
    tcase_add_test(opening, accept_of_a_listener_that_was_shut_down_fails);
    TCase *bad = add_tcase(suite, "closed, garbage and null");
    tcase_add_test(bad, null_arguments_are_einval);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
