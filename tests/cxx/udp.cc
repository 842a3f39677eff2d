// SPDX-License-Identifier: MIT
// Tests that each function of the class UdpSocket calls the matching C function. The tests send real datagrams.
#include "support.hpp"

#include <net/if.h>

#if __cplusplus >= 202002L
#include <array>
#include <span>
#endif

using mio::Addr;
using mio::Interest;
using mio::Token;
using mio::UdpSocket;

namespace {

// Two sockets. The second socket is registered for reading with token 1.
struct Sockets {
    UdpSocket left = MUST(UdpSocket::bind(loopback()));
    UdpSocket right = MUST(UdpSocket::bind(loopback()));
    Addr left_addr = MUST(left.local_addr());
    Addr right_addr = MUST(right.local_addr());
    mio::Poll poll = MUST(mio::Poll::create());

    Sockets() { MUST(poll.registry().register_source(right, Token{1}, Interest::readable)); }

    void wait_right() { ck_assert(wait_event(poll, Token{1}).is_readable()); }
};

START_TEST(datagrams_go_to_an_address_and_tell_their_sender)
{
    Sockets sockets;
    char buffer[8] = {};
    ck_assert(sockets.right.recv_from(buffer, sizeof buffer).would_block());
    ck_assert(sockets.right.peek_from(buffer, sizeof buffer).would_block());
    ck_assert_uint_eq(MUST(sockets.left.send_to("abc", 3, sockets.right_addr)), 3);
    sockets.wait_right();
    const mio::ReceivedFrom peeked = MUST(sockets.right.peek_from(buffer, sizeof buffer));
    ck_assert_uint_eq(peeked.size, 3);
    ck_assert(peeked.from == sockets.left_addr);
    std::memset(buffer, 0, sizeof buffer);
    const mio::ReceivedFrom received = MUST(sockets.right.recv_from(buffer, sizeof buffer));
    ck_assert_uint_eq(received.size, 3);
    ck_assert(!received.truncated);
    ck_assert(received.from == sockets.left_addr);
    ck_assert_str_eq(buffer, "abc");
    ck_assert(sockets.right.recv_from(buffer, sizeof buffer).would_block());
}
END_TEST

START_TEST(connected_sockets_need_no_address)
{
    Sockets sockets;
    FAILS(sockets.left.send("abc", 3), EDESTADDRREQ);
    FAILS(sockets.left.peer_addr(), ENOTCONN);
    MUST(sockets.left.connect(sockets.right_addr));
    ck_assert(MUST(sockets.left.peer_addr()) == sockets.right_addr);
    ck_assert_uint_eq(MUST(sockets.left.send("abc", 3)), 3);
    sockets.wait_right();
    char buffer[8] = {};
    const mio::Received peeked = MUST(sockets.right.peek(buffer, sizeof buffer));
    ck_assert_uint_eq(peeked.size, 3);
    const mio::Received received = MUST(sockets.right.recv(buffer, sizeof buffer));
    ck_assert_uint_eq(received.size, 3);
    ck_assert(!received.truncated);
    ck_assert_str_eq(buffer, "abc");
    ck_assert(sockets.right.recv(buffer, sizeof buffer).would_block());
    ck_assert(sockets.right.peek(buffer, sizeof buffer).would_block());
    MUST(sockets.left.disconnect());
    FAILS(sockets.left.peer_addr(), ENOTCONN);
    FAILS(sockets.left.send("abc", 3), EDESTADDRREQ);
    ck_assert(!MUST(sockets.left.take_error()));
}
END_TEST

START_TEST(a_datagram_of_no_bytes_is_received)
{
    Sockets sockets;
    ck_assert_uint_eq(MUST(sockets.left.send_to(nullptr, 0, sockets.right_addr)), 0);
    sockets.wait_right();
    char buffer[8];
    const mio::ReceivedFrom received = MUST(sockets.right.recv_from(buffer, sizeof buffer));
    ck_assert_uint_eq(received.size, 0);
    ck_assert(!received.truncated);
    ck_assert(received.from == sockets.left_addr);
}
END_TEST

START_TEST(a_datagram_that_is_cut_says_so)
{
    Sockets sockets;
    char buffer[8] = {};
    for (int i = 0; i < 2; ++i)
        MUST(sockets.left.send_to("abcdef", 6, sockets.right_addr));
    sockets.wait_right();
    const mio::ReceivedFrom peeked_from = MUST(sockets.right.peek_from(buffer, 4));
    ck_assert_uint_eq(peeked_from.size, 4);
    ck_assert(peeked_from.truncated);
    const mio::ReceivedFrom from = MUST(sockets.right.recv_from(buffer, 4));
    ck_assert_uint_eq(from.size, 4);
    ck_assert(from.truncated);
    ck_assert(from.from == sockets.left_addr);
    ck_assert_str_eq(buffer, "abcd");
    const mio::Received peeked = MUST(sockets.right.peek(buffer, 5));
    ck_assert_uint_eq(peeked.size, 5);
    ck_assert(peeked.truncated);
    const mio::Received received = MUST(sockets.right.recv(buffer, 5));
    ck_assert_uint_eq(received.size, 5);
    ck_assert(received.truncated);
    ck_assert(sockets.right.recv(buffer, 5).would_block());
}
END_TEST

#if defined(__cpp_lib_span)
START_TEST(spans_are_buffers)
{
    Sockets sockets;
    const std::array<std::byte, 3> out{std::byte{1}, std::byte{2}, std::byte{3}};
    std::array<std::byte, 8> in{};
    MUST(sockets.left.send_to(out, sockets.right_addr));
    sockets.wait_right();
    ck_assert_uint_eq(MUST(sockets.right.peek_from(in)).size, 3);
    ck_assert_uint_eq(MUST(sockets.right.recv_from(in)).size, 3);
    ck_assert(in[2] == std::byte{3});
    // This call fails with EAGAIN and uses up the readiness, so the next datagram causes an event.
    ck_assert(sockets.right.recv_from(in).would_block());
    MUST(sockets.left.connect(sockets.right_addr));
    MUST(sockets.left.send(out));
    sockets.wait_right();
    ck_assert_uint_eq(MUST(sockets.right.peek(in)).size, 3);
    const mio::Received received = MUST(sockets.right.recv(std::span(in).first(2)));
    ck_assert_uint_eq(received.size, 2);
    ck_assert(received.truncated);
}
END_TEST
#endif

START_TEST(options_are_set_and_read)
{
    UdpSocket socket = MUST(UdpSocket::bind(loopback()));
    ck_assert(!MUST(socket.broadcast()));
    MUST(socket.set_broadcast(true));
    ck_assert(MUST(socket.broadcast()));
    ck_assert(MUST(socket.multicast_loop_v4()));
    MUST(socket.set_multicast_loop_v4(false));
    ck_assert(!MUST(socket.multicast_loop_v4()));
    MUST(socket.set_multicast_ttl_v4(0));
    ck_assert_uint_eq(MUST(socket.multicast_ttl_v4()), 0);
    MUST(socket.set_multicast_ttl_v4(33));
    ck_assert_uint_eq(MUST(socket.multicast_ttl_v4()), 33);
    FAILS(socket.set_multicast_ttl_v4(256), EINVAL);
    MUST(socket.set_ttl(44));
    ck_assert_uint_eq(MUST(socket.ttl()), 44);
    const std::uint32_t index = if_nametoindex("lo");
    if (index != 0) MUST(socket.set_multicast_interface_v4(index));
    FAILS(socket.set_multicast_interface_v4(UINT32_MAX), EINVAL);
}
END_TEST

START_TEST(options_of_ipv6_are_set_and_read)
{
    const int fd = os::socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0) return; // this machine has no IPv6
    UdpSocket socket = MUST(UdpSocket::from_handle(fd));
    ck_assert(MUST(socket.multicast_loop_v6()));
    MUST(socket.set_multicast_loop_v6(false));
    ck_assert(!MUST(socket.multicast_loop_v6()));
    MUST(socket.set_multicast_hops_v6(0));
    ck_assert_int_eq(MUST(socket.multicast_hops_v6()), 0);
    MUST(socket.set_multicast_hops_v6(-1));
    ck_assert_int_ge(MUST(socket.multicast_hops_v6()), 0);
    MUST(socket.set_hop_limit(12));
    ck_assert_int_eq(MUST(socket.hop_limit()), 12);
    MUST(socket.set_only_v6(true));
    ck_assert(MUST(socket.only_v6()));
    const std::uint32_t index = if_nametoindex("lo");
    if (index != 0) {
        MUST(socket.set_multicast_interface_v6(index));
        ck_assert_uint_eq(MUST(socket.multicast_interface_v6()), index);
    }
}
END_TEST

// On some machines, join_multicast_v4(group) fails, because the program does not choose the interface. So the test also
// passes an IPv6 group: the error EAFNOSUPPORT shows that the method passes the group to the C function.
START_TEST(groups_are_joined_and_left)
{
    UdpSocket socket = MUST(UdpSocket::bind(Addr::ipv4({0, 0, 0, 0}, 0)));
    const Addr group = Addr::ipv4({224, 0, 0, 200}, 0);
    MUST(socket.join_multicast_v4(group, loopback()));
    FAILS(socket.join_multicast_v4(group, loopback()), EADDRINUSE);
    MUST(socket.leave_multicast_v4(group, loopback()));
    FAILS(socket.leave_multicast_v4(group, loopback()), EADDRNOTAVAIL);
    FAILS(socket.join_multicast_v4(Addr::ipv6({}, 0)), EAFNOSUPPORT);
    FAILS(socket.leave_multicast_v4(Addr::ipv6({}, 0)), EAFNOSUPPORT);
    if (socket.join_multicast_v4(group)) MUST(socket.leave_multicast_v4(group));

    const std::uint32_t index = if_nametoindex("lo");
    MUST(socket.join_multicast_v4_on(group, index));
    FAILS(socket.join_multicast_v4_on(group, index), EADDRINUSE);
    MUST(socket.leave_multicast_v4_on(group, index));
    FAILS(socket.leave_multicast_v4_on(group, index), EADDRNOTAVAIL);
}
END_TEST

START_TEST(groups_of_one_sender_are_joined_and_left)
{
    UdpSocket socket = MUST(UdpSocket::bind(Addr::ipv4({0, 0, 0, 0}, 0)));
    const std::uint32_t index = if_nametoindex("lo");
    const Addr source_group = Addr::ipv4({232, 0, 0, 200}, 0);
    MUST(socket.join_multicast_source(source_group, loopback(), index));
    FAILS(socket.leave_multicast_source(source_group, Addr::ipv4({127, 0, 0, 9}, 0), index), EADDRNOTAVAIL);
    MUST(socket.leave_multicast_source(source_group, loopback(), index));
    FAILS(socket.join_multicast_source(source_group, Addr::ipv6({}, 0)), EAFNOSUPPORT);
}
END_TEST

START_TEST(groups_of_ipv6_are_joined_and_left)
{
    const int fd = os::socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0) return; // this machine has no IPv6
    UdpSocket socket = MUST(UdpSocket::from_handle(fd));
    FAILS(socket.join_multicast_v6(loopback()), EAFNOSUPPORT);
    FAILS(socket.leave_multicast_v6(loopback()), EAFNOSUPPORT);
    const Addr group = MUST(Addr::parse_ip("ff02::1234", 0));
    const std::uint32_t index = if_nametoindex("lo");
    if (index == 0 || !socket.join_multicast_v6(group, index)) return; // this machine cannot join the group
    FAILS(socket.join_multicast_v6(group, index), EADDRINUSE);
    MUST(socket.leave_multicast_v6(group, index));
    FAILS(socket.leave_multicast_v6(group, index), EADDRNOTAVAIL);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("udp");
    TCase *tcase = tcase_create("udp");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, datagrams_go_to_an_address_and_tell_their_sender);
    tcase_add_test(tcase, connected_sockets_need_no_address);
    tcase_add_test(tcase, a_datagram_of_no_bytes_is_received);
    tcase_add_test(tcase, a_datagram_that_is_cut_says_so);
#if defined(__cpp_lib_span)
    tcase_add_test(tcase, spans_are_buffers);
#endif
    tcase_add_test(tcase, options_are_set_and_read);
    tcase_add_test(tcase, options_of_ipv6_are_set_and_read);
    tcase_add_test(tcase, groups_are_joined_and_left);
    tcase_add_test(tcase, groups_of_one_sender_are_joined_and_left);
    tcase_add_test(tcase, groups_of_ipv6_are_joined_and_left);
    return run(suite);
}
