/* SPDX-License-Identifier: MIT */
/*
 * Tests multicast groups over UDP. The tests join IPv4 groups on the loopback interface. The kernel has no route for
 * IPv6 groups over the loopback interface, so the IPv6 tests add this route in a network namespace. In tests that run
 * in parallel, the receivers have different ports. Each test makes the address of its group from its receiver's port.
 * So these tests do not receive each other's datagrams.
 */
#include "../helpers/sockets.h"

#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { RECEIVER = 51 };

/* A receiver that is bound to all addresses, and a sender to groups on the loopback interface. */
typedef struct fixture {
    mio_udp_socket receiver;
    mio_udp_socket sender;
    mio_addr sender_addr;
    mio_addr local; /* 127.0.0.1 */
    int port;
} fixture;

static fixture open_fixture(void)
{
    fixture f;
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr addr;
    f.local = loopback_v4();
    call_ok(mio_udp_socket_bind(&f.receiver, &any));
    call_ok(mio_udp_socket_local_addr(&f.receiver, &addr));
    f.port = mio_addr_port(&addr);
    call_ok(mio_udp_socket_bind(&f.sender, &f.local));
    call_ok(mio_udp_socket_local_addr(&f.sender, &f.sender_addr));
    call_ok(mio_source_set_option(&f.sender.source, MIO_OPTION_MULTICAST_INTERFACE_V4, loopback_index()));
    return f;
}

static void close_fixture(fixture *f)
{
    mio_udp_socket_close(&f->receiver);
    mio_udp_socket_close(&f->sender);
}

/*
 * Returns the group address `first`.`n`.x.y. The bytes x and y are the receiver's port. `first` is 232 for a group with
 * one sender, and 239 for any other group.
 */
static mio_addr group_of(const fixture *f, int first, int n)
{
    return ipv4(first, n, f->port >> 8, f->port & 255, (uint16_t)f->port);
}

static void send_to_group(mio_udp_socket *sender, const mio_addr *group, const char *text)
{
    call_counts(mio_udp_socket_send_to(sender, text, strlen(text), group), strlen(text));
}

/* Receives a datagram, and checks its text and its sender's address. */
static void expect_datagram(mio_udp_socket *receiver, const char *text, const mio_addr *from)
{
    char buffer[32];
    mio_addr addr;
    wait_handle(mio_udp_socket_handle(receiver), POLLIN);
    call_counts(mio_udp_socket_recv_from(receiver, buffer, sizeof buffer, &addr, NULL), strlen(text));
    ck_assert_mem_eq(buffer, text, strlen(text));
    assert_addr_eq(&addr, from);
}

/*
 * Checks that the receiver does not get the datagrams that are sent to the group. The function sends one datagram to
 * the group, and then one datagram directly to the receiver. The receiver must get only the direct datagram.
 */
static void expect_not_heard(fixture *f, mio_udp_socket *sender, const mio_addr *group)
{
    mio_addr direct = with_port(f->local, f->port);
    mio_addr from;
    stay_on_one_cpu();
    send_to_group(sender, group, "not heard");
    send_to_group(sender, &direct, "direct");
    call_ok(mio_udp_socket_local_addr(sender, &from));
    expect_datagram(&f->receiver, "direct", &from);
}

/* ---- IPv4 ------------------------------------------------------------------------------------------------------- */

START_TEST(joining_two_ipv4_groups_datagram_received_sender_address_right)
{
    mio_poll *poll = open_poll(_i);
    fixture f = open_fixture();
    mio_addr groups[2] = {group_of(&f, 239, 1), group_of(&f, 239, 2)};
    call_ok(mio_registry_register(mio_poll_registry(poll), &f.receiver.source, RECEIVER, MIO_READABLE));
    for (int i = 0; i < 2; i++) {
        call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &groups[i], &f.local));
    }
    for (int i = 0; i < 2; i++) {
        char buffer[32];
        mio_addr from;
        send_to_group(&f.sender, &groups[i], "hello");
        expect_events(poll, {RECEIVER, MIO_READABLE});
        call_counts(mio_udp_socket_recv_from(&f.receiver, buffer, sizeof buffer, &from, NULL), 5);
        assert_addr_eq(&from, &f.sender_addr);
        assert_would_block(kept(mio_udp_socket_recv(&f.receiver, buffer, sizeof buffer, NULL)));
    }
    close_fixture(&f);
    mio_poll_free(poll);
}
END_TEST

START_TEST(leaving_an_ipv4_group_ends_it)
{
    fixture f = open_fixture();
    mio_addr groups[2] = {group_of(&f, 239, 1), group_of(&f, 239, 2)};
    expect_not_heard(&f, &f.sender, &groups[0]);
    for (int i = 0; i < 2; i++) {
        call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &groups[i], &f.local));
        send_to_group(&f.sender, &groups[i], "heard");
        expect_datagram(&f.receiver, "heard", &f.sender_addr);
    }
    call_ok(mio_udp_socket_leave_multicast_v4(&f.receiver, &groups[0], &f.local));
    expect_not_heard(&f, &f.sender, &groups[0]);
    send_to_group(&f.sender, &groups[1], "the other");
    expect_datagram(&f.receiver, "the other", &f.sender_addr);
    call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &groups[0], &f.local));
    send_to_group(&f.sender, &groups[0], "again");
    expect_datagram(&f.receiver, "again", &f.sender_addr);
    close_fixture(&f);
}
END_TEST

START_TEST(ipv4_group_on_the_interface_that_the_system_chooses)
{
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 239, 1);
    mio_addr unspecified = ipv4(0, 0, 0, 0, 0);
    int64_t rc = kept(mio_udp_socket_join_multicast_v4(&f.receiver, &group, NULL));
    if (rc == -ENODEV) {
        skip("no route leads to multicast groups");
    } else {
        ck_assert_ok(rc);
        call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &unspecified),
                   EADDRINUSE); /* already joined */
        call_ok(mio_udp_socket_leave_multicast_v4(&f.receiver, &group, &unspecified));
        call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &unspecified));
        call_ok(mio_udp_socket_leave_multicast_v4(&f.receiver, &group, NULL));
    }
    close_fixture(&f);
}
END_TEST

START_TEST(the_sending_interface_is_the_one_of_the_option)
{
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 239, 1);
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr sender_addr;
    mio_addr from;
    mio_udp_socket sender;
    char buffer[8];
    call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &f.local));
    /* The sender is not bound to an interface, so MIO_OPTION_MULTICAST_INTERFACE_V4 selects the interface. */
    call_ok(mio_udp_socket_bind(&sender, &any));
    call_ok(mio_udp_socket_local_addr(&sender, &sender_addr));
    /* TTL 0 keeps the datagrams on this machine. */
    call_ok(mio_source_set_option(&sender.source, MIO_OPTION_MULTICAST_TTL_V4, 0));
    call_ok(mio_source_set_option(&sender.source, MIO_OPTION_MULTICAST_INTERFACE_V4, loopback_index()));
    send_to_group(&sender, &group, "hello");
    wait_handle(mio_udp_socket_handle(&f.receiver), POLLIN);
    call_counts(mio_udp_socket_recv_from(&f.receiver, buffer, sizeof buffer, &from, NULL), 5);
    ck_assert_int_eq(mio_addr_port(&from), mio_addr_port(&sender_addr));
    mio_udp_socket_close(&sender);
    close_fixture(&f);
}
END_TEST

START_TEST(receivers_share_the_port_of_a_group)
{
    fixture f = open_fixture();
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_udp_socket receivers[2];
    mio_addr group;
    for (int i = 0; i < 2; i++) {
        call_ok(mio_udp_socket_from_handle(&receivers[i], raw_socket(AF_INET, SOCK_DGRAM)));
        call_ok(mio_source_set_option(&receivers[i].source, MIO_OPTION_REUSE_ADDR, 1));
        raw_bind(mio_udp_socket_handle(&receivers[i]), &any, &any);
        group = ipv4(239, 3, mio_addr_port(&any) >> 8, mio_addr_port(&any) & 255, (uint16_t)mio_addr_port(&any));
        call_ok(mio_udp_socket_join_multicast_v4(&receivers[i], &group, &f.local));
    }
    send_to_group(&f.sender, &group, "for both");
    for (int i = 0; i < 2; i++) {
        expect_datagram(&receivers[i], "for both", &f.sender_addr);
        mio_udp_socket_close(&receivers[i]);
    }
    close_fixture(&f);
}
END_TEST

START_TEST(a_socket_on_the_address_of_a_group_hears_that_one_only)
{
    fixture f = open_fixture();
    mio_addr wanted = group_of(&f, 239, 1);
    mio_addr other = group_of(&f, 239, 2);
    mio_udp_socket_close(&f.receiver);
    call_ok(mio_udp_socket_bind(&f.receiver, &wanted));
    call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &wanted, &f.local));
    call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &other, &f.local));
    stay_on_one_cpu();
    send_to_group(&f.sender, &other, "not heard");
    send_to_group(&f.sender, &wanted, "heard");
    expect_datagram(&f.receiver, "heard", &f.sender_addr);
    close_fixture(&f);
}
END_TEST

START_TEST(ipv4_membership_errors)
{
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 239, 1);
    mio_addr group_v6 = ipv6("ff15::7", 0);
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    mio_addr foreign = foreign_v4();
    mio_addr local_v6 = ipv6("::1", 0);
    call_fails(mio_udp_socket_join_multicast_v4(NULL, &group, NULL), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, NULL, &f.local), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &f.local, &f.local), EINVAL); /* not a group */
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &group_v6, &f.local), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &none, &f.local), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &path, &f.local), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &local_v6), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &none), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &foreign), ENODEV);
    call_fails(mio_udp_socket_leave_multicast_v4(NULL, &group, NULL), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v4(&f.receiver, NULL, &f.local), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v4(&f.receiver, &group_v6, &f.local), EAFNOSUPPORT);
    call_fails(mio_udp_socket_leave_multicast_v4(&f.receiver, &group, &local_v6), EAFNOSUPPORT);
    call_fails(mio_udp_socket_leave_multicast_v4(&f.receiver, &group, &f.local), EADDRNOTAVAIL);
    call_ok(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &f.local));
    call_fails(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &f.local), EADDRINUSE);
    call_ok(mio_udp_socket_leave_multicast_v4(&f.receiver, &group, &f.local));
    call_fails(mio_udp_socket_leave_multicast_v4(&f.receiver, &group, &f.local), EADDRNOTAVAIL);
    close_fixture(&f);
}
END_TEST

START_TEST(too_many_ipv4_groups_are_enobufs)
{
    fixture f = open_fixture();
    int most = system_setting("/proc/sys/net/ipv4/igmp_max_memberships");
    int64_t rc = 0;
    int joined = 0;
    if (most > 10000) {
        skip("net.ipv4.igmp_max_memberships is too large");
        close_fixture(&f);
        return;
    }
    while (rc == 0 && joined <= most) {
        mio_addr group = ipv4(239, joined / 256, joined % 256, 7, 0);
        rc = kept(mio_udp_socket_join_multicast_v4(&f.receiver, &group, &f.local));
        joined += rc == 0;
    }
    ck_assert_errno(rc, -ENOBUFS);
    ck_assert_int_eq(joined, most);
    close_fixture(&f);
}
END_TEST

/* ---- IPv6 ------------------------------------------------------------------------------------------------------- */

START_TEST(ipv6_membership_errors)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_udp_socket socket;
    mio_addr any = loopback_v6();
    mio_addr group = ipv6("ff15::7", 0);
    mio_addr group_v4 = ipv4(239, 1, 2, 3, 0);
    mio_addr none = no_addr();
    uint32_t lo = loopback_index();
    enum { NOBODYS_INDEX = 0x7ffffff0 };
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_fails(mio_udp_socket_join_multicast_v6(NULL, &group, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v6(&socket, NULL, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v6(&socket, &any, lo), EINVAL); /* not a group */
    call_fails(mio_udp_socket_join_multicast_v6(&socket, &group_v4, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v6(&socket, &none, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_v6(&socket, &group, NOBODYS_INDEX), ENODEV);
    call_fails(mio_udp_socket_leave_multicast_v6(NULL, &group, lo), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v6(&socket, NULL, lo), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v6(&socket, &group_v4, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_leave_multicast_v6(&socket, &group, lo), EADDRNOTAVAIL);
    call_ok(mio_udp_socket_join_multicast_v6(&socket, &group, lo));
    call_fails(mio_udp_socket_join_multicast_v6(&socket, &group, lo), EADDRINUSE);
    call_ok(mio_udp_socket_leave_multicast_v6(&socket, &group, lo));
    call_fails(mio_udp_socket_leave_multicast_v6(&socket, &group, lo), EADDRNOTAVAIL);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(an_ipv4_socket_joins_no_ipv6_group)
{
    fixture f = open_fixture();
    mio_addr group = ipv6("ff15::7", 0);
    mio_addr sender = ipv6("::1", 0);
    uint32_t lo = loopback_index();
    call_fails(mio_udp_socket_join_multicast_v6(&f.receiver, &group, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_leave_multicast_v6(&f.receiver, &group, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &group, &sender, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &sender, lo), EAFNOSUPPORT);
    close_fixture(&f);
}
END_TEST

#ifndef RTF_LOCAL
#define RTF_LOCAL 0x80000000
#endif

/*
 * Sends a datagram to an IPv6 group over the loopback interface, with system calls. Returns whether the datagram
 * arrives.
 */
static bool raw_groups_work(void)
{
    mio_addr any = ipv6("::", 0);
    mio_addr addr;
    mio_addr group;
    char byte;
    struct sockaddr_in6 name;
    int fd = raw_udp(&any, &addr);
    struct ipv6_mreq request = {.ipv6mr_interface = loopback_index()};
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    group = ipv6("ff15::1", (uint16_t)mio_addr_port(&addr));
    raw_set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)loopback_index());
    mio_addr_ip(&group, request.ipv6mr_multiaddr.s6_addr);
    bool works = mio_addr_to_sockaddr(&group, &name, sizeof name) > 0 &&
                 setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request) == 0 &&
                 sendto(fd, "x", 1, 0, (const struct sockaddr *)&name, sizeof name) == 1 &&
                 poll(&entry, 1, 1000) == 1 && recv(fd, &byte, 1, 0) == 1;
    close_fd(fd);
    return works;
}

/* Enters a new network namespace, and returns whether IPv6 multicast groups work there. */
static bool open_ipv6_groups(void)
{
    return enter_empty_network() && have_ipv6() && route_ipv6_groups() && raw_groups_work();
}

/* Sends "group" to the group, and then "direct" to the receiver. Returns the text that the receiver gets first. */
static const char *first_heard(mio_udp_socket *receiver, mio_udp_socket *sender, const mio_addr *group)
{
    static char text[16];
    mio_addr direct;
    mio_addr from;
    mio_addr wanted;
    if (mio_udp_socket_local_addr(receiver, &direct) != 0 || mio_udp_socket_local_addr(sender, &wanted) != 0) {
        return "no address";
    }
    direct = ipv6("::1", (uint16_t)mio_addr_port(&direct));
    if (mio_udp_socket_send_to(sender, "group", 6, group) != 6 ||
        mio_udp_socket_send_to(sender, "direct", 7, &direct) != 7) {
        return "not sent";
    }
    wait_handle(mio_udp_socket_handle(receiver), POLLIN);
    if (mio_udp_socket_recv_from(receiver, text, sizeof text, &from, NULL) < 0) {
        return "not received";
    }
    if (mio_addr_compare(&from, &wanted) != 0) {
        return "from somebody else";
    }
    if (strcmp(text, "group") == 0) { /* "direct" must arrive next */
        char mark[16];
        wait_handle(mio_udp_socket_handle(receiver), POLLIN);
        return mio_udp_socket_recv(receiver, mark, sizeof mark, NULL) == 7 ? text : "no mark";
    }
    return text;
}

/*
 * Opens a receiver that is bound to all addresses, and a sender on ::1. The group's address contains the receiver's
 * port.
 */
static int open_ipv6(mio_udp_socket *receiver, mio_udp_socket *sender, mio_addr *group)
{
    mio_addr any = ipv6("::", 0);
    mio_addr local = ipv6("::1", 0);
    mio_addr addr;
    stay_on_one_cpu();
    require(mio_udp_socket_bind(receiver, &any) == 0);
    require(mio_udp_socket_bind(sender, &local) == 0);
    require(mio_udp_socket_local_addr(receiver, &addr) == 0);
    require(mio_source_set_option(&sender->source, MIO_OPTION_MULTICAST_INTERFACE_V6, loopback_index()) == 0);
    *group = ipv6("ff15::7", (uint16_t)mio_addr_port(&addr));
    return 0;
}

static int join_ipv6_groups(void *context)
{
    (void)context;
    mio_udp_socket receiver;
    mio_udp_socket sender;
    mio_addr groups[2];
    uint32_t lo = loopback_index();
    if (!open_ipv6_groups()) {
        return SKIPPED;
    }
    require(open_ipv6(&receiver, &sender, &groups[0]) == 0);
    groups[1] = ipv6("ff15::8", (uint16_t)mio_addr_port(&groups[0]));
    for (int i = 0; i < 2; i++) {
        require(strcmp(first_heard(&receiver, &sender, &groups[i]), "direct") == 0);
        require(mio_udp_socket_join_multicast_v6(&receiver, &groups[i], lo) == 0);
        require(strcmp(first_heard(&receiver, &sender, &groups[i]), "group") == 0);
    }
    require(mio_udp_socket_leave_multicast_v6(&receiver, &groups[0], lo) == 0);
    require(strcmp(first_heard(&receiver, &sender, &groups[0]), "direct") == 0);
    require(strcmp(first_heard(&receiver, &sender, &groups[1]), "group") == 0);
    require(mio_udp_socket_leave_multicast_v6(&receiver, &groups[1], lo) == 0);
    /* If the index is 0, the kernel chooses the interface. This namespace has only one interface. */
    require(mio_udp_socket_join_multicast_v6(&receiver, &groups[0], 0) == 0);
    require(strcmp(first_heard(&receiver, &sender, &groups[0]), "group") == 0);
    require(mio_udp_socket_leave_multicast_v6(&receiver, &groups[0], 0) == 0);
    return 0;
}

START_TEST(joining_and_leaving_ipv6_groups)
{
    if (run_apart(join_ipv6_groups, NULL) == SKIPPED) {
        skip("cannot make a network of its own with IPv6 groups");
    }
}
END_TEST

/* ---- source-specific groups: a receiver joins a group for one sender -------------------------------------------- */

START_TEST(a_group_joined_for_one_sender_is_heard_from_that_one_only)
{
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 232, 1);
    mio_addr second_local = ipv4(127, 0, 0, 2, 0);
    mio_addr second_addr;
    mio_udp_socket second;
    uint32_t lo = loopback_index();
    call_ok(mio_udp_socket_bind(&second, &second_local));
    call_ok(mio_udp_socket_local_addr(&second, &second_addr));
    call_ok(mio_source_set_option(&second.source, MIO_OPTION_MULTICAST_INTERFACE_V4, lo));
    call_ok(mio_udp_socket_join_multicast_source(&f.receiver, &group, &second_local, lo));
    expect_not_heard(&f, &f.sender, &group);
    send_to_group(&second, &group, "heard");
    expect_datagram(&f.receiver, "heard", &second_addr);

    call_ok(mio_udp_socket_join_multicast_source(&f.receiver, &group, &f.local, lo)); /* a second source */
    send_to_group(&f.sender, &group, "both");
    expect_datagram(&f.receiver, "both", &f.sender_addr);
    call_ok(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &second_local, lo));
    expect_not_heard(&f, &second, &group);
    send_to_group(&f.sender, &group, "the first");
    expect_datagram(&f.receiver, "the first", &f.sender_addr);
    call_ok(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &f.local, lo));
    expect_not_heard(&f, &f.sender, &group);
    mio_udp_socket_close(&second);
    close_fixture(&f);
}
END_TEST

START_TEST(source_membership_arguments)
{
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 232, 1);
    mio_addr group_v6 = ipv6("ff35::7", 0);
    mio_addr sender_v6 = ipv6("::1", 0);
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    uint32_t lo = loopback_index();
    call_fails(mio_udp_socket_join_multicast_source(NULL, &group, &f.local, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, NULL, &f.local, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &group, NULL, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &f.local, &f.local, lo), EINVAL); /* not a group */
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &group, &sender_v6, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &group_v6, &f.local, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &none, &none, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &path, &path, lo), EAFNOSUPPORT);
    call_fails(mio_udp_socket_leave_multicast_source(NULL, &group, &f.local, lo), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, NULL, &f.local, lo), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, NULL, lo), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &sender_v6, lo), EAFNOSUPPORT);
    close_fixture(&f);
}
END_TEST

/* Linux would turn the membership for all senders into a membership for the single sender. */
START_TEST(a_membership_for_all_senders_is_not_replaced)
{
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 239, 1);
    mio_addr other = ipv4(127, 0, 0, 2, 0);
    uint32_t lo = loopback_index();
    call_ok(mio_udp_socket_join_multicast_v4_on(&f.receiver, &group, lo));
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &group, &other, lo), EADDRINUSE);
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &other, lo), EADDRNOTAVAIL);
    send_to_group(&f.sender, &group, "heard");
    expect_datagram(&f.receiver, "heard", &f.sender_addr);
    call_ok(mio_udp_socket_leave_multicast_v4_on(&f.receiver, &group, lo));
    /* The other order */
    call_ok(mio_udp_socket_join_multicast_source(&f.receiver, &group, &other, lo));
    call_fails(mio_udp_socket_join_multicast_v4_on(&f.receiver, &group, lo), EADDRINUSE);
    call_ok(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &other, lo));
    close_fixture(&f);
}
END_TEST

START_TEST(an_ipv6_membership_for_all_senders_is_not_replaced)
{
    mio_addr any = ipv6("::", 0);
    mio_addr group = ipv6("ff02::6d69:6f", 0);
    mio_addr sender = ipv6("fe80::9", 0);
    mio_udp_socket socket;
    uint32_t lo = loopback_index();
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_ok(mio_udp_socket_join_multicast_v6(&socket, &group, lo));
    call_fails(mio_udp_socket_join_multicast_source(&socket, &group, &sender, lo), EADDRINUSE);
    /* Without an interface, the system needs a route to the group. A build without a network has no route. */
    int64_t rc = kept(mio_udp_socket_join_multicast_source(&socket, &group, &sender, 0));
    ck_assert_msg(rc == -EADDRINUSE || rc == -ENODEV, "%s", errno_name(rc));
    call_fails(mio_udp_socket_leave_multicast_source(&socket, &group, &sender, lo), EADDRNOTAVAIL);
    call_ok(mio_udp_socket_leave_multicast_v6(&socket, &group, lo));
    call_ok(mio_udp_socket_join_multicast_source(&socket, &group, &sender, lo));
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(source_membership_errors)
{
    enum { NOBODYS_INDEX = 0x7ffffff0 };
    fixture f = open_fixture();
    mio_addr group = group_of(&f, 232, 1);
    mio_addr other = ipv4(127, 0, 0, 2, 0);
    uint32_t lo = loopback_index();
    call_fails(mio_udp_socket_join_multicast_source(&f.receiver, &group, &f.local, NOBODYS_INDEX), ENODEV);
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &f.local, lo), EADDRNOTAVAIL);
    call_ok(mio_udp_socket_join_multicast_source(&f.receiver, &group, &f.local, lo));
    int64_t rc = kept(mio_udp_socket_join_multicast_source(&f.receiver, &group, &f.local, lo));
    ck_assert_msg(rc == -EADDRINUSE || rc == -EADDRNOTAVAIL, "%s", errno_name(rc));
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &other, lo), EADDRNOTAVAIL);
    call_ok(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &f.local, lo));
    call_fails(mio_udp_socket_leave_multicast_source(&f.receiver, &group, &f.local, lo), EADDRNOTAVAIL);
    close_fixture(&f);
}
END_TEST

static int join_ipv6_for_one_sender(void *context)
{
    (void)context;
    mio_udp_socket receiver;
    mio_udp_socket sender;
    mio_addr group;
    mio_addr local = ipv6("::1", 0);
    mio_addr other = ipv6("2001:db8::7", 0);
    uint32_t lo = loopback_index();
    if (!open_ipv6_groups()) {
        return SKIPPED;
    }
    require(open_ipv6(&receiver, &sender, &group) == 0);
    require(mio_udp_socket_leave_multicast_source(&receiver, &group, &local, lo) == -EADDRNOTAVAIL);
    require(mio_udp_socket_join_multicast_source(&receiver, &group, &other, lo) == 0);
    require(strcmp(first_heard(&receiver, &sender, &group), "direct") == 0);
    require(mio_udp_socket_join_multicast_source(&receiver, &group, &local, lo) == 0);
    require(strcmp(first_heard(&receiver, &sender, &group), "group") == 0);
    require(mio_udp_socket_leave_multicast_source(&receiver, &group, &local, lo) == 0);
    require(strcmp(first_heard(&receiver, &sender, &group), "direct") == 0);
    require(mio_udp_socket_leave_multicast_source(&receiver, &group, &local, lo) == -EADDRNOTAVAIL);
    require(mio_udp_socket_leave_multicast_source(&receiver, &group, &other, lo) == 0);
    return 0;
}

START_TEST(an_ipv6_group_joined_for_one_sender_is_heard_from_that_one_only)
{
    if (run_apart(join_ipv6_for_one_sender, NULL) == SKIPPED) {
        skip("cannot make a network of its own with IPv6 groups");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_multicast");
    TCase *v4 = add_tcase(suite, "IPv4");
    tcase_add_backend_test(v4, joining_two_ipv4_groups_datagram_received_sender_address_right);
    tcase_add_test(v4, leaving_an_ipv4_group_ends_it);
    tcase_add_test(v4, ipv4_group_on_the_interface_that_the_system_chooses);
    tcase_add_test(v4, the_sending_interface_is_the_one_of_the_option);
    tcase_add_test(v4, receivers_share_the_port_of_a_group);
    tcase_add_test(v4, a_socket_on_the_address_of_a_group_hears_that_one_only);
    tcase_add_test(v4, ipv4_membership_errors);
    tcase_add_test(v4, too_many_ipv4_groups_are_enobufs);
    TCase *v6 = add_tcase(suite, "IPv6");
    tcase_add_test(v6, ipv6_membership_errors);
    tcase_add_test(v6, an_ipv4_socket_joins_no_ipv6_group);
    tcase_add_test(v6, joining_and_leaving_ipv6_groups);
    TCase *source = add_tcase(suite, "one sender only");
    tcase_add_test(source, a_group_joined_for_one_sender_is_heard_from_that_one_only);
    tcase_add_test(source, source_membership_arguments);
    tcase_add_test(source, source_membership_errors);
    tcase_add_test(source, a_membership_for_all_senders_is_not_replaced);
    tcase_add_test(source, an_ipv6_membership_for_all_senders_is_not_replaced);
    tcase_add_test(source, an_ipv6_group_joined_for_one_sender_is_heard_from_that_one_only);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
