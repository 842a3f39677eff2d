/* SPDX-License-Identifier: MIT */
/*
 * Tests the errors of UDP sockets when they connect, send and receive. refused.c tests arguments that are invalid in
 * every situation.
 */
#include "../helpers/sockets.h"

#include <net/route.h>
#include <poll.h>
#include <sys/ioctl.h>

/* Opens a socket that is bound to the loopback address. */
static void open_socket(mio_udp_socket *socket)
{
    mio_addr any = loopback_v4();
    call_ok(mio_udp_socket_bind(socket, &any));
}

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
    assert_addr_eq(&addr, &peer); /* the peer is unchanged */
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

    /* The route rejects packets. */
    mio_addr host = foreign_v4();
    require(reject_route(&host));
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
    TCase *connecting = add_tcase(suite, "connecting");
    tcase_add_test(connecting, connect_refuses_what_nothing_can_be_sent_to);
    tcase_add_test(connecting, what_no_route_leads_to_is_enetunreach_and_a_rejected_host_ehostunreach);
    tcase_add_test(connecting, broadcast_needs_permission);
    TCase *io = add_tcase(suite, "sending and receiving");
    tcase_add_test(io, bad_memory_is_efault);
    tcase_add_test(io, recv_from_without_an_address_is_recv);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
