// SPDX-License-Identifier: MIT
// Tests streams: sending with flags, out-of-band data, send_file and splice.
#include "support.hpp"

using mio::Interest;
using mio::SendFlags;
using mio::Token;

namespace {

// Tests streams of both types.
template <class Stream>
void check_out_of_band(Stream &left, Stream &right)
{
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(right, Token{1}, Interest::readable | Interest::priority));
    unsigned char byte = 0;
    ck_assert_uint_eq(MUST(left.send("ab", 2, SendFlags::more)), 2);
    mio::Result<std::size_t> sent = left.send("!", 1, SendFlags::more | SendFlags::oob);
    if (!sent && sent.errc() == std::errc::operation_not_supported) return; // Linux before 5.15
    ck_assert_uint_eq(MUST(std::move(sent)), 1);
    while (!wait_event(poll, Token{1}).is_priority())
        continue;
    ck_assert(!MUST(right.at_mark()));
    ck_assert_uint_eq(MUST(right.recv_oob(&byte)), 1);
    ck_assert_int_eq(byte, '!');
    FAILS(right.recv_oob(&byte), EINVAL);
    char buffer[8] = {};
    ck_assert_uint_eq(MUST(right.read(buffer, sizeof buffer)), 2);
    ck_assert_str_eq(buffer, "ab");
    ck_assert(MUST(right.at_mark()));

    ck_assert(!MUST(right.oob_inline()));
    MUST(right.set_oob_inline(true));
    ck_assert(MUST(right.oob_inline()));
    FAILS(left.send("x", 1, static_cast<SendFlags>(0x80)), EINVAL);
    ck_assert_uint_eq(MUST(left.send("x", 1, SendFlags::none)), 1);
}

START_TEST(tcp_streams_send_with_flags_and_out_of_band)
{
    Pair pair = connected_pair();
    check_out_of_band(pair.client, pair.server);
}
END_TEST

START_TEST(unix_streams_send_with_flags_and_out_of_band)
{
    auto [left, right] = MUST(mio::UnixStream::pair());
    check_out_of_band(left, right);
}
END_TEST

// Reads four bytes from a TCP or Unix stream, and writes them back. The caller has registered the stream with Token{1}.
void echo_once(mio::Stream stream, mio::Poll &poll)
{
    char buffer[8] = {};
    ck_assert(wait_event(poll, Token{1}).is_readable());
    ck_assert_uint_eq(MUST(stream.read(buffer)), 4);
    ck_assert_uint_eq(MUST(stream.write(buffer, 4)), 4);
    FAILS(stream.read(buffer), EAGAIN);
    ck_assert(!MUST(stream.take_error()));
    MUST(stream.local_addr());
    MUST(stream.peer_addr());
    MUST(stream.connect_finish());
    MUST(poll.registry().reregister_source(stream, Token{2}, Interest::readable));
    MUST(poll.registry().deregister_source(stream));
}

template <class Typed>
void check_either(Typed &left, Typed &right)
{
    mio::Poll poll = MUST(mio::Poll::create());
    MUST(poll.registry().register_source(right, Token{1}, Interest::readable));
    ck_assert_uint_eq(MUST(left.write("ping", 4)), 4);
    const mio_handle handle = right.handle();
    mio::Stream stream = std::move(right);
    ck_assert_int_eq(stream.handle(), handle);
    ck_assert(!right.is_open()); // NOLINT: a moved-from object is closed
    echo_once(std::move(stream), poll);
    ck_assert(!is_open(handle));
    char buffer[8] = {};
    MUST(poll.registry().register_source(left, Token{3}, Interest::readable));
    ck_assert(wait_event(poll, Token{3}).is_readable());
    ck_assert_uint_eq(MUST(left.read(buffer)), 4);
    ck_assert_str_eq(buffer, "ping");
}

START_TEST(a_stream_of_either_kind_serves)
{
    Pair tcp = connected_pair();
    check_either(tcp.client, tcp.server);
    FAILS(mio::Stream().read(nullptr, 0), EBADF);
    static_assert(!std::is_constructible_v<mio::Stream, mio::TcpStream &>, "a stream has one owner");
    static_assert(!std::is_constructible_v<mio::Stream, mio::UdpSocket>, "a socket of datagrams is no stream");
}
END_TEST

START_TEST(a_stream_of_unix_serves)
{
    auto [left, right] = MUST(mio::UnixStream::pair());
    check_either(left, right);
}
END_TEST

START_TEST(a_file_and_a_pipe_are_moved)
{
    Pair pair = connected_pair();
    mio::Pipe pipe = MUST(mio::Pipe::create());
    auto [left, right] = MUST(mio::UnixStream::pair());
    const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    char buffer[16] = {};
    std::int64_t offset = 1;
    ck_assert_uint_eq(MUST(mio::send_file(left, file, offset, 3)), 3);
    ck_assert_int_eq(offset, 4);
    ck_assert_uint_eq(MUST(right.read(buffer, sizeof buffer)), 3);
    ck_assert_str_eq(buffer, "ELF");
    ck_assert_uint_eq(MUST(mio::send_file(left, file, 4)), 4);
    os::close(file);

    Interest blocked = Interest::none;
    ck_assert_uint_eq(MUST(mio::splice(right, pipe.sender, 100, &blocked)), 4);
    ck_assert(blocked == Interest::none);
    ck_assert(mio::splice(right, pipe.sender, 100, &blocked).would_block());
    ck_assert(blocked == Interest::readable);
    ck_assert_uint_eq(MUST(mio::splice(pipe.receiver.handle(), pair.client, 100)), 4);
    ck_assert_uint_eq(read_some(pair.server, buffer, sizeof buffer), 4);
    ck_assert_int_eq(std::memcmp(buffer, "\177ELF", 4), 0);
    ck_assert_uint_eq(MUST(left.write("x", 1)), 1);
    ck_assert_uint_eq(MUST(mio::splice(right, pipe.sender.handle(), 100)), 1);
    FAILS(mio::splice(right, pair.client, 100), EINVAL);
    pipe.receiver.close();
    FAILS(mio::splice(pipe.receiver, pair.client, 100), EBADF);
}
END_TEST

Suite *make_suite()
{
    Suite *suite = suite_create("stream");
    TCase *tcase = tcase_create("stream");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, tcp_streams_send_with_flags_and_out_of_band);
    tcase_add_test(tcase, unix_streams_send_with_flags_and_out_of_band);
    tcase_add_test(tcase, a_stream_of_either_kind_serves);
    tcase_add_test(tcase, a_stream_of_unix_serves);
    tcase_add_test(tcase, a_file_and_a_pipe_are_moved);
    return suite;
}

} // namespace

int main()
{
    return run(make_suite());
}
