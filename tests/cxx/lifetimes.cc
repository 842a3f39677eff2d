// SPDX-License-Identifier: MIT
// Tests that a program can get a reference into an object only if the object has a name. A reference into a temporary
// object would outlive the object.
#include "support.hpp"

#include <array>
#include <string>
#include <type_traits>
#include <vector>

namespace {

// needs_a_name is true if a call compiles on a named object and does not compile on a temporary. The call must behave
// in this way both for T and for const T.
template <template <class> class Call, class T, class = void>
constexpr bool compiles = false;
template <template <class> class Call, class T>
constexpr bool compiles<Call, T, std::void_t<Call<T>>> = true;
template <template <class> class Call, class T>
constexpr bool needs_a_name =
    compiles<Call, T &> &&compiles<Call, const T &> && !compiles<Call, T> && !compiles<Call, const T>;

// The calls to test.
template <class T>
using Raw = decltype(std::declval<T>().raw());
template <class T>
using Source = decltype(std::declval<T>().source());
template <class T>
using Handle = decltype(std::declval<T>().handle());
template <class T>
using OfRegistry = decltype(std::declval<T>().registry());
template <class T>
using AsRegistry = decltype(static_cast<mio::Registry>(std::declval<T>()));
template <class T>
using String = decltype(std::declval<T>().c_str());
template <class T>
using Data = decltype(std::declval<T>().data());
template <class T>
using View = decltype(std::declval<T>().view());
template <class T>
using AsView = decltype(std::string_view(std::declval<T>()));
template <class T>
using Begin = decltype(std::declval<T>().begin());
template <class T>
using End = decltype(std::declval<T>().end());
template <class T>
using At = decltype(std::declval<T>()[0]);
template <class T>
using Arrow = decltype(std::declval<T>().operator->());

template <class... Owners>
constexpr bool lend_by_name = ((needs_a_name<Raw, Owners> && needs_a_name<Source, Owners> &&
                                needs_a_name<Handle, Owners>)&&...);
static_assert(lend_by_name<mio::TcpStream, mio::TcpListener, mio::TcpSocket, mio::UdpSocket, mio::UnixStream>);
static_assert(lend_by_name<mio::UnixListener, mio::UnixDatagram, mio::PipeSender, mio::PipeReceiver, mio::Signals>);

template <class... Values>
constexpr bool have_raw_by_name = (needs_a_name<Raw, Values> && ...);
static_assert(have_raw_by_name<mio::Poll, mio::Waker, mio::OwnedRegistry, mio::AcceptReserve, mio::Addr, mio::Event>);
static_assert(have_raw_by_name<mio::Ancillary, mio::SignalInfo, mio::SignalMask, mio::SafeText<>>);
static_assert(have_raw_by_name<mio::UnixCredentials, mio::QueuedError, mio::ReadPiece, mio::WritePiece>);
static_assert(have_raw_by_name<mio::UdpOutgoing, mio::UdpIncoming, mio::UnixOutgoing, mio::UnixIncoming>);

static_assert(needs_a_name<OfRegistry, mio::Poll> && needs_a_name<Handle, mio::Poll>);
static_assert(needs_a_name<OfRegistry, mio::OwnedRegistry> && needs_a_name<AsRegistry, mio::OwnedRegistry>);

template <class Text>
constexpr bool reads_by_name = needs_a_name<String, Text> &&needs_a_name<View, Text>;
static_assert(reads_by_name<mio::Text<8>> && reads_by_name<mio::UnixName> && reads_by_name<mio::SafeText<>>);
static_assert(needs_a_name<Data, mio::Text<8>> && needs_a_name<AsView, mio::Text<8>>);
static_assert(!std::is_convertible_v<mio::Text<8>, std::string_view>);
static_assert(std::is_convertible_v<mio::Text<8> &, std::string_view>);

template <class Range>
constexpr bool runs_by_name = needs_a_name<Begin, Range> &&needs_a_name<End, Range>;
static_assert(runs_by_name<mio::Ip> && runs_by_name<mio::Events>);
static_assert(needs_a_name<Data, mio::Events> && needs_a_name<At, mio::Events>);

// On a named Result, the functions value() and or_throw() and the operator * return a reference to the value. On a
// temporary Result, value(), or_throw() and the operator * return the value, not a reference.
template <class T>
using Value = decltype(std::declval<T>().value());
template <class T>
using OrThrow = decltype(std::declval<T>().or_throw());
template <class T>
using Star = decltype(*std::declval<T>());
template <template <class> class Call>
constexpr bool gives =
    std::is_same_v<Call<mio::Result<mio::Addr> &>, mio::Addr &>
        &&std::is_same_v<Call<const mio::Result<mio::Addr> &>, const mio::Addr &>
            &&std::is_same_v<Call<mio::Result<mio::Addr>>, mio::Addr> && !compiles<Call, const mio::Result<mio::Addr>>;
static_assert(gives<Value> && gives<OrThrow> && gives<Star> && needs_a_name<Arrow, mio::Result<mio::Addr>>);

// When a setter is called on a named object, it returns a reference to this object. When a setter is called on a
// temporary object, it returns an object by value.
template <class T>
using SetPieces = decltype(std::declval<T>().set_pieces(nullptr, 0));
template <class T>
using SetAddr = decltype(std::declval<T>().set_addr(std::declval<mio::Addr &>()));
template <template <class> class Call, class T>
constexpr bool passes_on = std::is_same_v<Call<T &>, T &> &&std::is_same_v<Call<T>, T>;
static_assert(passes_on<SetPieces, mio::UdpOutgoing> && passes_on<SetAddr, mio::UdpOutgoing>);
static_assert(passes_on<SetPieces, mio::UdpIncoming> && passes_on<SetAddr, mio::UdpIncoming>);
static_assert(passes_on<SetPieces, mio::UnixOutgoing> && passes_on<SetAddr, mio::UnixOutgoing>);
static_assert(passes_on<SetPieces, mio::UnixIncoming> && passes_on<SetAddr, mio::UnixIncoming>);
static_assert(passes_on<SetPieces, mio::QueuedError>);
template <class T>
using Append = decltype(std::declval<T>().append("x"));
static_assert(compiles<Append, mio::SafeText<> &> && !compiles<Append, mio::SafeText<>>);
template <class T>
using Join = decltype(std::declval<T>() |= mio::Interest::readable);
static_assert(compiles<Join, mio::Interest &> && !compiles<Join, mio::Interest>);

// A message refers to pieces and values that must outlive the message.
template <class T>
using SetOfTemporary = decltype(std::declval<T>().set_addr(std::declval<mio::Addr>()));
static_assert(!compiles<SetOfTemporary, mio::UdpOutgoing &> && !compiles<SetOfTemporary, mio::UdpOutgoing>);
static_assert(!compiles<SetOfTemporary, mio::UnixOutgoing &> && !compiles<SetOfTemporary, mio::UnixOutgoing>);
static_assert(!compiles<SetOfTemporary, mio::UdpIncoming &> && !compiles<SetOfTemporary, mio::UnixIncoming>);

template <class Message, class Piece>
constexpr bool refers_to_what_stays =
    std::is_constructible_v<Message, Piece (&)[2]> &&std::is_constructible_v<Message, const Piece (&)[2]>
        &&std::is_constructible_v<Message, std::vector<Piece> &>
            &&std::is_constructible_v<Message, const std::array<Piece, 3> &> &&
    !std::is_constructible_v<Message, Piece[2]> && !std::is_constructible_v<Message, const Piece[2]> &&
    !std::is_constructible_v<Message, std::vector<Piece>> && !std::is_constructible_v<Message, std::array<Piece, 3>>;
static_assert(refers_to_what_stays<mio::UdpOutgoing, mio::WritePiece>);
static_assert(refers_to_what_stays<mio::UdpIncoming, mio::ReadPiece>);
static_assert(refers_to_what_stays<mio::UnixOutgoing, mio::WritePiece>);
static_assert(refers_to_what_stays<mio::UnixIncoming, mio::ReadPiece>);
static_assert(refers_to_what_stays<mio::QueuedError, mio::ReadPiece>);

START_TEST(what_a_loop_runs_over_stays)
{
    int sum = 0;
    for (const std::uint8_t byte : mio::Addr::ipv4({1, 2, 3, 4}, 80).ip().value())
        sum += byte;
    ck_assert_int_eq(sum, 10);
    for (const mio::Event &event : mio::Events(4))
        ck_abort_msg("an event: %s", event.to_string().c_str());
}
END_TEST

START_TEST(a_reference_to_what_a_result_gave_stays)
{
    const mio::Addr &addr = mio::Addr::parse("[::1]:80").value();
    auto &&name = mio::Addr::from_path("/run/x").or_throw("name").unix_path().or_throw("path");
    ck_assert(addr.text().str() == "[::1]:80");
    ck_assert_str_eq(name.c_str(), "/run/x");
    ck_assert(name.str() == "/run/x");
}
END_TEST

START_TEST(a_message_is_set_up_in_one_expression)
{
    char bytes[] = "abc";
    const mio::WritePiece out[] = {{bytes, 3}};
    const mio::Addr addr = loopback(80);
    auto &&message = mio::UdpOutgoing().set_pieces(out, 1).set_addr(addr);
    ck_assert_ptr_eq(message.raw()->pieces, out[0].raw());
    ck_assert_uint_eq(message.raw()->piece_count, 1);
    ck_assert_ptr_eq(message.raw()->addr, addr.raw());
    std::vector<mio::WritePiece> pieces(3, out[0]);
    const mio::UnixOutgoing many = mio::UnixOutgoing(pieces).set_addr(addr);
    ck_assert_uint_eq(many.raw()->piece_count, 3);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("lifetimes");
    TCase *tcase = tcase_create("lifetimes");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_a_loop_runs_over_stays);
    tcase_add_test(tcase, a_reference_to_what_a_result_gave_stays);
    tcase_add_test(tcase, a_message_is_set_up_in_one_expression);
    return run(suite);
}
