/* SPDX-License-Identifier: MIT */
/*
 * Tests the scope of an IPv6 address, such as lo in [::1%lo]. Every function that takes an IPv6 address uses the
 * address's scope as the interface. The function returns -EINVAL if another argument names a different interface than
 * the scope. The library compares the two interfaces itself, because the kernel ignores the scope of an address that is
 * not link-local.
 */
#include "../helpers/sockets.h"

#include <net/if.h>
#include <poll.h>
#include <unistd.h>

enum { NOBODYS_INDEX = 0x7ffffff0 };

/* Returns an IPv6 address with the given port and scope. The scope is the index of an interface. */
static mio_addr scoped(const char *text, int port, uint32_t scope)
{
    mio_addr addr = ipv6(text, 0);
    uint8_t ip[16];
    ck_assert_int_eq(mio_addr_ip(&addr, ip), 16);
    ck_assert_ok(mio_addr_from_ipv6(&addr, ip, (uint16_t)port, 0, scope));
    return addr;
}

/*
 * Returns whether the system lets this process bind a socket to an interface. Before Linux 5.7, a process needed a
 * privilege to bind a socket to an interface.
 */
static bool may_name_interfaces(void)
{
    int fd = raw_socket(AF_INET6, SOCK_DGRAM);
    bool may = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) == 0;
    close_fd(fd);
    return have_ipv6() && may;
}

#define SKIP_WITHOUT_INTERFACES()                                                                                      \
    do {                                                                                                               \
        if (!may_name_interfaces()) {                                                                                  \
            skip("no IPv6, or an interface takes a privilege");                                                        \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)

static const char *device_of(const mio_source *source)
{
    static char device[MIO_OPTION_TEXT_SIZE];
    ck_assert_int_ge(kept(mio_source_text_option(source, MIO_OPTION_BIND_DEVICE, device, sizeof device)), 0);
    return device;
}

START_TEST(a_group_is_joined_on_the_interface_of_its_scope)
{
    SKIP_WITHOUT_INTERFACES();
    static const char *const groups[] = {"ff02::1234", "ff05::1234", "ff1e::1234"};
    uint32_t lo = loopback_index();
    mio_udp_socket socket;
    mio_addr any = ipv6("::", 0);
    call_ok(mio_udp_socket_bind(&socket, &any));
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        mio_addr group = scoped(groups[i], 0, lo);
        mio_addr bare = ipv6(groups[i], 0);
        mio_addr nowhere = scoped(groups[i], 0, NOBODYS_INDEX);
        call_fails(mio_udp_socket_join_multicast_v6(&socket, &nowhere, 0), ENODEV);
        call_fails(mio_udp_socket_join_multicast_v6(&socket, &nowhere, lo), EINVAL);
        call_ok(mio_udp_socket_join_multicast_v6(&socket, &group, 0));
        call_fails(mio_udp_socket_join_multicast_v6(&socket, &group, lo), EADDRINUSE);
        call_fails(mio_udp_socket_join_multicast_v6(&socket, &bare, lo), EADDRINUSE);
        call_fails(mio_udp_socket_leave_multicast_v6(&socket, &nowhere, lo), EINVAL);
        call_ok(mio_udp_socket_leave_multicast_v6(&socket, &bare, lo));
        call_ok(mio_udp_socket_join_multicast_v6(&socket, &bare, lo));
        call_ok(mio_udp_socket_leave_multicast_v6(&socket, &group, 0));
        call_fails(mio_udp_socket_leave_multicast_v6(&socket, &group, 0), EADDRNOTAVAIL);
    }
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(a_group_for_one_sender_is_joined_on_the_interface_of_either)
{
    SKIP_WITHOUT_INTERFACES();
    uint32_t lo = loopback_index();
    mio_udp_socket socket;
    mio_addr any = ipv6("::", 0);
    mio_addr groups[] = {scoped("ff32::7", 0, lo), ipv6("ff32::7", 0)};
    mio_addr senders[] = {scoped("fe80::7", 0, lo), ipv6("fe80::7", 0)};
    mio_addr elsewhere = scoped("fe80::7", 0, NOBODYS_INDEX);
    mio_addr far_group = scoped("ff32::7", 0, NOBODYS_INDEX);
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_fails(mio_udp_socket_join_multicast_source(&socket, &groups[0], &elsewhere, 0), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(&socket, &groups[1], &elsewhere, lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(&socket, &far_group, &senders[1], lo), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(&socket, &far_group, &senders[1], 0), ENODEV);
    for (int i = 0; i < 3; i++) { /* the scope is in the group, in the sender, or in both */
        mio_addr *group = &groups[i == 1];
        mio_addr *sender = &senders[i == 0];
        call_ok(mio_udp_socket_join_multicast_source(&socket, group, sender, 0));
        call_fails(mio_udp_socket_leave_multicast_source(&socket, group, &elsewhere, lo), EINVAL);
        call_ok(mio_udp_socket_leave_multicast_source(&socket, &groups[1], &senders[1], lo));
    }
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(what_is_bound_to_a_scope_uses_that_interface)
{
    SKIP_WITHOUT_INTERFACES();
    mio_addr addr = scoped("::1", 0, loopback_index());
    mio_addr nowhere = scoped("::1", 0, NOBODYS_INDEX);
    mio_udp_socket udp;
    mio_tcp_listener listener;
    mio_tcp_socket tcp;
    call_fails(mio_udp_socket_bind(&udp, &nowhere), ENODEV);
    call_fails(mio_tcp_listener_bind(&listener, &nowhere, 1), ENODEV);
    call_ok(mio_tcp_socket_open(&tcp, MIO_ADDR_IPV6));
    call_fails(mio_tcp_socket_bind(&tcp, &nowhere), ENODEV);
    ck_assert_str_eq(device_of(&tcp.source), "");

    call_ok(mio_udp_socket_bind(&udp, &addr));
    call_ok(mio_tcp_listener_bind(&listener, &addr, 1));
    call_ok(mio_source_set_text_option(&tcp.source, MIO_OPTION_BIND_DEVICE, "lo"));
    call_fails(mio_tcp_socket_bind(&tcp, &nowhere), EINVAL); /* lo and `nowhere` are different interfaces */
    call_ok(mio_tcp_socket_bind(&tcp, &addr));
    ck_assert_str_eq(device_of(&udp.source), "lo");
    ck_assert_str_eq(device_of(&listener.source), "lo");
    ck_assert_str_eq(device_of(&tcp.source), "lo");
    mio_udp_socket_close(&udp);
    mio_tcp_listener_close(&listener);
    mio_tcp_socket_close(&tcp);
}
END_TEST

START_TEST(what_connects_to_a_scope_uses_that_interface)
{
    SKIP_WITHOUT_INTERFACES();
    mio_addr local = loopback_v6();
    mio_addr addr;
    mio_addr peer;
    mio_udp_socket udp;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_tcp_socket tcp;
    call_ok(mio_tcp_listener_bind(&listener, &local, 4));
    call_ok(mio_tcp_listener_local_addr(&listener, &addr));
    mio_addr server = scoped("::1", mio_addr_port(&addr), loopback_index());
    mio_addr nowhere = scoped("::1", mio_addr_port(&addr), NOBODYS_INDEX);
    call_fails(mio_tcp_stream_connect(&stream, &nowhere), ENODEV);
    call_ok(mio_tcp_stream_connect(&stream, &server));
    ck_assert_str_eq(device_of(&stream.source), "lo");
    mio_tcp_stream_close(&stream);
    call_ok(mio_tcp_socket_open(&tcp, MIO_ADDR_IPV6));
    call_fails(mio_tcp_socket_connect(&tcp, &nowhere, &stream), ENODEV);
    call_ok(mio_source_set_text_option(&tcp.source, MIO_OPTION_BIND_DEVICE, "lo"));
    call_fails(mio_tcp_socket_connect(&tcp, &nowhere, &stream), EINVAL);
    call_ok(mio_tcp_socket_connect(&tcp, &server, &stream));
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);

    local = ipv6("::", 0);
    call_ok(mio_udp_socket_bind(&udp, &local));
    for (int i = 0; i < 2; i++) { /* a failed connect does not bind the socket to an interface */
        call_fails(mio_udp_socket_connect(&udp, &nowhere), ENODEV);
        ck_assert_str_eq(device_of(&udp.source), "");
        call_ok(mio_udp_socket_connect(&udp, &server));
        ck_assert_str_eq(device_of(&udp.source), "lo");
        call_fails(mio_udp_socket_connect(&udp, &nowhere), ENODEV);
        ck_assert_str_eq(device_of(&udp.source), "lo");
        call_ok(mio_udp_socket_peer_addr(&udp, &peer));
        ck_assert_int_eq(mio_addr_port(&peer), mio_addr_port(&server));
        call_ok(mio_udp_socket_connect(&udp, i == 0 ? &addr : NULL));
        ck_assert_str_eq(device_of(&udp.source), "");
    }
    mio_udp_socket_close(&udp);
}
END_TEST

/* Writes the address ::1 with the name of the loopback interface as the scope. */
static void write_named(char text[MIO_ADDR_TEXT_SIZE])
{
    char name[IF_NAMESIZE];
    ck_assert_ptr_nonnull(if_indextoname(loopback_index(), name));
    snprintf(text, MIO_ADDR_TEXT_SIZE, "::1%%%s", name);
}

START_TEST(a_name_that_cannot_be_looked_up_is_not_an_unknown_name)
{
    mio_addr addr;
    char text[MIO_ADDR_TEXT_SIZE];
    write_named(text);
    refuse_descriptors();
    int result = mio_addr_parse_ip(&addr, text, 0);
    allow_descriptors();
    ck_assert(result == -EMFILE || result == 0); /* on some systems, a lookup needs no descriptor */
}
END_TEST

static int look_up_in_sandbox(void *text)
{
    mio_addr addr;
    if (!refuse_sockets(AF_UNIX, EAFNOSUPPORT) || !refuse_sockets(AF_INET, EAFNOSUPPORT)) {
        return SKIPPED;
    }
    require(mio_addr_parse_ip(&addr, text, 0) == 0);
    require(refuse_sockets(AF_INET6, EAFNOSUPPORT));
    require(mio_addr_parse_ip(&addr, text, 0) == -EPERM);
    return 0;
}

START_TEST(a_name_is_looked_up_with_a_socket_of_any_family)
{
    char text[MIO_ADDR_TEXT_SIZE];
    write_named(text);
    if (run_apart(look_up_in_sandbox, text) == SKIPPED) {
        skip("no seccomp filters that see the family of a socket");
    }
}
END_TEST

START_TEST(a_scope_needs_no_descriptor)
{
    SKIP_WITHOUT_INTERFACES();
    mio_addr local = loopback_v6();
    mio_addr addr;
    mio_addr peer;
    mio_tcp_listener listener;
    mio_tcp_socket tcp;
    mio_tcp_stream stream;
    mio_udp_socket udp;
    call_ok(mio_tcp_listener_bind(&listener, &local, 4));
    call_ok(mio_tcp_listener_local_addr(&listener, &addr));
    mio_addr server = scoped("::1", mio_addr_port(&addr), loopback_index());
    mio_addr any = scoped("::1", 0, loopback_index());
    call_ok(mio_tcp_socket_open(&tcp, MIO_ADDR_IPV6));
    call_ok(mio_udp_socket_bind(&udp, &local));
    refuse_descriptors();
    call_ok(mio_tcp_socket_bind(&tcp, &any));
    call_ok(mio_tcp_socket_connect(&tcp, &server, &stream));
    call_ok(mio_udp_socket_connect(&udp, &server));
    allow_descriptors();
    ck_assert_str_eq(device_of(&stream.source), "lo");
    ck_assert_str_eq(device_of(&udp.source), "lo");
    mio_udp_socket_close(&udp);

    call_ok(mio_udp_socket_bind(&udp, &local));
    call_ok(mio_source_set_text_option(&udp.source, MIO_OPTION_BIND_DEVICE, "lo"));
    refuse_descriptors();
    call_ok(mio_udp_socket_connect(&udp, &server));
    call_ok(mio_udp_socket_connect(&udp, &server));
    mio_addr nowhere = scoped("::1", mio_addr_port(&addr), NOBODYS_INDEX);
    call_fails(mio_udp_socket_connect(&udp, &nowhere), EINVAL);
    allow_descriptors();
    call_ok(mio_udp_socket_peer_addr(&udp, &peer)); /* after the error, the socket keeps its peer */
    ck_assert_int_eq(mio_addr_port(&peer), mio_addr_port(&server));
    ck_assert_str_eq(device_of(&udp.source), "lo");
    mio_udp_socket_close(&udp);
    mio_tcp_stream_close(&stream);
    mio_tcp_listener_close(&listener);
}
END_TEST

static void expect_text(mio_udp_socket *socket, const char *text)
{
    char buffer[16] = "";
    wait_handle(mio_udp_socket_handle(socket), POLLIN);
    call_counts(mio_udp_socket_recv(socket, buffer, sizeof buffer, NULL), strlen(text));
    ck_assert_str_eq(buffer, text);
}

START_TEST(what_is_sent_to_a_scope_leaves_by_that_interface)
{
    SKIP_WITHOUT_INTERFACES();
    uint32_t lo = loopback_index();
    mio_addr local = loopback_v6();
    mio_addr addr;
    mio_udp_socket receiver;
    mio_udp_socket sender;
    mio_ancillary ancillary = {{0}};
    mio_iovec piece = {(char *)"hello", 5};
    mio_udp_message messages[3] = {MIO_UDP_MESSAGE_INIT, MIO_UDP_MESSAGE_INIT, MIO_UDP_MESSAGE_INIT};
    call_ok(mio_udp_socket_bind(&receiver, &local));
    call_ok(mio_udp_socket_local_addr(&receiver, &addr));
    call_ok(mio_udp_socket_bind(&sender, &local));
    mio_addr there = scoped("::1", mio_addr_port(&addr), lo);
    mio_addr nowhere = scoped("::1", mio_addr_port(&addr), NOBODYS_INDEX);
    stay_on_one_cpu();
    call_fails(mio_udp_socket_send_to(&sender, "hello", 5, &nowhere), ENODEV);
    call_counts(mio_udp_socket_send_to(&sender, "hello", 5, &there), 5);
    expect_text(&receiver, "hello");
    for (int i = 0; i < 3; i++) {
        messages[i].pieces = &piece;
        messages[i].piece_count = 1;
        messages[i].addr = i == 1 ? &addr : &there;
        messages[i].ancillary = i == 2 ? &ancillary : NULL;
    }
    call_ok(mio_ancillary_set_source(&ancillary, &local,
                                     0)); /* the kernel sends through the interface in the scope of `local` */
    for (int sent = 0; sent < 3;) {
        int64_t count = kept(mio_udp_socket_send_batch(&sender, messages + sent, (size_t)(3 - sent)));
        ck_assert_int_gt(count, 0);
        sent += (int)count;
    }
    for (int i = 0; i < 3; i++) {
        expect_text(&receiver, "hello");
    }
    messages[2].addr = &nowhere;
    call_fails(mio_udp_socket_send_batch(&sender, &messages[2], 1), ENODEV);
    call_fails(mio_udp_socket_send_message(&sender, &messages[2]), ENODEV);
    call_ok(mio_ancillary_set_source(&ancillary, &local, lo));
    call_fails(mio_udp_socket_send_message(&sender, &messages[2]), EINVAL); /* lo and `nowhere` differ */
    messages[2].addr = &there;
    call_counts(mio_udp_socket_send_message(&sender, &messages[2]), 5);
    expect_text(&receiver, "hello");
    mio_udp_socket_close(&receiver);
    mio_udp_socket_close(&sender);
}
END_TEST

START_TEST(a_source_has_one_interface)
{
    mio_ancillary ancillary = {{0}};
    mio_addr source = scoped("fe80::1", 0, 7);
    call_fails_keeping(&ancillary, mio_ancillary_set_source(&ancillary, &source, 8), EINVAL);
    call_ok(mio_ancillary_set_source(&ancillary, &source, 7));
    call_ok(mio_ancillary_set_source(&ancillary, &source, 0));
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("addr_scope");
    TCase *tcase = add_tcase(suite, "scope");
    tcase_add_test(tcase, a_group_is_joined_on_the_interface_of_its_scope);
    tcase_add_test(tcase, a_group_for_one_sender_is_joined_on_the_interface_of_either);
    tcase_add_test(tcase, what_is_bound_to_a_scope_uses_that_interface);
    tcase_add_test(tcase, what_connects_to_a_scope_uses_that_interface);
    tcase_add_test(tcase, what_is_sent_to_a_scope_leaves_by_that_interface);
    tcase_add_test(tcase, a_name_that_cannot_be_looked_up_is_not_an_unknown_name);
    tcase_add_test(tcase, a_name_is_looked_up_with_a_socket_of_any_family);
    tcase_add_test(tcase, a_scope_needs_no_descriptor);
    tcase_add_test(tcase, a_source_has_one_interface);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
