/* SPDX-License-Identifier: MIT */
/* Sets and reads the options of UDP sockets, and checks their defaults. options.c tests the rules for all options. */
#include "../helpers/sockets.h"

#include <netinet/in.h>
#include <poll.h>

/* Opens a socket that is bound to the loopback address. */
static mio_udp_socket open_socket(mio_addr any)
{
    mio_udp_socket socket;
    call_ok(mio_udp_socket_bind(&socket, &any));
    return socket;
}

static int64_t get(mio_udp_socket *socket, int option)
{
    int64_t value = INT64_MIN;
    call_ok(mio_source_option(&socket->source, option, &value));
    return value;
}

/* Sets each value, and reads it back with mio and with getsockopt(2). */
static void set_and_get(mio_addr any, int option, int level, int name, const int *values, size_t count)
{
    mio_udp_socket socket = open_socket(any);
    for (size_t i = 0; i < count; i++) {
        call_ok(mio_source_set_option(&socket.source, option, values[i]));
        ck_assert_int_eq(get(&socket, option), values[i]);
        ck_assert_int_eq(raw_option(mio_udp_socket_handle(&socket), level, name), values[i]);
    }
    mio_udp_socket_close(&socket);
}

/* Reads an option that the test has not set. Its default must be between `least` and `most`. */
static void get_unset(mio_addr any, int option, int64_t least, int64_t most)
{
    mio_udp_socket socket = open_socket(any);
    int64_t value = get(&socket, option);
    ck_assert_int_ge(value, least);
    ck_assert_int_le(value, most);
    mio_udp_socket_close(&socket);
}

static const int on_off[] = {1, 0, 1};
static const int off_on[] = {0, 1, 0};
enum { BOTH = 3 };

/* ---- basic use -------------------------------------------------------------------------------------------------- */

START_TEST(udp_ttl_set_and_get)
{
    static const int values[] = {10, 1, 255};
    set_and_get(loopback_v4(), MIO_OPTION_TTL, IPPROTO_IP, IP_TTL, values, 3);
}
END_TEST

START_TEST(udp_ttl_get_unset)
{
    get_unset(loopback_v4(), MIO_OPTION_TTL, 1, 255);
}
END_TEST

START_TEST(broadcast_on_off)
{
    set_and_get(loopback_v4(), MIO_OPTION_BROADCAST, SOL_SOCKET, SO_BROADCAST, on_off, BOTH);
}
END_TEST

START_TEST(broadcast_get_unset)
{
    get_unset(loopback_v4(), MIO_OPTION_BROADCAST, 0, 0);
}
END_TEST

START_TEST(multicast_loop_v4_on_off)
{
    set_and_get(loopback_v4(), MIO_OPTION_MULTICAST_LOOP_V4, IPPROTO_IP, IP_MULTICAST_LOOP, off_on, BOTH);
}
END_TEST

START_TEST(multicast_loop_v4_get_unset)
{
    get_unset(loopback_v4(), MIO_OPTION_MULTICAST_LOOP_V4, 1, 1);
}
END_TEST

START_TEST(multicast_ttl_v4_set_and_get)
{
    static const int values[] = {40, 0, 255};
    set_and_get(loopback_v4(), MIO_OPTION_MULTICAST_TTL_V4, IPPROTO_IP, IP_MULTICAST_TTL, values, 3);
}
END_TEST

START_TEST(multicast_ttl_v4_get_unset)
{
    get_unset(loopback_v4(), MIO_OPTION_MULTICAST_TTL_V4, 1, 1);
}
END_TEST

START_TEST(multicast_loop_v6_on_off)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    set_and_get(loopback_v6(), MIO_OPTION_MULTICAST_LOOP_V6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, off_on, BOTH);
}
END_TEST

START_TEST(multicast_loop_v6_get_unset)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    get_unset(loopback_v6(), MIO_OPTION_MULTICAST_LOOP_V6, 1, 1);
}
END_TEST

/* ---- more options ----------------------------------------------------------------------------------------------- */

START_TEST(hop_limit_and_multicast_hops_v6_set_and_get)
{
    static const int values[] = {10, 0, 255};
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    set_and_get(loopback_v6(), MIO_OPTION_HOP_LIMIT, IPPROTO_IPV6, IPV6_UNICAST_HOPS, values, 3);
    set_and_get(loopback_v6(), MIO_OPTION_MULTICAST_HOPS_V6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, values, 3);
    get_unset(loopback_v6(), MIO_OPTION_MULTICAST_HOPS_V6, 1, 1);
}
END_TEST

START_TEST(minus_1_gives_the_hop_limits_back_to_the_system)
{
    static const int options[] = {MIO_OPTION_HOP_LIMIT, MIO_OPTION_MULTICAST_HOPS_V6};
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    for (int i = 0; i < 2; i++) {
        mio_udp_socket socket = open_socket(loopback_v6());
        int64_t unset = get(&socket, options[i]);
        call_ok(mio_source_set_option(&socket.source, options[i], 77));
        call_ok(mio_source_set_option(&socket.source, options[i], -1));
        ck_assert_int_eq(get(&socket, options[i]), unset);
        mio_udp_socket_close(&socket);
    }
}
END_TEST

START_TEST(interface_v6_set_and_get)
{
    const int values[] = {(int)loopback_index(), 0};
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    set_and_get(loopback_v6(), MIO_OPTION_MULTICAST_INTERFACE_V6, IPPROTO_IPV6, IPV6_MULTICAST_IF, values, 2);
}
END_TEST

/* This test only sets the index of the interface, and reads the index. udp_multicast.c tests that the kernel uses the
 * interface. */
START_TEST(interface_v4_set_and_get_where_the_system_can)
{
    mio_udp_socket socket = open_socket(loopback_v4());
    int64_t value = -77;
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_MULTICAST_INTERFACE_V4, loopback_index()));
    int64_t rc = kept(mio_source_option(&socket.source, MIO_OPTION_MULTICAST_INTERFACE_V4, &value));
    if (rc == 0) {
        ck_assert_int_eq(value, loopback_index());
    } else { /* Linux returns only the address of the interface, so mio cannot return the index */
        ck_assert_errno(rc, -ENOTSUP);
        ck_assert_int_eq(value, -77);
    }
    call_ok(mio_source_set_option(&socket.source, MIO_OPTION_MULTICAST_INTERFACE_V4, 0));
    mio_udp_socket_close(&socket);
}
END_TEST

/* Sets the index of an interface that does not exist. The kernel returns ENODEV or EADDRNOTAVAIL. */
static void refuse_interface(mio_udp_socket *socket, int option)
{
    enum { NOBODYS_INDEX = 0x7ffffff0 };
    int64_t rc = kept(mio_source_set_option(&socket->source, option, NOBODYS_INDEX));
    ck_assert_msg(rc == -ENODEV || rc == -EADDRNOTAVAIL, "%s", errno_name(rc));
    mio_udp_socket_close(socket);
}

START_TEST(interfaces_that_do_not_exist_are_refused)
{
    mio_udp_socket socket = open_socket(loopback_v4());
    refuse_interface(&socket, MIO_OPTION_MULTICAST_INTERFACE_V4);
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    socket = open_socket(loopback_v6());
    refuse_interface(&socket, MIO_OPTION_MULTICAST_INTERFACE_V6);
}
END_TEST

START_TEST(only_v6_is_set_before_binding_and_keeps_ipv4_out)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr any = loopback_v4();
    mio_addr unspecified = ipv6("::", 0);
    for (int only = 0; only < 2; only++) {
        mio_udp_socket socket;
        mio_addr addr;
        int fd = raw_socket(AF_INET6, SOCK_DGRAM);
        int sender = raw_udp(&any, NULL);
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        call_ok(mio_udp_socket_from_handle(&socket, fd));
        call_ok(mio_source_set_option(&socket.source, MIO_OPTION_ONLY_V6, only));
        ck_assert_int_eq(get(&socket, MIO_OPTION_ONLY_V6), only);
        raw_bind(fd, &unspecified, &addr);
        call_fails(mio_source_set_option(&socket.source, MIO_OPTION_ONLY_V6, !only), EINVAL);
        ck_assert_int_eq(get(&socket, MIO_OPTION_ONLY_V6), only);
        addr = with_port(any, mio_addr_port(&addr));
        raw_send_to(sender, "x", 1, &addr);
        ck_assert_int_eq(poll(&entry, 1, only ? 50 : (int)(LONG_WAIT / MS(1))), !only);
        close_fd(sender);
        mio_udp_socket_close(&socket);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_options");
    TCase *checklist = add_tcase(suite, "checklist");
    tcase_add_test(checklist, udp_ttl_set_and_get);
    tcase_add_test(checklist, udp_ttl_get_unset);
    tcase_add_test(checklist, broadcast_on_off);
    tcase_add_test(checklist, broadcast_get_unset);
    tcase_add_test(checklist, multicast_loop_v4_on_off);
    tcase_add_test(checklist, multicast_loop_v4_get_unset);
    tcase_add_test(checklist, multicast_ttl_v4_set_and_get);
    tcase_add_test(checklist, multicast_ttl_v4_get_unset);
    tcase_add_test(checklist, multicast_loop_v6_on_off);
    tcase_add_test(checklist, multicast_loop_v6_get_unset);
    TCase *rest = add_tcase(suite, "the rest");
    tcase_add_test(rest, hop_limit_and_multicast_hops_v6_set_and_get);
    tcase_add_test(rest, minus_1_gives_the_hop_limits_back_to_the_system);
    tcase_add_test(rest, interface_v6_set_and_get);
    tcase_add_test(rest, interface_v4_set_and_get_where_the_system_can);
    tcase_add_test(rest, interfaces_that_do_not_exist_are_refused);
    tcase_add_test(rest, only_v6_is_set_before_binding_and_keeps_ipv4_out);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
