/* SPDX-License-Identifier: MIT */
/*
 * Tests how a UDP socket changes its peer. After the change, the socket works like a new socket that has the same port
 * and the new peer. If the connect fails, the socket keeps its peer and its address.
 */
#include "../helpers/sockets.h"

#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int64_t receive(mio_udp_socket *socket, void *buffer, size_t length)
{
    wait_handle(mio_udp_socket_handle(socket), POLLIN);
    return kept(mio_udp_socket_recv(socket, buffer, length, NULL));
}

/*
 * Connects `socket` to a new socket on `address`, and checks that datagrams arrive in both directions. The source
 * address of `socket` must be `local`.
 */
static int talk_to(mio_udp_socket *socket, const mio_addr *address, const char *local)
{
    mio_addr peer_addr;
    mio_addr addr;
    mio_addr from;
    char text[MIO_ADDR_TEXT_SIZE];
    char buffer[16] = "";
    int peer = raw_udp(address, &peer_addr);
    require(mio_udp_socket_connect(socket, &peer_addr) == 0);
    require(mio_udp_socket_local_addr(socket, &addr) == 0);
    from = with_port(addr, 0);
    require(mio_addr_format(&from, text, sizeof text) > 0 && strcmp(text, local) == 0);
    require(mio_udp_socket_send(socket, "hello", 5) == 5);
    raw_read(peer, buffer, 5);
    require(memcmp(buffer, "hello", 5) == 0);
    raw_send_to(peer, "answer", 6, &addr);
    require(receive(socket, buffer, sizeof buffer) == 6);
    close_fd(peer);
    return 0;
}

static int talk_over_both_families(void *context)
{
    (void)context;
    mio_addr any = ipv6("::", 0);
    mio_addr mapped = ipv6("::ffff:127.0.0.1", 0);
    mio_addr local = loopback_v6();
    mio_udp_socket socket;
    mio_addr before;
    mio_addr addr;
    require(mio_udp_socket_bind(&socket, &any) == 0);
    require(mio_udp_socket_local_addr(&socket, &before) == 0);
    for (int i = 0; i < 2; i++) {
        require(talk_to(&socket, &mapped, "[::ffff:127.0.0.1]:0") == 0);
        require(talk_to(&socket, &local, "[::1]:0") == 0);
    }
    require(mio_udp_socket_connect(&socket, NULL) == 0);
    require(mio_udp_socket_local_addr(&socket, &addr) == 0);
    require(mio_addr_compare(&addr, &before) == 0);
    mio_udp_socket_close(&socket);
    return 0;
}

START_TEST(an_ipv6_socket_goes_from_a_peer_of_one_family_to_the_other)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    ck_assert_int_eq(talk_over_both_families(NULL), 0);
}
END_TEST

static int talk_from_each_address(void *context)
{
    (void)context;
    mio_addr local = loopback_v4();
    mio_addr other = ipv4(192, 0, 2, 2, 0);
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr bound = ipv4(127, 0, 0, 3, 0);
    mio_udp_socket socket;
    mio_addr before;
    mio_addr addr;
    if (!enter_empty_network() || !add_loopback_address(&other)) {
        return SKIPPED;
    }
    require(mio_udp_socket_bind(&socket, &any) == 0);
    require(mio_udp_socket_local_addr(&socket, &before) == 0);
    for (int i = 0; i < 2; i++) {
        require(talk_to(&socket, &local, "127.0.0.1:0") == 0);
        require(talk_to(&socket, &other, "192.0.2.2:0") == 0);
        require(mio_udp_socket_local_addr(&socket, &addr) == 0);
        require(mio_addr_port(&addr) == mio_addr_port(&before));
    }
    mio_udp_socket_close(&socket);
    /* The program has chosen the address, so connecting does not change it. */
    require(mio_udp_socket_bind(&socket, &bound) == 0);
    require(talk_to(&socket, &local, "127.0.0.3:0") == 0);
    require(talk_to(&socket, &other, "127.0.0.3:0") == 0);
    mio_udp_socket_close(&socket);
    return 0;
}

START_TEST(each_peer_is_sent_to_from_the_address_that_leads_there)
{
    if (run_apart(talk_from_each_address, NULL) == SKIPPED) {
        skip("cannot make a network of its own");
    }
}
END_TEST

START_TEST(another_peer_keeps_the_interface_of_the_user)
{
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr local = loopback_v4();
    mio_udp_socket socket;
    char device[MIO_OPTION_TEXT_SIZE];
    call_ok(mio_udp_socket_bind(&socket, &any));
    if (mio_source_set_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, "lo") != 0) {
        skip("an interface takes a privilege here");
        mio_udp_socket_close(&socket);
        return;
    }
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(i < 2 ? talk_to(&socket, &local, "127.0.0.1:0") : 0, 0);
        call_ok(i < 2 ? 0 : mio_udp_socket_connect(&socket, NULL));
        call_counts(mio_source_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, device, sizeof device), 2);
        ck_assert_str_eq(device, "lo");
    }
    mio_udp_socket_close(&socket);
}
END_TEST

static bool is_on_device(const mio_udp_socket *socket, const char *name)
{
    char device[MIO_OPTION_TEXT_SIZE];
    return mio_source_text_option(&socket->source, MIO_OPTION_BIND_DEVICE, device, sizeof device) >= 0 &&
           strcmp(device, name) == 0;
}

/*
 * Opens a socket on ::1, sets its interface to `device`, and changes and removes its peer. Returns SKIPPED if the host
 * cannot send from ::1 to ::1 by this interface.
 */
static int keep_a_foreign_address(const char *device)
{
    mio_addr any_port = loopback_v6();
    mio_addr peer = ipv6("::1", 9);
    mio_addr other = ipv6("::1", 10);
    const mio_addr *const changes[] = {&other, NULL};
    for (size_t i = 0; i < 2; i++) {
        mio_udp_socket socket;
        mio_addr before;
        mio_addr after;
        call_ok(mio_udp_socket_bind(&socket, &any_port));
        call_ok(mio_udp_socket_local_addr(&socket, &before));
        if (mio_source_set_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, device) != 0 ||
            mio_udp_socket_connect(&socket, &peer) != 0) {
            mio_udp_socket_close(&socket);
            return SKIPPED;
        }
        call_ok(mio_udp_socket_connect(&socket, changes[i]));
        call_ok(mio_udp_socket_local_addr(&socket, &after));
        ck_assert_int_eq(mio_addr_compare(&after, &before), 0);
        ck_assert(is_on_device(&socket, device));
        mio_udp_socket_close(&socket);
    }
    return 0;
}

START_TEST(another_peer_keeps_an_address_that_the_interface_does_not_have)
{
    bool is_done = false;
    enum { INDEXES = 64 };
    for (unsigned index = 1; have_ipv6() && index < INDEXES; index++) {
        char name[IF_NAMESIZE];
        if (if_indextoname(index, name) != NULL && strcmp(name, "lo") != 0 && keep_a_foreign_address(name) == 0) {
            is_done = true;
        }
    }
    if (!is_done) {
        skip("no IPv6, or no second interface that this process can use");
    }
}
END_TEST

/* Returns whether the socket is still connected to `peer`, and is still bound to `local`. */
static bool is_associated(mio_udp_socket *socket, int peer, const mio_addr *peer_addr, const mio_addr *local)
{
    mio_addr addr;
    char buffer[16];
    bool same = mio_udp_socket_peer_addr(socket, &addr) == 0 && mio_addr_compare(&addr, peer_addr) == 0 &&
                mio_udp_socket_local_addr(socket, &addr) == 0 && mio_addr_compare(&addr, local) == 0;
    if (!same || mio_udp_socket_send(socket, "hello", 5) != 5) {
        return false;
    }
    raw_read(peer, buffer, 5);
    raw_send_to(peer, "answer", 6, local);
    return receive(socket, buffer, sizeof buffer) == 6;
}

static int fail_to_connect(const mio_addr *any, const mio_addr *raw)
{
    const char *const nowhere[] = {
        "203.0.113.1:9", "[2001:db8::1]:9", "[fe80::1%lo]:9", "[fe80::1%2147483646]:9", "[2001:db8::1%2147483646]:9",
        "127.0.0.1:0"};
    mio_udp_socket socket;
    mio_addr peer_addr;
    mio_addr local;
    mio_addr addr;
    char device[MIO_OPTION_TEXT_SIZE];
    int peer = raw_udp(raw, &peer_addr);
    require(mio_udp_socket_bind(&socket, any) == 0);
    for (size_t connected = 0; connected < 2; connected++) {
        for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
            require(mio_addr_parse(&addr, nowhere[i]) == 0);
            require(mio_udp_socket_connect(&socket, &addr) < 0);
            require(mio_source_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, device, sizeof device) == 0);
            require(connected == 0 || is_associated(&socket, peer, &peer_addr, &local));
        }
        require(mio_udp_socket_connect(&socket, &peer_addr) == 0);
        require(mio_udp_socket_local_addr(&socket, &local) == 0);
    }
    mio_udp_socket_close(&socket);
    close_fd(peer);
    return 0;
}

static int fail_to_connect_each_family(void *context)
{
    (void)context;
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr local = loopback_v4();
    mio_addr mapped = ipv6("::ffff:127.0.0.1", 0);
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    require(fail_to_connect(&any, &local) == 0);
    if (!have_ipv6()) {
        return 0;
    }
    any = ipv6("::", 0);
    local = loopback_v6();
    require(fail_to_connect(&any, &local) == 0);
    require(fail_to_connect(&any, &mapped) == 0);
    return 0;
}

START_TEST(a_connect_that_fails_leaves_the_association)
{
    if (run_apart(fail_to_connect_each_family, NULL) == SKIPPED) {
        skip("cannot make a network of its own");
    }
}
END_TEST

START_TEST(a_port_that_others_share_by_now_leaves_the_association)
{
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr local = loopback_v4();
    mio_udp_socket socket;
    mio_addr peer_addr;
    mio_addr self;
    mio_addr second;
    int peer = raw_udp(&local, &peer_addr);
    for (int i = 0; i < 2; i++) {
        call_ok(mio_udp_socket_bind(&socket, &any));
        call_ok(mio_udp_socket_connect(&socket, &peer_addr));
        call_ok(mio_udp_socket_local_addr(&socket, &self));
        second = ipv4(127, 0, 0, 2, (uint16_t)mio_addr_port(&self));
        int other = raw_udp(&second, NULL); /* now another socket prevents binding this port on all addresses */
        call_fails(mio_udp_socket_connect(&socket, i == 0 ? NULL : &second), EADDRINUSE);
        ck_assert(is_associated(&socket, peer, &peer_addr, &self));
        mio_udp_socket_close(&socket);
        close_fd(other);
    }
    close_fd(peer);
}
END_TEST

static int lose_a_peer_with_a_scope(void *context)
{
    (void)context;
    mio_addr any = ipv6("::", 0);
    mio_addr elsewhere = ipv6("2001:db8::1", 9);
    mio_udp_socket socket;
    mio_addr before;
    mio_addr local;
    mio_addr peer;
    if (!have_ipv6() || !enter_empty_network()) {
        return SKIPPED;
    }
    mio_addr server = ipv6("::1", 9);
    require(mio_addr_parse(&peer, "[::1%lo]:9") == 0);
    require(mio_udp_socket_bind(&socket, &any) == 0 && mio_udp_socket_local_addr(&socket, &before) == 0);
    require(mio_udp_socket_connect(&socket, &peer) == 0 && is_on_device(&socket, "lo"));

    require(set_loopback_up(false));
    require(mio_udp_socket_connect(&socket, &elsewhere) < 0);
    require(mio_udp_socket_peer_addr(&socket, &peer) == -ENOTCONN && is_on_device(&socket, ""));
    require(mio_udp_socket_local_addr(&socket, &local) == 0 && mio_addr_compare(&local, &before) == 0);

    /* From now on, the interface of the socket is the choice of the program. */
    require(set_loopback_up(true));
    require(mio_source_set_text_option(&socket.source, MIO_OPTION_BIND_DEVICE, "lo") == 0);
    require(mio_udp_socket_connect(&socket, &server) == 0 && mio_udp_socket_connect(&socket, NULL) == 0);
    require(is_on_device(&socket, "lo"));
    mio_udp_socket_close(&socket);
    return 0;
}

START_TEST(a_lost_peer_takes_its_interface_along)
{
    if (run_apart(lose_a_peer_with_a_scope, NULL) == SKIPPED) {
        skip("no IPv6, or cannot make a network of its own");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_reconnect");
    TCase *again = add_tcase(suite, "another peer");
    tcase_add_test(again, an_ipv6_socket_goes_from_a_peer_of_one_family_to_the_other);
    tcase_add_test(again, each_peer_is_sent_to_from_the_address_that_leads_there);
    tcase_add_test(again, another_peer_keeps_the_interface_of_the_user);
    tcase_add_test(again, another_peer_keeps_an_address_that_the_interface_does_not_have);
    tcase_add_test(again, a_connect_that_fails_leaves_the_association);
    tcase_add_test(again, a_port_that_others_share_by_now_leaves_the_association);
    tcase_add_test(again, a_lost_peer_takes_its_interface_along);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
