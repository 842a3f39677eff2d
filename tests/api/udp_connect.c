/* SPDX-License-Identifier: MIT */
/* Tests how a UDP socket gets a peer, changes its peer and loses its peer. */
#include "../helpers/sockets.h"

#include <poll.h>

/* Waits for a datagram and receives it. If `from` is not null, stores the sender's address in it. */
static int64_t receive(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *from)
{
    wait_handle(mio_udp_socket_handle(socket), POLLIN);
    return kept(mio_udp_socket_recv_from(socket, buffer, length, from, NULL));
}

START_TEST(connect_may_be_repeated_and_dissolved)
{
    mio_addr any = loopback_v4();
    mio_udp_socket socket;
    mio_addr addr;
    mio_addr addrs[2];
    mio_addr self;
    char buffer[16];
    int peers[2] = {raw_udp(&any, &addrs[0]), raw_udp(&any, &addrs[1])};
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_ok(mio_udp_socket_local_addr(&socket, &self));
    for (int i = 0; i < 4; i++) {
        call_ok(mio_udp_socket_connect(&socket, &addrs[i % 2]));
        call_ok(mio_udp_socket_peer_addr(&socket, &addr));
        assert_addr_eq(&addr, &addrs[i % 2]);
        call_counts(mio_udp_socket_send(&socket, "hello", 5), 5);
        raw_read(peers[i % 2], buffer, 5);
        raw_send_to(peers[i % 2], "mine", 4, &self);
        call_counts(receive(&socket, buffer, sizeof buffer, NULL), 4);
    }
    call_ok(mio_udp_socket_connect(&socket, NULL));
    call_fails(mio_udp_socket_peer_addr(&socket, &addr), ENOTCONN);
    call_fails(mio_udp_socket_send(&socket, "hello", 5), EDESTADDRREQ);
    call_ok(mio_udp_socket_local_addr(&socket, &addr));
    assert_addr_eq(&addr, &self); /* removing the peer has not changed the local address */
    for (int i = 0; i < 2; i++) { /* without a peer, the socket receives from every sender */
        raw_send_to(peers[i], "all", 3, &self);
        call_counts(receive(&socket, buffer, sizeof buffer, &addr), 3);
        assert_addr_eq(&addr, &addrs[i]);
        close_fd(peers[i]);
    }
    call_ok(mio_udp_socket_connect(&socket, NULL)); /* this call also succeeds if the socket has no peer */
    mio_udp_socket_close(&socket);
}
END_TEST

/*
 * Binds a socket to `port0`, connects the socket to a peer, and disconnects the socket. Afterwards the socket must have
 * the same local address as before the connect.
 */
static void connect_and_dissolve(const mio_addr *port0, mio_addr local)
{
    mio_udp_socket socket;
    mio_addr bound;
    mio_addr addr;
    mio_addr peer_addr;
    mio_addr self;
    char buffer[16];
    int peer = raw_udp(&local, &peer_addr);
    call_ok(mio_udp_socket_bind(&socket, port0));
    call_ok(mio_udp_socket_local_addr(&socket, &bound));
    self = with_port(local, mio_addr_port(&bound));
    for (int i = 0; i < 3; i++) {
        call_ok(mio_udp_socket_connect(&socket, &peer_addr));
        call_ok(mio_udp_socket_connect(&socket, NULL));
        call_ok(mio_udp_socket_local_addr(&socket, &addr));
        assert_addr_eq(&addr, &bound);
        call_fails(mio_udp_socket_peer_addr(&socket, &addr), ENOTCONN);
        raw_send_to(peer, "still there", 11, &self);
        call_counts(receive(&socket, buffer, sizeof buffer, NULL), 11);
    }
    mio_udp_socket_close(&socket);
    close_fd(peer);
}

START_TEST(dissolving_leaves_the_socket_bound_as_it_was)
{
    mio_addr local = loopback_v4();
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr addr;
    connect_and_dissolve(&local, local);
    connect_and_dissolve(&any, local);
    close_fd(raw_udp(&local, &addr)); /* closing frees the port of `addr` for the next call */
    connect_and_dissolve(&addr, local);
    if (!have_ipv6()) {
        skip("the IPv6 part: no IPv6");
        return;
    }
    local = loopback_v6();
    any = ipv6("::", 0);
    connect_and_dissolve(&local, local);
    connect_and_dissolve(&any, local);
}
END_TEST

START_TEST(an_ipv6_socket_on_all_addresses_talks_to_ipv4_peers)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr any_v6 = ipv6("::", 0);
    mio_addr local = loopback_v4();
    mio_addr peer_addr;
    mio_addr mapped;
    mio_addr addr;
    mio_udp_socket socket;
    char buffer[16];
    int peer = raw_udp(&local, &peer_addr);
    mapped = ipv6("::ffff:127.0.0.1", (uint16_t)mio_addr_port(&peer_addr));
    call_ok(mio_udp_socket_bind(&socket, &any_v6));
    call_ok(mio_udp_socket_connect(&socket, &peer_addr));
    call_ok(mio_udp_socket_peer_addr(&socket, &addr));
    assert_addr_eq(&addr, &mapped);
    call_counts(mio_udp_socket_send(&socket, "hello", 5), 5);
    raw_read(peer, buffer, 5);
    ck_assert_mem_eq(buffer, "hello", 5);
    mio_udp_socket_close(&socket);
    close_fd(peer);
}
END_TEST

START_TEST(dissolving_leaves_an_unbound_socket_unbound)
{
    mio_udp_socket socket;
    mio_addr addr;
    call_ok(mio_udp_socket_from_handle(&socket, raw_socket(AF_INET, SOCK_DGRAM)));
    call_ok(mio_udp_socket_connect(&socket, NULL));
    call_ok(mio_udp_socket_local_addr(&socket, &addr));
    ck_assert_int_eq(mio_addr_port(&addr), 0);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(what_others_sent_before_connecting_is_received)
{
    mio_addr any = loopback_v4();
    mio_udp_socket socket;
    mio_addr peer_addr;
    mio_addr self;
    char buffer[16];
    int peer = raw_udp(&any, &peer_addr);
    int other = raw_udp(&any, NULL);
    stay_on_one_cpu();
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_ok(mio_udp_socket_local_addr(&socket, &self));
    raw_send_to(other, "before", 6, &self);
    call_ok(mio_udp_socket_connect(&socket, &peer_addr));
    raw_send_to(peer, "mine", 4, &self);
    call_counts(receive(&socket, buffer, sizeof buffer, NULL), 6);
    call_counts(receive(&socket, buffer, sizeof buffer, NULL), 4);
    mio_udp_socket_close(&socket);
    close_fd(other);
    close_fd(peer);
}
END_TEST

START_TEST(an_error_of_an_earlier_datagram_is_told_instead_of_sending)
{
    mio_addr any = loopback_v4();
    mio_udp_socket socket;
    mio_udp_socket peer;
    mio_addr addr;
    char buffer[16];
    close_fd(raw_udp(&any, &addr)); /* closing frees the port, so no socket has this address */
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_ok(mio_udp_socket_connect(&socket, &addr));
    call_counts(mio_udp_socket_send(&socket, "early", 5), 5);
    wait_handle(mio_udp_socket_handle(&socket), POLLIN); /* the wait ends because of POLLERR */
    call_ok(mio_udp_socket_bind(&peer, &addr));
    call_fails(mio_udp_socket_send(&socket, "lost", 4), ECONNREFUSED);
    call_counts(mio_udp_socket_send(&socket, "again!", 6), 6);
    call_counts(receive(&peer, buffer, sizeof buffer, NULL), 6);
    mio_udp_socket_close(&peer);
    mio_udp_socket_close(&socket);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_connect");
    TCase *tcase = add_tcase(suite, "peers");
    tcase_add_test(tcase, connect_may_be_repeated_and_dissolved);
    tcase_add_test(tcase, dissolving_leaves_the_socket_bound_as_it_was);
    tcase_add_test(tcase, dissolving_leaves_an_unbound_socket_unbound);
    tcase_add_test(tcase, an_ipv6_socket_on_all_addresses_talks_to_ipv4_peers);
    tcase_add_test(tcase, what_others_sent_before_connecting_is_received);
    tcase_add_test(tcase, an_error_of_an_earlier_datagram_is_told_instead_of_sending);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
