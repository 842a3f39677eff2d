// SPDX-License-Identifier: MIT
// What the header promises about memory: after set-up the wrapper allocates nothing.
#include "support.hpp"

#include <atomic>
#include <new>

namespace {

std::atomic<int> allocations{0};

// Not inlined: Valgrind puts its own functions in the place of these, and must find all of them.
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

// How many allocations are seen when there is one: 0 where another allocator has taken over.
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
    MUST(poll.poll(events, 0ms)); // a use, without which a compiler may leave the allocation out
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
    return run(suite);
}
