// SPDX-License-Identifier: MIT
// Tests the classes for UDP datagrams with ancillary data: each function of a class must call the matching C function.
#include "support.hpp"

using mio::Addr;
using mio::Ancillary;
using mio::Interest;
using mio::ReadPiece;
using mio::Token;
using mio::UdpIncoming;
using mio::UdpOutgoing;
using mio::UdpSocket;
using mio::WritePiece;

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

START_TEST(messages_carry_pieces_addresses_and_ancillary_data)
{
    Sockets sockets;
    MUST(sockets.right.set_receive_destination(true));
    MUST(sockets.right.set_receive_tos(true));
    MUST(sockets.right.set_receive_ttl(true));
    MUST(sockets.right.set_receive_timestamp(true));
    MUST(sockets.right.set_receive_original_destination(true));
    MUST(sockets.right.set_receive_drops(true));

    Ancillary outgoing;
    MUST(outgoing.set_source(Addr::ipv4({127, 0, 0, 1}, 0)));
    MUST(outgoing.set_tos(0xb8 | MIO_ECN_CE));
    MUST(outgoing.set_ttl(9));
    const WritePiece out[] = {{"one", 3}, {"three", 5}};
    const UdpOutgoing message = UdpOutgoing(out).set_addr(sockets.right_addr).set_ancillary(outgoing);
    ck_assert_uint_eq(MUST(sockets.left.send_message(message)), 8);
    sockets.wait_right();

    char first[4] = {};
    char second[3] = {};
    const ReadPiece in[] = {{first, sizeof first}, {second, sizeof second}};
    Addr sender;
    Ancillary ancillary;
    UdpIncoming incoming(in);
    incoming.set_addr(sender).set_ancillary(ancillary);
    ck_assert_uint_eq(MUST(sockets.right.recv_message(incoming)), 7);
    ck_assert_uint_eq(incoming.size(), 7);
    ck_assert(incoming.is_truncated());
    ck_assert(!incoming.is_ancillary_truncated());
    ck_assert(std::string_view(first, 4) == "onet");
    ck_assert(std::string_view(second, 3) == "hre");
    ck_assert(sender == sockets.left_addr);

    const mio::Destination destination = MUST(ancillary.destination());
    ck_assert(destination.addr == loopback());
    ck_assert_uint_ne(destination.interface_index, 0);
    ck_assert(MUST(ancillary.original_destination()) == sockets.right_addr);
    ck_assert_int_eq(MUST(ancillary.tos()), 0xb8 | MIO_ECN_CE);
    ck_assert(mio::ecn_of(MUST(ancillary.tos())) == mio::Ecn::ce);
    ck_assert_int_eq(MUST(ancillary.ttl()), 9);
    ck_assert(MUST(ancillary.timestamp()) > 0ns);
    FAILS(ancillary.drops(), ENODATA);
    FAILS(ancillary.segment_size(), ENODATA);
    ck_assert(sockets.right.recv_message(incoming).would_block());

    FAILS(ancillary.set_ttl(1), EINVAL);
    ancillary.clear();
    MUST(ancillary.set_ttl(1));
    FAILS(ancillary.ttl(), ENODATA);
}
END_TEST

START_TEST(batches_send_and_receive_many)
{
    Sockets sockets;
    const WritePiece out[] = {{"a", 1}, {"bc", 2}, {"def", 3}};
    UdpOutgoing outgoing[3];
    for (std::size_t i = 0; i < 3; ++i)
        outgoing[i].set_pieces(&out[i], 1).set_addr(sockets.right_addr);
    ck_assert_uint_eq(MUST(sockets.left.send_batch(outgoing)), 3);
    sockets.wait_right();
    char bytes[4][2] = {};
    const ReadPiece in[] = {{bytes[0], 2}, {bytes[1], 2}, {bytes[2], 2}, {bytes[3], 2}};
    Addr senders[4];
    UdpIncoming incoming[4];
    for (std::size_t i = 0; i < 4; ++i)
        incoming[i].set_pieces(&in[i], 1).set_addr(senders[i]);
    ck_assert_uint_eq(MUST(sockets.right.recv_batch(incoming)), 3);
    for (std::size_t i = 0; i < 3; ++i) {
        ck_assert_uint_eq(incoming[i].size(), i < 2 ? i + 1 : 2);
        ck_assert(incoming[i].is_truncated() == (i == 2));
        ck_assert(senders[i] == sockets.left_addr);
    }
    ck_assert_int_eq(bytes[1][1], 'c');
    ck_assert(sockets.right.recv_batch(incoming).would_block());
    ck_assert_uint_eq(MUST(sockets.left.send_batch(outgoing, 0)), 0);
    FAILS(sockets.left.send_batch(nullptr, 1), EINVAL);
    FAILS(sockets.left.recv_batch(nullptr, 1), EINVAL);
}
END_TEST

START_TEST(errors_queue_with_what_was_sent)
{
    UdpSocket socket = MUST(UdpSocket::bind(loopback()));
    UdpSocket holder = MUST(UdpSocket::bind(loopback()));
    const Addr target = MUST(holder.local_addr());
    MUST(holder.connect(loopback(9))); // `holder` then receives from no other socket
    MUST(socket.set_receive_errors(true));
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(socket, Token{1}, Interest::readable));
    MUST(socket.send_to("abcd", 4, target));
    ck_assert(wait_event(poll, Token{1}).is_error());
    char bytes[3];
    const ReadPiece pieces[] = {{bytes, sizeof bytes}};
    Addr offender;
    Addr destination;
    mio::QueuedError error(pieces);
    error.set_offender(offender).set_destination(destination);
    ck_assert_uint_eq(MUST(socket.recv_error(error)), 3);
    ck_assert(error.error() == std::errc::connection_refused);
    ck_assert_uint_eq(error.size(), 3);
    ck_assert(error.is_truncated());
    ck_assert(error.origin() == mio::Origin::icmp);
    ck_assert_uint_eq(error.type(), 3);
    ck_assert_uint_eq(error.code(), 3);
    ck_assert_uint_eq(error.info(), 0);
    ck_assert_uint_eq(error.data(), 0);
    ck_assert(offender == loopback());
    ck_assert(destination == target);
    ck_assert(socket.recv_error(error).would_block());
}
END_TEST

START_TEST(messages_are_segmented_and_come_together)
{
    Sockets sockets;
    if (sockets.right.set_gro(true).errc() == std::errc::not_supported) return; // this system has no such option
    ck_assert(MUST(sockets.right.gro()));
    MUST(sockets.left.set_segment_size(3));
    ck_assert_int_eq(MUST(sockets.left.segment_size()), 3);
    MUST(sockets.left.send_to("aaabbbc", 7, sockets.right_addr));
    sockets.wait_right();
    char bytes[8];
    const ReadPiece in[] = {{bytes, sizeof bytes}};
    Ancillary ancillary;
    UdpIncoming incoming(in);
    incoming.set_ancillary(ancillary);
    ck_assert_uint_eq(MUST(sockets.right.recv_message(incoming)), 7);
    ck_assert_int_eq(MUST(ancillary.segment_size()), 3);
    FAILS(sockets.left.set_segment_size(65536), EINVAL);
}
END_TEST

START_TEST(ancillary_values_that_are_refused)
{
    Ancillary ancillary;
    FAILS(ancillary.set_source(Addr()), EAFNOSUPPORT);
    FAILS(ancillary.set_source(loopback(), UINT32_MAX), EINVAL);
    FAILS(ancillary.set_tos(256), EINVAL);
    FAILS(ancillary.set_ttl(0), EINVAL);
    FAILS(ancillary.set_segment_size(65536), EINVAL);
    MUST(ancillary.set_segment_size(0));
    const Ancillary copy(*ancillary.raw());
    FAILS(copy.tos(), ENODATA);
    FAILS(copy.destination(), ENODATA);
    FAILS(copy.original_destination(), ENODATA);
    FAILS(copy.timestamp(), ENODATA);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("udp_message");
    TCase *tcase = tcase_create("udp_message");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, messages_carry_pieces_addresses_and_ancillary_data);
    tcase_add_test(tcase, batches_send_and_receive_many);
    tcase_add_test(tcase, errors_queue_with_what_was_sent);
    tcase_add_test(tcase, messages_are_segmented_and_come_together);
    tcase_add_test(tcase, ancillary_values_that_are_refused);
    return run(suite);
}
