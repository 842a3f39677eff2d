/* SPDX-License-Identifier: MIT */
/* UDP sockets: errors of opening, connecting, sending and receiving, which change and leak nothing. */
#include "../helpers/sockets.h"

#include <net/route.h>
#include <poll.h>
#include <sys/ioctl.h>

/* A socket on the loopback interface. */
static void open_socket(mio_udp_socket *socket)
{
    mio_addr any = loopback_v4();
    call_ok(mio_udp_socket_bind(socket, &any));
}

/* ---- binding ---------------------------------------------------------------------------------------------------- */

/* A bind that must fail with `code`, leaving the storage alone and nothing open. */
static void expect_bind_fails(const mio_addr *addr, int code)
{
    mio_udp_socket socket;
    int before = count_descriptors();
    scribble(&socket, sizeof socket);
    call_fails_keeping(&socket, mio_udp_socket_bind(&socket, addr), code);
    ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(bind_needs_a_socket_and_an_address)
{
    mio_addr any = loopback_v4();
    call_fails(mio_udp_socket_bind(NULL, &any), EINVAL);
    call_fails(mio_udp_socket_bind(NULL, NULL), EINVAL);
    expect_bind_fails(NULL, EINVAL);
}
END_TEST

START_TEST(bind_refuses_what_is_not_an_ip_address)
{
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    mio_addr garbage;
    scribble(&garbage, sizeof garbage);
    expect_bind_fails(&none, EAFNOSUPPORT);
    expect_bind_fails(&path, EAFNOSUPPORT);
    expect_bind_fails(&garbage, EAFNOSUPPORT);
}
END_TEST

START_TEST(binding_to_an_address_in_use_fails)
{
    mio_udp_socket socket;
    mio_addr addr;
    open_socket(&socket);
    call_ok(mio_udp_socket_local_addr(&socket, &addr));
    expect_bind_fails(&addr, EADDRINUSE);
    ck_assert_int_eq(raw_option(mio_udp_socket_handle(&socket), SOL_SOCKET, SO_REUSEADDR), 0);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(binding_to_an_address_of_another_machine_fails)
{
    mio_addr foreign = foreign_v4();
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") != 0) {
        skip("ip_nonlocal_bind is set");
        return;
    }
    expect_bind_fails(&foreign, EADDRNOTAVAIL);
}
END_TEST

/* ---- connecting ------------------------------------------------------------------------------------------------- */

START_TEST(connect_refuses_what_nothing_can_be_sent_to)
{
    mio_udp_socket socket;
    mio_addr portless = with_port(loopback_v4(), 0);
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    mio_addr peer = with_port(loopback_v4(), 9);
    mio_addr addr;
    open_socket(&socket);
    call_ok(mio_udp_socket_connect(&socket, &peer));
    call_fails(mio_udp_socket_connect(&socket, &none), EAFNOSUPPORT);
    call_fails(mio_udp_socket_connect(&socket, &path), EAFNOSUPPORT);
    call_fails(mio_udp_socket_connect(&socket, &portless), EINVAL);
    call_ok(mio_udp_socket_peer_addr(&socket, &addr));
    assert_addr_eq(&addr, &peer); /* as it was */
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(an_ipv4_socket_refuses_ipv6_addresses)
{
    mio_udp_socket socket;
    mio_addr other = with_port(loopback_v6(), 9);
    mio_addr addr = unix_addr();
    open_socket(&socket);
    call_fails(mio_udp_socket_connect(&socket, &other), EAFNOSUPPORT);
    call_fails(mio_udp_socket_send_to(&socket, "x", 1, &other), EAFNOSUPPORT);
    call_fails_keeping(&addr, mio_udp_socket_peer_addr(&socket, &addr), ENOTCONN);
    mio_udp_socket_close(&socket);
}
END_TEST

static int reach_nothing(void *context)
{
    (void)context;
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr addr = with_port(foreign_v4(), 9);
    mio_udp_socket socket;
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    require(mio_udp_socket_bind(&socket, &any) == 0);
    require(mio_udp_socket_connect(&socket, &addr) == -ENETUNREACH);
    require(mio_udp_socket_send_to(&socket, "x", 1, &addr) == -ENETUNREACH);

    /* A route that rejects. */
    struct rtentry route = {.rt_flags = RTF_UP | RTF_REJECT | RTF_HOST};
    mio_addr host = foreign_v4();
    require(mio_addr_to_sockaddr(&host, &route.rt_dst, sizeof route.rt_dst) > 0);
    require(ioctl(mio_udp_socket_handle(&socket), SIOCADDRT, &route) == 0);
    require(mio_udp_socket_send_to(&socket, "x", 1, &addr) == -EHOSTUNREACH);
    mio_udp_socket_close(&socket);
    return 0;
}

START_TEST(what_no_route_leads_to_is_enetunreach_and_a_rejected_host_ehostunreach)
{
    if (run_apart(reach_nothing, NULL) == SKIPPED) {
        skip("cannot make a network of its own");
    }
}
END_TEST

/* ---- broadcast -------------------------------------------------------------------------------------------------- */

START_TEST(broadcast_needs_permission)
{
    mio_udp_socket socket;
    mio_addr any = ipv4(127, 255, 255, 255, 0);
    mio_addr addr;
    char buffer[8];
    int receiver = raw_udp(&any, &addr);
    open_socket(&socket);
    call_fails(mio_udp_socket_send_to(&socket, "all", 3, &addr), EACCES);
    call_fails(mio_udp_socket_connect(&socket, &addr), EACCES);
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_BROADCAST, 1));
    call_counts(mio_udp_socket_send_to(&socket, "all", 3, &addr), 3);
    raw_read(receiver, buffer, 3);
    ck_assert_mem_eq(buffer, "all", 3);
    call_ok(mio_udp_socket_connect(&socket, &addr));
    call_counts(mio_udp_socket_send(&socket, "two", 3), 3);
    raw_read(receiver, buffer, 3);
    ck_assert_mem_eq(buffer, "two", 3);
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_BROADCAST, 0));
    call_fails(mio_udp_socket_send_to(&socket, "all", 3, &addr), EACCES);
    close_fd(receiver);
    mio_udp_socket_close(&socket);
}
END_TEST

/* ---- sending and receiving -------------------------------------------------------------------------------------- */

START_TEST(too_long_for_a_datagram_is_emsgsize_and_nothing_is_sent)
{
    enum { TOO_LONG = 65535 - 20 - 8 + 1 };
    static uint8_t data[70000];
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr addr;
    char byte;
    make_udp_pair(&left, &right);
    call_ok(mio_udp_socket_local_addr(&right, &addr));
    call_fails(mio_udp_socket_send(&left, data, TOO_LONG), EMSGSIZE);
    call_fails(mio_udp_socket_send_to(&left, data, TOO_LONG, &addr), EMSGSIZE);
    call_fails(mio_udp_socket_send(&left, data, sizeof data), EMSGSIZE);
    call_counts(mio_udp_socket_send(&left, "x", 1), 1);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv(&right, &byte, 1, NULL), 1); /* the first that arrived */
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(send_to_refuses_what_is_not_an_ip_address)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    char byte;
    make_udp_pair(&left, &right);
    call_fails(mio_udp_socket_send_to(&left, "x", 1, &none), EAFNOSUPPORT); /* although there is a peer */
    call_fails(mio_udp_socket_send_to(&left, "x", 1, &path), EAFNOSUPPORT);
    call_counts(mio_udp_socket_send(&left, "y", 1), 1);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv(&right, &byte, 1, NULL), 1);
    ck_assert_int_eq(byte, 'y');
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(nothing_to_receive_keeps_the_arguments)
{
    mio_udp_socket socket;
    char buffer[8] = "as was";
    mio_addr addr = unix_addr();
    uint32_t flags = 77;
    open_socket(&socket);
    for (int peek = 0; peek < 2; peek++) {
        int64_t (*const receive)(mio_udp_socket *, void *, size_t, uint32_t *) =
            peek ? mio_udp_socket_peek : mio_udp_socket_recv;
        int64_t (*const receive_from)(mio_udp_socket *, void *, size_t, mio_addr *, uint32_t *) =
            peek ? mio_udp_socket_peek_from : mio_udp_socket_recv_from;
        call_fails_keeping(&buffer, receive(&socket, buffer, sizeof buffer, &flags), EAGAIN);
        ck_assert_uint_eq(flags, 77);
        call_fails_keeping(&buffer, receive_from(&socket, buffer, sizeof buffer, &addr, &flags), EAGAIN);
        call_fails_keeping(&addr, receive_from(&socket, buffer, sizeof buffer, &addr, &flags), EAGAIN);
        ck_assert_uint_eq(flags, 77);
    }
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(bad_memory_is_efault)
{
    if (under_valgrind()) {
        skip("valgrind reports what this does on purpose");
        return;
    }
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr addr;
    char buffer[8];
    void *bad = bad_memory();
    make_udp_pair(&left, &right);
    call_ok(mio_udp_socket_local_addr(&right, &addr));
    call_fails(mio_udp_socket_send(&left, bad, 16), EFAULT);
    call_fails(mio_udp_socket_send(&left, NULL, 16), EFAULT);
    call_fails(mio_udp_socket_send_to(&left, bad, 16, &addr), EFAULT);
    for (int way = 0; way < 6; way++) {
        call_counts(mio_udp_socket_send(&left, "hello", 5), 5);
        wait_handle(mio_udp_socket_handle(&right), POLLIN);
        int64_t count = way == 0   ? kept(mio_udp_socket_recv(&right, bad, 16, NULL))
                        : way == 1 ? kept(mio_udp_socket_recv_from(&right, bad, 16, &addr, NULL))
                        : way == 2 ? kept(mio_udp_socket_recv(&right, NULL, 16, NULL))
                        : way == 3 ? kept(mio_udp_socket_peek(&right, bad, 16, NULL))
                        : way == 4 ? kept(mio_udp_socket_peek_from(&right, bad, 16, &addr, NULL))
                                   : kept(mio_udp_socket_peek(&right, NULL, 16, NULL));
        ck_assert_errno(count, -EFAULT);
        while (mio_udp_socket_recv(&right, buffer, sizeof buffer, NULL) >= 0) {}
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/* ---- closed, garbage and null ----------------------------------------------------------------------------------- */

START_TEST(null_arguments_are_einval)
{
    int error = 0;
    mio_udp_socket socket;
    char byte = 0;
    uint32_t flags = 77;
    mio_addr addr = unix_addr();
    open_socket(&socket);
    call_fails(mio_udp_socket_handle(NULL), EINVAL);
    call_fails(mio_udp_socket_into_handle(NULL), EINVAL);
    call_fails(mio_udp_socket_connect(NULL, &addr), EINVAL);
    call_fails(mio_udp_socket_connect(NULL, NULL), EINVAL);
    call_fails(mio_udp_socket_send(NULL, &byte, 1), EINVAL);
    call_fails(mio_udp_socket_send_to(NULL, &byte, 1, &addr), EINVAL);
    call_fails(mio_udp_socket_send_to(&socket, &byte, 1, NULL), EINVAL);
    call_fails_keeping(&flags, mio_udp_socket_recv(NULL, &byte, 1, &flags), EINVAL);
    call_fails_keeping(&flags, mio_udp_socket_peek(NULL, &byte, 1, &flags), EINVAL);
    call_fails_keeping(&addr, mio_udp_socket_recv_from(NULL, &byte, 1, &addr, &flags), EINVAL);
    call_fails_keeping(&addr, mio_udp_socket_peek_from(NULL, &byte, 1, &addr, &flags), EINVAL);
    ck_assert_uint_eq(flags, 77);
    call_fails_keeping(&addr, mio_udp_socket_local_addr(NULL, &addr), EINVAL);
    call_fails_keeping(&addr, mio_udp_socket_peer_addr(NULL, &addr), EINVAL);
    call_fails(mio_udp_socket_local_addr(&socket, NULL), EINVAL);
    call_fails(mio_udp_socket_peer_addr(&socket, NULL), EINVAL);
    call_fails(mio_udp_socket_take_error(NULL, &error), EINVAL);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(recv_from_without_an_address_is_recv)
{
    mio_udp_socket left;
    mio_udp_socket right;
    char buffer[4];
    make_udp_pair(&left, &right);
    call_counts(mio_udp_socket_send(&left, "data", 4), 4);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_peek_from(&right, buffer, sizeof buffer, NULL, NULL), 4);
    call_counts(mio_udp_socket_recv_from(&right, buffer, sizeof buffer, NULL, NULL), 4);
    ck_assert_mem_eq(buffer, "data", 4);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_errors");
    TCase *binding = add_tcase(suite, "binding");
    tcase_add_test(binding, bind_needs_a_socket_and_an_address);
    tcase_add_test(binding, bind_refuses_what_is_not_an_ip_address);
    tcase_add_test(binding, binding_to_an_address_in_use_fails);
    tcase_add_test(binding, binding_to_an_address_of_another_machine_fails);
    TCase *connecting = add_tcase(suite, "connecting");
    tcase_add_test(connecting, connect_refuses_what_nothing_can_be_sent_to);
    tcase_add_test(connecting, an_ipv4_socket_refuses_ipv6_addresses);
    tcase_add_test(connecting, what_no_route_leads_to_is_enetunreach_and_a_rejected_host_ehostunreach);
    tcase_add_test(connecting, broadcast_needs_permission);
    TCase *io = add_tcase(suite, "sending and receiving");
    tcase_add_test(io, too_long_for_a_datagram_is_emsgsize_and_nothing_is_sent);
    tcase_add_test(io, send_to_refuses_what_is_not_an_ip_address);
    tcase_add_test(io, nothing_to_receive_keeps_the_arguments);
    tcase_add_test(io, bad_memory_is_efault);
    tcase_add_test(io, recv_from_without_an_address_is_recv);
    TCase *bad = add_tcase(suite, "closed, garbage and null");
    tcase_add_test(bad, null_arguments_are_einval);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
