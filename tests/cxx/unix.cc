// SPDX-License-Identifier: MIT
// Tests that each function of the classes UnixListener, UnixStream and UnixDatagram calls the matching C function. The
// tests use real sockets.
#include "support.hpp"

#include <cstdio>
#include <string>
#include <vector>

#if __cplusplus >= 202002L
#include <array>
#include <span>
#endif

using mio::Addr;
using mio::Interest;
using mio::Token;
using mio::UnixDatagram;
using mio::UnixFlags;
using mio::UnixListener;
using mio::UnixStream;

static_assert((UnixFlags::replace | UnixFlags{MIO_UNIX_MODE(0660)}) ==
              UnixFlags{MIO_UNIX_REPLACE | MIO_UNIX_MODE(0660)});
static_assert((UnixFlags::seqpacket | UnixFlags::replace) == UnixFlags{MIO_UNIX_SEQPACKET | MIO_UNIX_REPLACE});
static_assert(!std::is_convertible_v<std::uint32_t, UnixFlags>);

namespace {

// A new directory, and the path of a socket in this directory. The destructor removes the socket file and the
// directory.
struct Place {
    Place()
    {
        ck_assert_ptr_nonnull(mkdtemp(directory));
        path = std::string(directory) + "/socket";
        addr = MUST(Addr::from_path(path));
    }
    ~Place()
    {
        unlink(path.c_str());
        rmdir(directory);
    }
    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    char directory[32] = "/tmp/mio-test.XXXXXX";
    std::string path;
    Addr addr;
};

// Checks that the two descriptors are ends of one pipe: writes a byte to `writing`, and reads this byte from `reading`.
void expect_same_pipe(int reading, int writing)
{
    char byte = 0;
    ck_assert_int_eq(write(writing, "p", 1), 1);
    ck_assert_int_eq(read(reading, &byte, 1), 1);
    ck_assert_int_eq(byte, 'p');
}

START_TEST(a_connection_is_made_on_a_path)
{
    const Place place;
    mio::Poll poll = MUST(mio::Poll::create());
    UnixListener listener = MUST(UnixListener::bind(place.addr));
    ck_assert(MUST(listener.local_addr()) == place.addr);
    ck_assert(listener.accept().errc() == std::errc::resource_unavailable_try_again);
    MUST(poll.registry().register_source(listener, Token{1}, Interest::readable));
    UnixStream client = MUST(UnixStream::connect(place.addr));
    MUST(client.connect_finish());
    ck_assert(wait_event(poll, Token{1}).is_readable());
    mio::UnixAccepted accepted = MUST(listener.accept());
    ck_assert(accepted.peer.is_unnamed());
    ck_assert(MUST(client.peer_addr()) == place.addr);
    ck_assert(MUST(accepted.stream.local_addr()) == place.addr);
    ck_assert(MUST(client.local_addr()).is_unnamed());
    ck_assert(!MUST(listener.take_error()));
    ck_assert(!MUST(client.take_error()));

    MUST(client.write("abc", 3));
    MUST(client.shutdown(mio::Shutdown::write));
    char buffer[8] = {};
    ck_assert_uint_eq(MUST(accepted.stream.peek(buffer, sizeof buffer)), 3);
    ck_assert_uint_eq(MUST(accepted.stream.read(buffer, sizeof buffer)), 3);
    ck_assert_str_eq(buffer, "abc");
    ck_assert_uint_eq(MUST(accepted.stream.read(buffer, sizeof buffer)), 0);
    FAILS(client.write("d", 1), EPIPE);
}
END_TEST

START_TEST(a_path_is_replaced_when_asked)
{
    const Place place;
    UnixListener listener = MUST(UnixListener::bind(place.addr, 1));
    listener.close();
    FAILS(UnixListener::bind(place.addr), EADDRINUSE);
    listener = MUST(UnixListener::bind(place.addr, UnixFlags::replace));
    FAILS(UnixListener::bind(place.addr, UnixFlags::replace), EADDRINUSE);
    listener.close();
    listener = MUST(UnixListener::bind(place.addr, 1, UnixFlags::replace | UnixFlags::seqpacket));
    FAILS(UnixStream::connect(place.addr), EPROTOTYPE);
    const UnixStream client = MUST(UnixStream::connect(place.addr, UnixFlags::seqpacket));
    ck_assert(client.is_open());
    listener.close();
    FAILS(UnixListener::bind(place.addr, 0), EINVAL);
    FAILS(UnixDatagram::bind(place.addr), EADDRINUSE);
    ck_assert(MUST(UnixDatagram::bind(place.addr, UnixFlags::replace | UnixFlags{MIO_UNIX_MODE(0600)})).is_open());
}
END_TEST

START_TEST(a_pair_reads_and_writes_in_pieces)
{
    auto [left, right] = MUST(UnixStream::pair());
    const mio::WritePiece out[] = {{"ab", 2}, {"cd", 2}};
    ck_assert_uint_eq(MUST(left.writev(out)), 4);
    char first[3] = {};
    char second[3] = {};
    const mio::ReadPiece in[] = {{first, 2}, {second, 2}};
    ck_assert_uint_eq(MUST(right.readv(in)), 4);
    ck_assert_str_eq(first, "ab");
    ck_assert_str_eq(second, "cd");
    ck_assert(right.readv(in).would_block());
    ck_assert(right.recv(first, 2).would_block());
}
END_TEST

START_TEST(a_record_that_is_cut_says_so)
{
    auto [left, right] = MUST(UnixStream::pair(UnixFlags::seqpacket));
    char buffer[8] = {};
    MUST(left.write("abcdef", 6));
    MUST(left.write("gh", 2));
    const mio::UnixReceived cut = MUST(right.recv(buffer, 4));
    ck_assert_uint_eq(cut.size, 4);
    ck_assert(cut.truncated && !cut.handles_truncated);
    const mio::UnixReceived whole = MUST(right.recv(buffer, 4));
    ck_assert_uint_eq(whole.size, 2);
    ck_assert(!whole.truncated && !whole.handles_truncated);
}
END_TEST

// UnixStream and UnixDatagram both have send_with_handles and recv_with_handles.
template <class Socket>
void pass_handles(Socket &left, Socket &right)
{
    const int before = count_descriptors();
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    char buffer[8] = {};
    mio_handle got[2] = {-1, -1};
    ck_assert(right.recv_with_handles(buffer, sizeof buffer, got, 2).would_block());
    ck_assert_uint_eq(MUST(left.send_with_handles("abc", 3, ends, 2)), 3);
    mio::ReceivedHandles received = MUST(right.recv_with_handles(buffer, sizeof buffer, got, 2));
    ck_assert_uint_eq(received.size, 3);
    ck_assert_uint_eq(received.handle_count, 2);
    ck_assert(!received.truncated && !received.handles_truncated);
    expect_same_pipe(got[0], ends[1]);
    expect_same_pipe(ends[0], got[1]);
    close(got[0]);
    close(got[1]);

    MUST(left.send_with_handles("abc", 3, ends, 2));
    received = MUST(right.recv_with_handles(buffer, sizeof buffer, got, 1));
    ck_assert_uint_eq(received.handle_count, 1);
    ck_assert(!received.truncated && received.handles_truncated);
    close(got[0]);
    const mio_handle bad = -1;
    FAILS(left.send_with_handles("abc", 3, &bad, 1), EBADF);
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(count_descriptors(), before);
}

// UnixStream and UnixDatagram both have send_message and recv_message. A message can contain descriptors and
// credentials.
template <class Socket>
void pass_messages(Socket &left, Socket &right)
{
    MUST(right.set_pass_credentials(true));
    ck_assert(MUST(right.pass_credentials()));
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const mio::WritePiece out[] = {{"ab", 2}, {"cd", 2}};
    const mio::UnixCredentials mine(getpid(), getuid(), getgid());
    mio::UnixOutgoing outgoing(out);
    outgoing.set_handles(&ends[0], 1).set_credentials(mine);
    ck_assert_uint_eq(MUST(left.send_message(outgoing)), 4);
    char first[3] = {};
    char second[3] = {};
    const mio::ReadPiece in[] = {{first, 2}, {second, 2}};
    mio_handle got = -1;
    mio::UnixCredentials theirs;
    mio::UnixIncoming incoming(in);
    incoming.set_handles(&got, 1).set_credentials(theirs);
    ck_assert_uint_eq(MUST(right.recv_message(incoming)), 4);
    ck_assert_str_eq(first, "ab");
    ck_assert_str_eq(second, "cd");
    ck_assert_uint_eq(incoming.handle_count(), 1);
    ck_assert(incoming.has_credentials() && !incoming.is_truncated() && !incoming.is_handles_truncated());
    ck_assert_int_eq(theirs.pid(), getpid());
    ck_assert_uint_eq(theirs.uid(), getuid());
    ck_assert_uint_eq(theirs.gid(), getgid());
    expect_same_pipe(got, ends[1]);
    close(got);

    // `small` has no memory for a descriptor, so the descriptor of the message is lost.
    MUST(left.send_message(outgoing));
    mio::UnixIncoming small(in, 1);
    ck_assert_uint_eq(MUST(right.recv_message(small)), 2);
    ck_assert_uint_eq(small.handle_count(), 0);
    ck_assert(small.is_handles_truncated() && !small.has_credentials());
    close(ends[0]);
    close(ends[1]);
}

START_TEST(descriptors_are_passed)
{
    auto [left, right] = MUST(UnixStream::pair());
    pass_handles(left, right);
    auto [left_record, right_record] = MUST(UnixStream::pair(UnixFlags::seqpacket));
    pass_handles(left_record, right_record);
    auto [left_datagram, right_datagram] = MUST(UnixDatagram::pair());
    pass_handles(left_datagram, right_datagram);
}
END_TEST

START_TEST(messages_carry_all_there_is)
{
    auto [left, right] = MUST(UnixStream::pair());
    pass_messages(left, right);
    auto [left_datagram, right_datagram] = MUST(UnixDatagram::pair());
    pass_messages(left_datagram, right_datagram);
}
END_TEST

START_TEST(a_message_goes_to_an_address_and_tells_its_sender)
{
    UnixDatagram left = MUST(UnixDatagram::bind(Addr::unnamed()));
    UnixDatagram right = MUST(UnixDatagram::bind(Addr::unnamed()));
    const Addr left_addr = MUST(left.local_addr());
    const Addr right_addr = MUST(right.local_addr());
    const mio::WritePiece out[] = {{"abcd", 4}};
    MUST(left.send_message(mio::UnixOutgoing(out).set_addr(right_addr)));
    char buffer[2];
    const mio::ReadPiece in[] = {{buffer, sizeof buffer}};
    Addr from;
    mio::UnixIncoming incoming(in);
    ck_assert_uint_eq(MUST(right.recv_message(incoming.set_addr(from))), 2);
    ck_assert(incoming.is_truncated());
    ck_assert(from == left_addr);
}
END_TEST

START_TEST(the_peer_is_known)
{
    auto [left, right] = MUST(UnixStream::pair());
    const mio::UnixCredentials credentials = MUST(left.peer_credentials());
    ck_assert_int_eq(credentials.pid(), getpid());
    ck_assert_uint_eq(credentials.uid(), geteuid());
    ck_assert_uint_eq(credentials.gid(), getegid());
    const mio::Result<mio_handle> pidfd = right.peer_pidfd();
    if (pidfd)
        close(*pidfd);
    else
        FAILS(pidfd, ENOTSUP);
}
END_TEST

// Returns whether the system supports an option or a call. If the system does not support it, prints that a part of the
// test did not run.
template <class Result>
bool is_here(const Result &result, const char *what)
{
    if (result) return true;
    FAILS(result, ENOTSUP);
    std::fprintf(stderr, "NOT RUN here: %s\n", what);
    return false;
}

START_TEST(the_groups_of_the_peer_are_stored_and_counted)
{
    auto [left, right] = MUST(UnixStream::pair());
    const mio::Result<std::size_t> counted = left.peer_groups(nullptr, 0);
    if (!is_here(counted, "no SO_PEERGROUPS: before Linux 4.13")) return;
    const std::size_t count = static_cast<std::size_t>(getgroups(0, nullptr));
    ck_assert_uint_eq(*counted, count);
    std::vector<std::uint32_t> groups(count + 1, 77);
    ck_assert_uint_eq(MUST(left.peer_groups(groups)), count);
    ck_assert_uint_eq(groups[count], 77);
    if (count > 1) FAILS(left.peer_groups(groups.data(), count - 1), ERANGE);
    UnixStream none;
    FAILS(none.peer_groups(groups), EBADF);
}
END_TEST

template <class Socket>
void refuse_descriptors(Socket &left, Socket &right)
{
    ck_assert(MUST(right.pass_handles()));
    MUST(right.set_pass_handles(false));
    ck_assert(!MUST(right.pass_handles()));
    const mio_handle handle = left.handle();
    FAILS(left.send_with_handles("x", 1, &handle, 1), EPERM);
    MUST(right.set_pass_handles(true));
    ck_assert_uint_eq(MUST(left.send_with_handles("x", 1, &handle, 1)), 1);
}

START_TEST(a_socket_can_refuse_descriptors)
{
    auto [left, right] = MUST(UnixStream::pair());
    if (!is_here(left.pass_handles(), "no SO_PASSRIGHTS: before Linux 6.16")) return;
    refuse_descriptors(left, right);
    auto [one, other] = MUST(UnixDatagram::pair());
    refuse_descriptors(one, other);
}
END_TEST

START_TEST(datagrams_go_to_an_address_and_tell_their_sender)
{
    const Place place;
    mio::Poll poll = MUST(mio::Poll::create());
    UnixDatagram right = MUST(UnixDatagram::bind(place.addr));
    UnixDatagram left = MUST(UnixDatagram::open());
    ck_assert(MUST(left.local_addr()).is_unnamed());
    ck_assert(MUST(right.local_addr()) == place.addr);
    MUST(poll.registry().register_source(right, Token{1}, Interest::readable));
    char buffer[8] = {};
    ck_assert(right.recv_from(buffer, sizeof buffer).would_block());
    MUST(left.send_to("abcdef", 6, place.addr));
    ck_assert(wait_event(poll, Token{1}).is_readable());
    const mio::ReceivedFrom peeked = MUST(right.peek_from(buffer, 4));
    ck_assert_uint_eq(peeked.size, 4);
    ck_assert(peeked.truncated && peeked.from.is_unnamed());
    const mio::ReceivedFrom received = MUST(right.recv_from(buffer, sizeof buffer));
    ck_assert_uint_eq(received.size, 6);
    ck_assert(!received.truncated && received.from.is_unnamed());
    ck_assert_str_eq(buffer, "abcdef");
}
END_TEST

START_TEST(connected_datagrams_need_no_address)
{
    const Place place;
    UnixDatagram right = MUST(UnixDatagram::bind(place.addr));
    UnixDatagram left = MUST(UnixDatagram::open());
    FAILS(left.send("abc", 3), ENOTCONN);
    FAILS(left.peer_addr(), ENOTCONN);
    MUST(left.connect(place.addr));
    ck_assert(MUST(left.peer_addr()) == place.addr);
    MUST(left.send("abc", 3));
    char buffer[8] = {};
    ck_assert(MUST(right.peek(buffer, 2)).truncated);
    const mio::Received received = MUST(right.recv(buffer, sizeof buffer));
    ck_assert_uint_eq(received.size, 3);
    ck_assert(!received.truncated);
    ck_assert(right.peek(buffer, sizeof buffer).would_block());
    MUST(left.disconnect());
    FAILS(left.peer_addr(), ENOTCONN);
    MUST(right.shutdown(mio::Shutdown::read));
    FAILS(left.send_to("abc", 3, place.addr), EPIPE);
    ck_assert(!MUST(left.take_error()));
}
END_TEST

#if defined(__cpp_lib_span)
START_TEST(spans_are_buffers)
{
    const std::array<std::byte, 3> out{std::byte{1}, std::byte{2}, std::byte{3}};
    std::array<std::byte, 8> in{};
    const std::array<mio_handle, 1> handles{STDERR_FILENO};
    std::array<mio_handle, 1> got{};

    auto [left, right] = MUST(UnixStream::pair());
    MUST(left.write(out));
    ck_assert_uint_eq(MUST(right.peek(in)), 3);
    ck_assert_uint_eq(MUST(right.read(in)), 3);
    MUST(left.write(out));
    ck_assert_uint_eq(MUST(right.recv(in)).size, 3);
    MUST(left.send_with_handles(out, handles));
    ck_assert_uint_eq(MUST(right.recv_with_handles(in, got)).handle_count, 1);
    close(got[0]);

    UnixDatagram named = MUST(UnixDatagram::bind(Addr::unnamed()));
    UnixDatagram socket = MUST(UnixDatagram::open());
    MUST(socket.send_to(out, MUST(named.local_addr())));
    ck_assert_uint_eq(MUST(named.peek_from(in)).size, 3);
    ck_assert_uint_eq(MUST(named.recv_from(in)).size, 3);
    MUST(socket.connect(MUST(named.local_addr())));
    MUST(socket.send(out));
    ck_assert_uint_eq(MUST(named.peek(in)).size, 3);
    ck_assert(MUST(named.recv(std::span(in).first(2))).truncated);
    MUST(socket.send_with_handles(out, handles));
    ck_assert_uint_eq(MUST(named.recv_with_handles(in, got)).handle_count, 1);
    close(got[0]);
}
END_TEST
#endif

} // namespace

int main()
{
    Suite *suite = suite_create("unix");
    TCase *tcase = tcase_create("unix");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_connection_is_made_on_a_path);
    tcase_add_test(tcase, a_path_is_replaced_when_asked);
    tcase_add_test(tcase, a_pair_reads_and_writes_in_pieces);
    tcase_add_test(tcase, a_record_that_is_cut_says_so);
    tcase_add_test(tcase, descriptors_are_passed);
    tcase_add_test(tcase, messages_carry_all_there_is);
    tcase_add_test(tcase, a_message_goes_to_an_address_and_tells_its_sender);
    tcase_add_test(tcase, the_peer_is_known);
    tcase_add_test(tcase, the_groups_of_the_peer_are_stored_and_counted);
    tcase_add_test(tcase, a_socket_can_refuse_descriptors);
    tcase_add_test(tcase, datagrams_go_to_an_address_and_tell_their_sender);
    tcase_add_test(tcase, connected_datagrams_need_no_address);
#if defined(__cpp_lib_span)
    tcase_add_test(tcase, spans_are_buffers);
#endif
    return run(suite);
}
