// SPDX-License-Identifier: MIT
// Tests that the C++ classes allocate nothing after set-up, as <mio.hpp> promises.
#include "support.hpp"

#include <atomic>
#include <csignal>
#include <new>
#include <unistd.h>

namespace {

std::atomic<int> allocations{0};

// Valgrind finds these functions by name and replaces them. So the compiler must not inline them.
#define REPLACED __attribute__((noinline))

void *counted(std::size_t size) noexcept
{
    ++allocations;
    return std::malloc(size == 0 ? 1 : size);
}

} // namespace

REPLACED void *operator new(std::size_t size)
{
    void *memory = counted(size);
    if (memory == nullptr) std::abort();
    return memory;
}
REPLACED void *operator new[](std::size_t size)
{
    return operator new(size);
}
REPLACED void *operator new(std::size_t size, const std::nothrow_t &) noexcept
{
    return counted(size);
}
REPLACED void *operator new[](std::size_t size, const std::nothrow_t &) noexcept
{
    return counted(size);
}
REPLACED void operator delete(void *memory) noexcept
{
    std::free(memory);
}
REPLACED void operator delete[](void *memory) noexcept
{
    std::free(memory);
}
REPLACED void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}
REPLACED void operator delete[](void *memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace {

// Makes one allocation, and returns how many allocations the test has counted: 1, or 0 if another allocator has
// replaced malloc.
int seen()
{
    static const int count = [] {
        const int before = allocations;
        operator delete(operator new(1));
        return allocations - before;
    }();
    return count;
}

using mio::Interest;
using mio::Token;

START_TEST(events_are_allocated_once)
{
    mio::Poll poll = MUST(mio::Poll::create());
    const int one = seen();
    const int before = allocations;
    mio::Events events(64);
    MUST(poll.poll(events, 0ms)); // uses the array, because a compiler may omit an unused allocation
    ck_assert_int_eq(allocations, before + one);
    mio::Events moved(std::move(events));
    mio::Events other = std::move(moved);
    MUST(poll.poll(other, 0ms));
    ck_assert_int_eq(allocations, before + one);
}
END_TEST

START_TEST(a_poll_a_waker_and_a_clone_use_no_memory_of_cxx)
{
    const int before = allocations;
    mio::Poll poll = MUST(mio::Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{0}));
    const mio::OwnedRegistry clone = MUST(poll.registry().clone());
    ck_assert_int_eq(allocations, before);
}
END_TEST

START_TEST(texts_use_no_memory)
{
    const int one = seen();
    const int before = allocations;
    const mio::Addr addr = MUST(mio::Addr::parse("[2001:db8:1111:2222:3333:4444:5555:6666]:65535"));
    ck_assert_uint_gt(addr.text().size(), 40);
    ck_assert_uint_gt((Interest::readable | Interest::writable | Interest::exclusive).text().size(), 20);
    ck_assert_uint_gt(mio::Event(mio_event{1, 0xff, 0xff}).text().size(), 20);
    ck_assert_int_eq(allocations, before);
    ck_assert(addr.to_string().size() == addr.text().size());
    ck_assert_int_eq(allocations, before + one);
}
END_TEST

START_TEST(a_loop_uses_no_memory)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::Events events(16);
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{0}));
    const int before = allocations;
    mio::TcpListener listener = MUST(mio::TcpListener::bind(loopback()));
    mio::UdpSocket udp = MUST(mio::UdpSocket::bind(loopback()));
    const mio::Addr udp_addr = MUST(udp.local_addr());
    MUST(poll.registry().register_source(listener, Token{1}, Interest::readable));
    MUST(poll.registry().register_source(udp, Token{3}, Interest::readable));
    mio::TcpStream client = MUST(mio::TcpStream::connect(MUST(listener.local_addr())));
    MUST(poll.registry().register_source(client, Token{2}, Interest::readable | Interest::writable));

    int accepted = 0;
    int woken = 0;
    std::size_t echoed = 0;
    std::size_t datagrams = 0;
    mio::Accepted peer;
    char buffer[64] = "0123456789";
    for (int round = 0; round < 20 || accepted == 0 || woken == 0 || echoed == 0 || datagrams == 0; ++round) {
        MUST(waker.wake());
        MUST(udp.send_to(buffer, 10, udp_addr));
        MUST(poll.poll(events, 5s));
        for (const mio::Event &event : events) {
            switch (event.token()) {
            case Token{0}:
                ++woken;
                break;
            case Token{1}:
                while (mio::Result<mio::Accepted> result = listener.accept()) {
                    peer = std::move(*result);
                    ++accepted;
                }
                break;
            case Token{2}:
                MUST(client.connect_finish());
                if (const auto count = client.read(buffer, sizeof buffer)) echoed += *count;
                break;
            default:
                while (udp.recv_from(buffer, sizeof buffer))
                    ++datagrams;
            }
        }
        if (peer.stream.is_open()) MUST(peer.stream.write(buffer, 10));
        const auto waiting = [](mio_handle handle) -> std::int64_t { return handle; };
        ck_assert_int_eq(MUST(client.try_io(waiting)), client.handle());
    }
    MUST(poll.registry().reregister_source(client, Token{2}, Interest::readable));
    MUST(poll.registry().deregister_source(client));
    client.close();
    ck_assert_int_eq(allocations, before);
    ck_assert_int_eq(accepted, 1);
}
END_TEST

// Some of the calls fail. An error is only a number, so a call that fails needs no memory.
START_TEST(tcp_and_udp_in_all_their_ways_use_no_memory)
{
    const int before = allocations;
    mio::TcpSocket socket = MUST(mio::TcpSocket::open(mio::Family::ipv4));
    MUST(socket.set_reuse_addr(true));
    MUST(socket.bind(loopback()));
    mio::TcpListener listener = MUST(socket.listen(4));
    mio::AcceptReserve reserve = MUST(mio::AcceptReserve::open());
    ck_assert(!listener.accept_or_shed(reserve));
    mio::TcpSocket second = MUST(mio::TcpSocket::open(mio::Family::ipv4));
    mio::TcpStream client = MUST(second.connect(MUST(listener.local_addr())));
    char buffer[16] = "0123456789";
    const mio::WritePiece out[] = {{buffer, 5}, {buffer + 5, 5}};
    const mio::ReadPiece in[] = {{buffer, 5}, {buffer + 5, 5}};
    mio::UdpSocket udp = MUST(mio::UdpSocket::bind(loopback()));
    const mio::Addr addr = MUST(udp.local_addr());
    MUST(udp.set_receive_destination(true));
    mio::Ancillary ancillary;
    mio::UdpOutgoing outgoing(out);
    mio::UdpIncoming incoming(in);
    MUST(udp.send_message(outgoing.set_addr(addr)));
    MUST(udp.recv_message(incoming.set_ancillary(ancillary)));
    ck_assert(ancillary.destination().has_value());
    MUST(udp.send_batch(&outgoing, 1));
    MUST(udp.recv_batch(&incoming, 1));
    mio::QueuedError queued(in);
    ck_assert(!udp.recv_error(queued));
    ck_assert(!udp.send_to("", 0, mio::Addr()));
    ck_assert_int_eq(allocations, before);
}
END_TEST

START_TEST(unix_sockets_use_no_memory)
{
    const int before = allocations;
    mio::UnixListener listener = MUST(mio::UnixListener::bind(mio::Addr::unnamed()));
    mio::UnixStream client = MUST(mio::UnixStream::connect(MUST(listener.local_addr())));
    mio::UnixAccepted accepted = MUST(listener.accept());
    char buffer[16] = "0123456789";
    mio_handle handles[2] = {client.handle(), MIO_HANDLE_NONE};
    MUST(client.write(buffer, 10));
    MUST(accepted.stream.read(buffer, sizeof buffer));
    MUST(client.send_with_handles(buffer, 1, handles, 1));
    ck_assert_uint_eq(MUST(accepted.stream.recv_with_handles(buffer, 1, handles, 2)).handle_count, 1);
    mio::UnixStream copy = MUST(mio::UnixStream::from_handle(handles[0]));
    ck_assert_int_eq(MUST(accepted.stream.peer_credentials()).pid(), getpid());
    auto [left, right] = MUST(mio::UnixDatagram::pair());
    const mio::WritePiece out[] = {{buffer, 5}, {buffer + 5, 5}};
    const mio::ReadPiece in[] = {{buffer, 5}, {buffer + 5, 5}};
    mio::UnixIncoming incoming(in);
    MUST(left.send_message(mio::UnixOutgoing(out)));
    MUST(right.recv_message(incoming));
    MUST(left.send(buffer, 10));
    ck_assert(MUST(right.recv(buffer, 5)).truncated);
    ck_assert(!right.recv_from(buffer, 5));
    ck_assert_int_eq(allocations, before);
}
END_TEST

START_TEST(pipes_signals_and_texts_use_no_memory)
{
    const int before = allocations;
    mio::Pipe pipe = MUST(mio::Pipe::create());
    char buffer[64];
    mio::SafeText<> line;
    line.append("caught ").append_signal(SIGTERM).append(" or ").append_error(std::errc::io_error).append_int(-1);
    MUST(line.write(pipe.sender.handle()));
    ck_assert_uint_gt(MUST(pipe.receiver.read(buffer, sizeof buffer)), 20);
    const mio::SignalMask mask = MUST(mio::SignalMask::block({SIGINT}));
    MUST(mask.restore());
    for (const mio::SignalsFlags way : {mio::SignalsFlags::none, mio::SignalsFlags::self_pipe}) {
        mio::Signals signals = MUST(mio::Signals::open({SIGTERM}, way));
        ck_assert(!signals.recv());
        raise(SIGTERM);
        ck_assert_int_eq(MUST(signals.recv()).number(), SIGTERM);
    }
    ck_assert_int_eq(allocations, before);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("allocation");
    TCase *tcase = tcase_create("allocation");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, events_are_allocated_once);
    tcase_add_test(tcase, a_poll_a_waker_and_a_clone_use_no_memory_of_cxx);
    tcase_add_test(tcase, texts_use_no_memory);
    tcase_add_test(tcase, a_loop_uses_no_memory);
    tcase_add_test(tcase, tcp_and_udp_in_all_their_ways_use_no_memory);
    tcase_add_test(tcase, unix_sockets_use_no_memory);
    tcase_add_test(tcase, pipes_signals_and_texts_use_no_memory);
    return run(suite);
}
