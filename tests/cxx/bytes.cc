// SPDX-License-Identifier: MIT
// Tests the arguments that <mio.hpp> accepts as bytes to send, as buffers to fill and as names. Such an argument can be
// a string, a view, an array, a vector or a span.
#include "support.hpp"

#include <array>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>
#if defined(__cpp_lib_span)
#include <span>
#endif

namespace {

template <class T>
constexpr bool sends = std::is_constructible_v<mio::ConstBytes, T>;
template <class T>
constexpr bool fills = std::is_constructible_v<mio::Bytes, T>;

static_assert(sends<std::string> && sends<const std::string &> && sends<std::string_view> && sends<mio::Text<8> &>);
static_assert(sends<std::vector<char>> && sends<const std::vector<std::byte> &> && sends<std::vector<unsigned char> &>);
static_assert(sends<char (&)[4]> && sends<const unsigned char (&)[4]> && sends<std::array<std::byte, 4>>);
static_assert(!sends<const char *> && !sends<void *> && !sends<std::vector<int>> && !sends<int (&)[4]> && !sends<int>);
static_assert(!sends<std::list<char>> && !sends<std::vector<bool>> && !sends<mio::Addr> && !sends<mio::WritePiece>);

static_assert(fills<std::string &> && fills<std::vector<char> &> && fills<std::array<std::byte, 4> &>);
static_assert(fills<char (&)[4]> && fills<unsigned char (&)[4]>);
static_assert(!fills<const std::string &> && !fills<std::string_view> && !fills<const char (&)[4]>);
static_assert(!fills<std::string> && !fills<std::vector<char>> && !fills<std::vector<int> &> && !fills<char *>);

// These types are only for parameters. A program cannot copy or move an object of these types, so it cannot keep a
// parameter after the call.
static_assert(!std::is_copy_constructible_v<mio::ConstBytes> && !std::is_copy_constructible_v<mio::Bytes>);
static_assert(!std::is_move_constructible_v<mio::ArrayRef<const int>>);

// A piece refers to storage that must outlive the piece.
template <class T>
constexpr bool refers = std::is_constructible_v<mio::WritePiece, T>;
static_assert(refers<const std::string &> && refers<std::string_view> && refers<std::vector<char> &>);
static_assert(!refers<std::string> && !refers<std::vector<char>> && !refers<std::array<char, 3>>);
static_assert(std::is_constructible_v<mio::ReadPiece, char (&)[3]> &&
              !std::is_constructible_v<mio::ReadPiece, std::vector<char>>);

#if defined(__cpp_lib_span)
static_assert(sends<std::span<const std::byte>> && sends<std::span<char, 4>> && refers<std::span<const std::byte>>);
static_assert(fills<std::span<std::byte>> && fills<const std::span<char> &> && !fills<std::span<const char>>);
static_assert(std::is_constructible_v<mio::ReadPiece, std::span<char>> && !sends<std::span<int>>);
#endif

// Writes a value into a stream, and returns the bytes that arrive.
template <class Sent>
std::string written(Sent &&sent)
{
    Pair pair = connected_pair();
    const std::size_t count = MUST(pair.client.write(std::forward<Sent>(sent)));
    std::string got(64, '?');
    got.resize(read_some(pair.server, got.data(), got.size()));
    ck_assert_uint_eq(got.size(), count);
    return got;
}

START_TEST(whatever_has_bytes_is_sent)
{
    using namespace std::string_view_literals;
    const unsigned char numbers[] = {'a', 0, 'c'};
    char line[] = {'l', 'i', 'n', 'e'};
    const std::array<std::byte, 2> bytes = {std::byte{'x'}, std::byte{'y'}};
    ck_assert(written(std::string("string")) == "string");
    ck_assert(written("a\0view"sv) == "a\0view"sv);
    ck_assert(written(numbers) == "a\0c"sv);
    ck_assert(written(line) == "line");
    ck_assert(written(bytes) == "xy");
    ck_assert(written(std::vector<char>(3, 'v')) == "vvv");
#if defined(__cpp_lib_span)
    ck_assert(written(std::span(line, 2)) == "li");
    ck_assert(written(std::as_bytes(std::span(line))) == "line");
#endif
}
END_TEST

START_TEST(a_string_literal_goes_without_its_null)
{
    using namespace std::string_view_literals;
    const char magic[4] = {'M', 'I', 'O', '1'};
    const char name[] = "name";
    char buffer[8] = "abc";
    ck_assert(written("hello") == "hello");
    ck_assert(written("a\0b") == "a\0b"sv);
    ck_assert(written(magic) == "MIO1");
    ck_assert(written(name) == "name");
    ck_assert(written(buffer) == "abc\0\0\0\0\0"sv); // mio sends a buffer with its null bytes
    ck_assert_uint_eq(mio::WritePiece("hello").size(), 5);
}
END_TEST

// Sends bytes, reads them into the buffer, and checks the contents of the buffer.
template <class Buffer>
void read_back(Buffer &&buffer)
{
    Pair pair = connected_pair();
    char first = 0;
    MUST(pair.client.write("-0123"));
    ck_assert_uint_eq(read_some(pair.server, &first, 1), 1); // waits until the bytes have arrived
    ck_assert_uint_eq(MUST(pair.server.read(std::forward<Buffer>(buffer))), 4);
    ck_assert_mem_eq(std::data(buffer), "0123", 4);
}

START_TEST(whatever_has_room_is_filled)
{
    char chars[8];
    unsigned char numbers[8];
    std::array<std::byte, 8> bytes;
    std::vector<char> vector(8);
    std::string string(8, '\0');
    read_back(chars);
    read_back(numbers);
    read_back(bytes);
    read_back(vector);
    read_back(string);
#if defined(__cpp_lib_span)
    read_back(std::span(chars, 4));
    read_back(std::as_writable_bytes(std::span(chars)));
#endif
}
END_TEST

START_TEST(streams_and_datagrams_take_them)
{
    Pair pair = connected_pair();
    const std::string hello = "hello";
    std::vector<char> room(16);
    MUST(pair.client.write(hello));
    MUST(pair.client.send("!", mio::SendFlags::none));
    ck_assert_uint_ge(read_some(pair.server, room.data(), 1), 1);
    MUST(pair.server.peek(room));
    const mio::WritePiece out[] = {hello, std::string_view("!"), "literal"};
    ck_assert_uint_eq(MUST(pair.client.writev(out)), 13);
    ck_assert_uint_eq(MUST(pair.client.writev({{"a", 1}, {"b", 1}})), 2);

    mio::UdpSocket udp = MUST(mio::UdpSocket::bind(loopback()));
    const mio::Addr addr = MUST(udp.local_addr());
    MUST(udp.send_to(room, addr));
    MUST(udp.send_to("abc", addr));
    ck_assert_uint_eq(MUST(udp.recv_from(room)).size, 16);
    ck_assert_uint_eq(MUST(udp.peek_from(room)).size, 3);
    ck_assert_uint_eq(MUST(udp.recv(room)).size, 3);
}
END_TEST

START_TEST(unix_datagrams_and_pipes_take_them)
{
    const std::string hello = "hello";
    std::vector<char> room(16);
    auto [left, right] = MUST(mio::UnixDatagram::pair());
    MUST(left.send(hello));
    ck_assert(MUST(right.peek(room)).size == 5);
    ck_assert(MUST(right.recv(room)).size == 5);
    mio_handle handles[1] = {MIO_HANDLE_NONE};
    MUST(left.send_with_handles("with", {left.handle()}));
    ck_assert_uint_eq(MUST(right.recv_with_handles(room, handles)).handle_count, 1);
    os::close(handles[0]);

    mio::Pipe pipe = MUST(mio::Pipe::create());
    const mio::Text<MIO_ADDR_TEXT_SIZE> text = loopback(80).text();
    ck_assert_uint_eq(MUST(mio::safe_write(pipe.sender.handle(), text)), text.size());
    mio::ReadPiece in[] = {room};
    ck_assert_uint_eq(MUST(pipe.receiver.readv(in)), text.size());
}
END_TEST

START_TEST(addresses_are_read_of_any_text)
{
    const std::string text = "127.0.0.1:80 and more";
    const auto addr = mio::Addr::ipv4({127, 0, 0, 1}, 80);
    ck_assert(MUST(mio::Addr::parse(std::string("127.0.0.1:80"))) == addr);
    ck_assert(MUST(mio::Addr::parse(std::string_view(text).substr(0, 12))) == addr);
    ck_assert(MUST(mio::Addr::parse("127.0.0.1:80")) == addr);
    const auto formatted = addr.text();
    ck_assert(MUST(mio::Addr::parse(formatted)) == addr);
    ck_assert(MUST(mio::Addr::parse_ip(std::string_view(text).substr(0, 9), 80)) == addr);
    FAILS(mio::Addr::parse(text), EINVAL);
    FAILS(mio::Addr::parse(std::string_view("127.0.0.1:80\0", 13)), EINVAL);
    FAILS(mio::Addr::parse(std::string_view()), EINVAL);
    FAILS(mio::Addr::parse(std::string(5000, '1')), ENAMETOOLONG);
    FAILS(mio::Addr::parse(static_cast<const char *>(nullptr)), EINVAL);
}
END_TEST

START_TEST(text_options_are_set_from_any_text)
{
    mio::TcpSocket socket = MUST(mio::TcpSocket::open(mio::Family::ipv4));
    const std::string algorithm = MUST(socket.congestion()).str() + "...";
    MUST(socket.set_congestion(std::string_view(algorithm).substr(0, algorithm.size() - 3)));
    MUST(socket.set_text_option(MIO_OPTION_CONGESTION, MUST(socket.congestion()).str()));
    FAILS(socket.set_text_option(MIO_OPTION_CONGESTION, std::string_view("reno\0", 5)), EINVAL);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("bytes");
    TCase *tcase = tcase_create("bytes");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, whatever_has_bytes_is_sent);
    tcase_add_test(tcase, a_string_literal_goes_without_its_null);
    tcase_add_test(tcase, whatever_has_room_is_filled);
    tcase_add_test(tcase, streams_and_datagrams_take_them);
    tcase_add_test(tcase, unix_datagrams_and_pipes_take_them);
    tcase_add_test(tcase, addresses_are_read_of_any_text);
    tcase_add_test(tcase, text_options_are_set_from_any_text);
    return run(suite);
}
