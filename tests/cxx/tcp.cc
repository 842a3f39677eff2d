// SPDX-License-Identifier: MIT
// Tests that each function of the classes TcpListener and TcpStream calls the matching C function. The tests use real
// connections.
#include "support.hpp"

#include <vector>

#if __cplusplus >= 202002L
#include <array>
#include <span>
#endif

using mio::Interest;
using mio::Token;

namespace {

START_TEST(connect_accept_and_close)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback(), 4));
    const mio::Addr addr = MUST(listener.local_addr());
    ck_assert_uint_ne(MUST(addr.port()), 0);
    MUST(poll.registry().register_source(listener, Token{0}, Interest::readable));
    ck_assert(listener.accept().would_block());

    mio::TcpStream client = MUST(mio::TcpStream::connect(addr));
    MUST(poll.registry().register_source(client, Token{1}, Interest::readable | Interest::writable));
    ck_assert(wait_event(poll, Token{0}).is_readable());
    ck_assert(MUST(client.peer_addr()) == addr);
    {
        const mio::Accepted accepted = MUST(listener.accept());
        ck_assert(accepted.peer == MUST(client.local_addr()));
        ck_assert(MUST(accepted.stream.peer_addr()) == accepted.peer);
        ck_assert(MUST(accepted.stream.local_addr()) == addr);
        ck_assert(listener.accept().would_block());
        MUST(client.connect_finish());
        ck_assert(!MUST(client.take_error()));
        ck_assert(!MUST(listener.take_error()));
    }
    while (!wait_event(poll, Token{1}).is_read_closed())
        continue;
    char byte = 0;
    ck_assert_uint_eq(MUST(client.read(&byte, 1)), 0);
}
END_TEST

START_TEST(a_refused_connect_says_why)
{
    mio::Addr addr;
    {
        const mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
        addr = MUST(listener.local_addr());
    }
    mio::Result<mio::TcpStream> stream = mio::TcpStream::connect(addr);
    if (!stream) {
        FAILS(stream, ECONNREFUSED);
        return;
    }
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(*stream, Token{1}, Interest::writable));
    wait_event(poll, Token{1});
    FAILS(stream->connect_finish(), ECONNREFUSED);
}
END_TEST

START_TEST(bytes_are_written_peeked_and_read)
{
    Pair pair = connected_pair();
    char buffer[16] = {};
    ck_assert(pair.server.read(buffer, sizeof buffer).would_block());
    ck_assert(pair.server.peek(buffer, sizeof buffer).would_block());
    ck_assert_uint_eq(MUST(pair.client.write("hello", 5)), 5);
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(pair.server, Token{1}, Interest::readable));
    wait_event(poll, Token{1});
    ck_assert_uint_eq(MUST(pair.server.peek(buffer, 2)), 2);
    ck_assert_str_eq(buffer, "he");
    ck_assert_uint_eq(MUST(pair.server.read(buffer, sizeof buffer)), 5);
    ck_assert_str_eq(buffer, "hello");
    ck_assert(pair.server.read(buffer, sizeof buffer).would_block());
}
END_TEST

START_TEST(pieces_are_written_and_read_in_turn)
{
    Pair pair = connected_pair();
    const char one[] = {'a', 'b'};
    const mio::WritePiece out[] = {{one, 2}, {"cde", 3}, {"", 0}};
    ck_assert_ptr_eq(out[0].data(), one);
    ck_assert_uint_eq(out[0].size(), 2);
    ck_assert_uint_eq(MUST(pair.client.writev(out)), 5);
    char left[3] = {};
    char right[8] = "zzzzzzz";
    const mio::ReadPiece in[] = {{left, 3}, {right, sizeof right}};
    ck_assert_ptr_eq(in[0].data(), left);
    ck_assert_uint_eq(in[1].size(), 8);
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(pair.server, Token{1}, Interest::readable));
    wait_event(poll, Token{1});
    ck_assert_uint_eq(MUST(pair.server.readv(in)), 5);
    ck_assert_int_eq(std::memcmp(left, "abc", 3), 0);
    ck_assert_str_eq(right, "dezzzzz");
    ck_assert(pair.server.readv(in, 2).would_block());

    const std::vector<mio::WritePiece> many(1025, mio::WritePiece("x", 1));
    FAILS(pair.client.writev(many.data(), many.size()), EMSGSIZE);
    ck_assert_uint_eq(MUST(pair.client.writev(many.data(), 1024)), 1024);
    ck_assert_ptr_eq(many[0].raw()->base, many[0].data());
    ck_assert_ptr_eq(in[0].raw()->base, left);
}
END_TEST

#if defined(__cpp_lib_span)
START_TEST(spans_are_buffers)
{
    Pair pair = connected_pair();
    const std::array<std::byte, 3> out{std::byte{1}, std::byte{2}, std::byte{3}};
    ck_assert_uint_eq(MUST(pair.client.write(out)), 3);
    std::array<std::byte, 8> in{};
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(pair.server, Token{1}, Interest::readable));
    wait_event(poll, Token{1});
    ck_assert_uint_eq(MUST(pair.server.peek(in)), 3);
    ck_assert_uint_eq(MUST(pair.server.read(std::span(in).first(2))), 2);
    ck_assert(in[0] == std::byte{1} && in[1] == std::byte{2});
    ck_assert_uint_eq(MUST(pair.server.read(in)), 1);
    char text[4] = {};
    ck_assert(pair.server.read(std::as_writable_bytes(std::span(text))).would_block());
}
END_TEST
#endif

START_TEST(each_side_is_shut_down)
{
    Pair pair = connected_pair();
    MUST(pair.client.shutdown(mio::Shutdown::write));
    FAILS(pair.client.write("x", 1), EPIPE);
    char byte = 0;
    ck_assert_uint_eq(read_some(pair.server, &byte, 1), 0);
    ck_assert_uint_eq(MUST(pair.server.write("x", 1)), 1);
    ck_assert_uint_eq(read_some(pair.client, &byte, 1), 1);
    MUST(pair.server.shutdown(mio::Shutdown::read));
    ck_assert_uint_eq(MUST(pair.server.read(&byte, 1)), 0);
    Pair other = connected_pair();
    MUST(other.client.shutdown(mio::Shutdown::both));
    FAILS(other.client.write("x", 1), EPIPE);
    ck_assert_uint_eq(MUST(other.client.read(&byte, 1)), 0);
    mio::TcpStream closed;
    FAILS(closed.shutdown(mio::Shutdown::both), EBADF);
}
END_TEST

START_TEST(options_are_set_and_read)
{
    Pair pair = connected_pair();
    ck_assert(!MUST(pair.client.nodelay()));
    MUST(pair.client.set_nodelay(true));
    ck_assert(MUST(pair.client.nodelay()));
    ck_assert_int_eq(MUST(pair.client.option(MIO_OPTION_NODELAY)), 1);
    MUST(pair.client.set_nodelay(false));
    ck_assert(!MUST(pair.client.nodelay()));
    MUST(pair.client.set_ttl(99));
    ck_assert_uint_eq(MUST(pair.client.ttl()), 99);
    MUST(pair.client.set_option(MIO_OPTION_TTL, 98));
    ck_assert_uint_eq(MUST(pair.client.ttl()), 98);
    FAILS(pair.client.set_ttl(0), EINVAL);
    FAILS(pair.client.set_ttl(256), EINVAL);
    FAILS(pair.client.option(-1), ENOTSUP);
    FAILS(pair.client.set_option(-1, 0), ENOTSUP);
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    MUST(listener.set_ttl(7));
    ck_assert_uint_eq(MUST(listener.ttl()), 7);
}
END_TEST

START_TEST(options_of_ipv6_are_set_and_read)
{
    const int fd = os::socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0) return; // this machine has no IPv6
    mio::TcpStream stream = MUST(mio::TcpStream::from_handle(fd));
    MUST(stream.set_only_v6(true));
    ck_assert(MUST(stream.only_v6()));
    MUST(stream.set_only_v6(false));
    ck_assert(!MUST(stream.only_v6()));
    MUST(stream.set_hop_limit(0));
    ck_assert_int_eq(MUST(stream.hop_limit()), 0);
    MUST(stream.set_hop_limit(42));
    ck_assert_int_eq(MUST(stream.hop_limit()), 42);
    MUST(stream.set_hop_limit(-1));
    ck_assert_int_gt(MUST(stream.hop_limit()), 0);
}
END_TEST

std::int64_t nine(mio_handle)
{
    return 9;
}

START_TEST(try_io_runs_any_operation)
{
    Pair pair = connected_pair();
    int calls = 0;
    int seen = -1;
    auto operation = [&](mio_handle handle) -> std::int64_t {
        ++calls;
        seen = handle;
        return INT64_MAX;
    };
    ck_assert_int_eq(MUST(pair.client.try_io(operation)), INT64_MAX);
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(seen, pair.client.handle());
    const auto constant = [](mio_handle) { return -EAGAIN; };
    ck_assert(pair.client.try_io(constant).would_block());
    FAILS(pair.client.try_io([](mio_handle) { return -ENOTTY; }), ENOTTY);
    ck_assert_int_eq(MUST(pair.client.try_io(+[](mio_handle) -> std::int64_t { return 4; })), 4);
    ck_assert_int_eq(MUST(pair.client.try_io(nine)), 9);

    // With try_io, a program can make a call that mio lacks. For example, mio has no function that reads SO_TYPE.
    const auto type_of = [](mio_handle handle) -> std::int64_t {
        int type = 0;
        socklen_t length = sizeof type;
        return os::getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &length) < 0 ? -errno : type;
    };
    ck_assert_int_eq(MUST(pair.client.try_io(type_of)), SOCK_STREAM);

    mio::TcpStream closed;
    FAILS(closed.try_io(operation), EBADF);
    ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(much_is_sent_through_a_real_loop)
{
    Pair pair = connected_pair();
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(pair.client, Token{0}, Interest::writable));
    MUST(poll.registry().register_source(pair.server, Token{1}, Interest::readable));
    constexpr std::size_t total = 4 * 1024 * 1024;
    std::vector<unsigned char> out(total);
    for (std::size_t i = 0; i < total; ++i)
        out[i] = static_cast<unsigned char>(i * 7 + i / 251);
    std::vector<unsigned char> in(total);
    std::size_t sent = 0;
    std::size_t received = 0;
    mio::Events events(8);
    while (received < total) {
        ck_assert_uint_gt(MUST(poll.poll(events, 20s)), 0);
        for (const mio::Event &event : events) {
            if (event.token() == Token{0}) {
                while (sent < total) {
                    const mio::Result<std::size_t> count = pair.client.write(out.data() + sent, total - sent);
                    if (count.would_block()) break;
                    sent += MUST(count);
                }
            } else {
                while (received < total) {
                    const mio::Result<std::size_t> count = pair.server.read(in.data() + received, total - received);
                    if (count.would_block()) break;
                    received += MUST(count);
                }
            }
        }
    }
    ck_assert(in == out);
}
END_TEST

START_TEST(a_socket_becomes_a_listener_or_a_stream)
{
    mio::TcpSocket server = MUST(mio::TcpSocket::open(mio::Family::ipv4));
    MUST(server.set_reuse_addr(true));
    MUST(server.set_nodelay(true));
    MUST(server.bind(loopback()));
    FAILS(server.bind(loopback()), EINVAL);
    FAILS(server.listen(0), EINVAL);
    ck_assert(server.is_open());
    const mio::Addr addr = MUST(server.local_addr());
    mio::TcpListener listener = MUST(server.listen());
    ck_assert(!server.is_open());
    FAILS(server.local_addr(), EBADF);
    ck_assert(MUST(listener.nodelay()));
    ck_assert(MUST(listener.local_addr()) == addr);

    mio::TcpSocket opened = MUST(mio::TcpSocket::open(mio::Family::ipv4));
    mio::TcpSocket client = MUST(mio::TcpSocket::from_handle(opened.into_handle()));
    MUST(client.set_keepalive(true));
    MUST(client.bind(mio::Addr::ipv4({127, 0, 0, 2}, 0)));
    const mio::Addr own = MUST(client.local_addr());
    mio::TcpStream stream = MUST(client.connect(addr));
    FAILS(client.connect(addr), EBADF);
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(stream, Token{1}, Interest::writable));
    wait_event(poll, Token{1});
    MUST(stream.connect_finish());
    ck_assert(MUST(stream.keepalive()));
    ck_assert(MUST(listener.accept()).peer == own);
    FAILS(mio::TcpSocket::open(mio::Family::unix_domain), EAFNOSUPPORT);
    FAILS(mio::TcpSocket::from_handle(listener.handle()), EINVAL);
}
END_TEST

START_TEST(c_and_cxx_share_one_stream)
{
    Pair pair = connected_pair();
    ck_assert_int_eq(mio_tcp_stream_write(pair.client.raw(), "x", 1), 1);
    char byte = 0;
    ck_assert_uint_eq(read_some(pair.server, &byte, 1), 1);
    ck_assert_int_eq(byte, 'x');
    mio_tcp_stream raw = pair.client.release();
    ck_assert_int_ge(mio_tcp_stream_handle(&raw), 0);
    mio_tcp_stream_close(&raw);
    ck_assert_uint_eq(read_some(pair.server, &byte, 1), 0);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("tcp");
    TCase *tcase = tcase_create("tcp");
    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, connect_accept_and_close);
    tcase_add_test(tcase, a_refused_connect_says_why);
    tcase_add_test(tcase, bytes_are_written_peeked_and_read);
    tcase_add_test(tcase, pieces_are_written_and_read_in_turn);
#if defined(__cpp_lib_span)
    tcase_add_test(tcase, spans_are_buffers);
#endif
    tcase_add_test(tcase, each_side_is_shut_down);
    tcase_add_test(tcase, options_are_set_and_read);
    tcase_add_test(tcase, options_of_ipv6_are_set_and_read);
    tcase_add_test(tcase, try_io_runs_any_operation);
    tcase_add_test(tcase, much_is_sent_through_a_real_loop);
    tcase_add_test(tcase, a_socket_becomes_a_listener_or_a_stream);
    tcase_add_test(tcase, c_and_cxx_share_one_stream);
    return run(suite);
}
