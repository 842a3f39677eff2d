/* SPDX-License-Identifier: MIT */
/*
 * Tests the effects of MIO_OPTION_BIND_ADDRESS_NO_PORT, MIO_OPTION_MTU_DISCOVER, MIO_OPTION_PATH_MTU and
 * MIO_OPTION_MULTICAST_ALL. Also joins a multicast group on the interface with a given index.
 */
#include "../helpers/sockets.h"

#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

START_TEST(without_a_port_the_port_comes_with_the_connection)
{
    mio_addr local = loopback_v4();
    mio_tcp_listener listener;
    mio_tcp_socket socket;
    mio_tcp_stream stream;
    mio_addr addr;
    mio_addr self;
    make_listener(&listener, &addr);
    call_ok(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_BIND_ADDRESS_NO_PORT, 1));
    call_ok(mio_tcp_socket_bind(&socket, &local));
    call_ok(mio_tcp_socket_local_addr(&socket, &self));
    ck_assert_int_eq(mio_addr_port(&self), 0);
    call_ok(mio_tcp_socket_connect(&socket, &addr, &stream));
    call_ok(mio_tcp_stream_local_addr(&stream, &self));
    ck_assert_int_ne(mio_addr_port(&self), 0);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
}
END_TEST

/*
 * Sends a datagram of `most` bytes, the longest that the kernel accepts, over the loopback interface. The MTU of the
 * loopback interface is 65,536.
 */
static void send_the_longest(const mio_addr *local, int64_t most)
{
    static char bytes[65536];
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr addr;
    int64_t value = 77;
    call_ok(mio_udp_socket_bind(&left, local));
    call_ok(mio_udp_socket_bind(&right, local));
    call_ok(mio_udp_socket_local_addr(&right, &addr));
    call_fails_keeping(&value, mio_source_option(&left.source, MIO_OPTION_PATH_MTU, &value), ENOTCONN);
    call_ok(mio_udp_socket_connect(&left, &addr));
    call_ok(mio_source_option(&left.source, MIO_OPTION_PATH_MTU, &value));
    ck_assert_int_ge(value, 1280);
    call_fails(mio_source_set_option(&left.source, MIO_OPTION_PATH_MTU, value), ENOTSUP);
    call_ok(mio_source_set_option(&left.source, MIO_OPTION_SEND_BUFFER, 1 << 18));
    if (value == 65536) {
        call_ok(mio_source_set_option(&left.source, MIO_OPTION_MTU_DISCOVER, MIO_MTU_DO));
        call_counts(mio_udp_socket_send(&left, bytes, (size_t)most), most);
        call_fails(mio_udp_socket_send(&left, bytes, (size_t)most + 1), EMSGSIZE);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}

static int with_a_short_path(void *context)
{
    (void)context;
    static char bytes[2000];
    mio_addr local = loopback_v4();
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr addr;
    int64_t value = 0;
    if (!enter_empty_network() || !set_loopback_mtu(1300)) {
        return SKIPPED;
    }
    require(mio_udp_socket_bind(&left, &local) == 0);
    require(mio_udp_socket_bind(&right, &local) == 0);
    require(mio_udp_socket_local_addr(&right, &addr) == 0);
    require(mio_udp_socket_connect(&left, &addr) == 0);
    require(mio_source_option(&left.source, MIO_OPTION_PATH_MTU, &value) == 0 && value == 1300);
    require(mio_udp_socket_send(&left, bytes, sizeof bytes) == sizeof bytes); /* the system sends fragments */
    require(mio_source_set_option(&left.source, MIO_OPTION_MTU_DISCOVER, MIO_MTU_DO) == 0);
    require(mio_udp_socket_send(&left, bytes, sizeof bytes) == -EMSGSIZE);
    require(mio_udp_socket_send(&left, bytes, 1300 - 28) == 1300 - 28);
    require(mio_udp_socket_send(&left, bytes, 1300 - 27) == -EMSGSIZE);
    require(mio_source_set_option(&left.source, MIO_OPTION_MTU_DISCOVER, MIO_MTU_FRAGMENT) == 0);
    require(mio_udp_socket_send(&left, bytes, sizeof bytes) == sizeof bytes);
    return 0;
}

START_TEST(what_must_not_be_fragmented_is_as_long_as_the_path_lets_it)
{
    mio_addr local = loopback_v4();
    send_the_longest(&local, 65507);
    if (run_apart(with_a_short_path, NULL) == SKIPPED) {
        skip("cannot make a network of its own");
    }
    if (!have_ipv6()) {
        skip("the IPv6 part: no IPv6");
        return;
    }
    local = loopback_v6();
    send_the_longest(&local, 65488);
}
END_TEST

/*
 * The receiver is bound to all addresses and has not joined the group. Another socket on this machine has joined the
 * group. The sender sends to the receiver's port at the address of the group. With MIO_OPTION_MULTICAST_ALL, the
 * receiver gets this datagram. Without the option, the receiver gets only the datagram for its own address.
 */
START_TEST(the_groups_of_others_are_heard_or_not)
{
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr local = loopback_v4();
    mio_udp_socket receiver;
    mio_udp_socket other;
    mio_udp_socket sender;
    mio_addr addr;
    char buffer[16];
    call_ok(mio_udp_socket_bind(&receiver, &any));
    call_ok(mio_udp_socket_local_addr(&receiver, &addr));
    int port = mio_addr_port(&addr);
    mio_addr group = ipv4(239, 7, port >> 8, port & 255, (uint16_t)port);
    mio_addr direct = with_port(local, port);
    call_ok(mio_udp_socket_bind(&other, &any));
    call_ok(mio_udp_socket_bind(&sender, &local));
    call_ok(mio_source_set_option(&sender.source, MIO_OPTION_MULTICAST_INTERFACE_V4, loopback_index()));
    call_ok(mio_udp_socket_join_multicast_v4_on(&other, &group, loopback_index()));
    stay_on_one_cpu();
    for (int all = 1; all >= 0; all--) {
        call_ok(mio_source_set_option(&receiver.source, MIO_OPTION_MULTICAST_ALL, all));
        call_counts(mio_udp_socket_send_to(&sender, "group", 5, &group), 5);
        call_counts(mio_udp_socket_send_to(&sender, "direct", 6, &direct), 6);
        for (int i = all; i >= 0; i--) {
            wait_handle(mio_udp_socket_handle(&receiver), POLLIN);
            call_counts(mio_udp_socket_recv(&receiver, buffer, sizeof buffer, NULL), i == 1 ? 5 : 6);
        }
    }
    mio_udp_socket_close(&receiver);
    mio_udp_socket_close(&other);
    mio_udp_socket_close(&sender);
}
END_TEST

START_TEST(an_ipv4_group_is_joined_on_the_interface_of_a_number)
{
    enum { NOBODYS_INDEX = 0x7ffffff0 };
    uint32_t lo = loopback_index();
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr local = loopback_v4();
    mio_addr v6 = ipv6("ff12::7", 0);
    mio_udp_socket receiver;
    mio_udp_socket sender;
    mio_addr addr;
    char buffer[16];
    call_ok(mio_udp_socket_bind(&receiver, &any));
    call_ok(mio_udp_socket_local_addr(&receiver, &addr));
    int port = mio_addr_port(&addr);
    mio_addr group = ipv4(239, 8, port >> 8, port & 255, (uint16_t)port);
    call_ok(mio_udp_socket_bind(&sender, &local));
    call_ok(mio_source_set_option(&sender.source, MIO_OPTION_MULTICAST_INTERFACE_V4, lo));
    call_fails(mio_udp_socket_leave_multicast_v4_on(&receiver, &group, lo), EADDRNOTAVAIL);
    call_ok(mio_udp_socket_join_multicast_v4_on(&receiver, &group, lo));
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, &group, lo), EADDRINUSE);
    call_counts(mio_udp_socket_send_to(&sender, "group", 5, &group), 5);
    wait_handle(mio_udp_socket_handle(&receiver), POLLIN);
    call_counts(mio_udp_socket_recv(&receiver, buffer, sizeof buffer, NULL), 5);
    call_ok(mio_udp_socket_leave_multicast_v4_on(&receiver, &group, lo));
    call_fails(mio_udp_socket_leave_multicast_v4_on(&receiver, &group, lo), EADDRNOTAVAIL);
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, NULL, lo), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v4_on(&receiver, NULL, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, &group, NOBODYS_INDEX), ENODEV);
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, &group, UINT32_MAX), ENODEV);
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, &local, lo), EINVAL); /* not a group */
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, &v6, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v4_on(NULL, &group, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v4_on(&receiver, NULL, lo), EINVAL);
    mio_udp_socket_close(&receiver);
    mio_udp_socket_close(&sender);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("option_paths");
    TCase *tcase = add_tcase(suite, "effects");
    tcase_add_test(tcase, without_a_port_the_port_comes_with_the_connection);
    tcase_add_test(tcase, what_must_not_be_fragmented_is_as_long_as_the_path_lets_it);
    tcase_add_test(tcase, the_groups_of_others_are_heard_or_not);
    tcase_add_test(tcase, an_ipv4_group_is_joined_on_the_interface_of_a_number);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
