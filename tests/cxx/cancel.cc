// SPDX-License-Identifier: MIT
// Tests threads that are cancelled in a function of <mio.hpp>. Such a thread unwinds its stack. If the program is
// compiled with exceptions, destructors run. So a function is not noexcept if a cancelled thread can unwind through it.
#include "support.hpp"

#include <atomic>
#include <pthread.h>

namespace {

#if defined(__cpp_exceptions)
constexpr bool unwinds = true;
#else
constexpr bool unwinds = false;
#endif

// Counts the destroyed objects of type Local. When a cancellation unwinds the stack of a thread, the
// unwinding destroys the Local of the thread.
std::atomic<int> unwound{0};

struct Local {
    ~Local() { unwound++; }
};

// Starts a thread that cancels itself and then makes the call. Returns whether the cancellation ended the thread.
template <class Call>
bool is_cancelled_in(Call call)
{
    unwound = 0;
    const auto body = [](void *context) -> void * {
        const Local local;
        pthread_cancel(pthread_self());
        (*static_cast<Call *>(context))();
        return nullptr;
    };
    pthread_t thread;
    void *result = nullptr;
    ck_assert_int_eq(pthread_create(&thread, nullptr, body, &call), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_int_eq(unwound, unwinds ? 1 : 0);
    return result == PTHREAD_CANCELED;
}

START_TEST(what_reaches_a_cancellation_point_unwinds)
{
    mio::Poll poll = MUST(mio::Poll::create());
    mio::Events events(4);
    auto streams = MUST(mio::UnixStream::pair());
    mio::UdpSocket udp = MUST(mio::UdpSocket::bind(MUST(mio::Addr::parse("127.0.0.1:0"))));
    const mio::Addr self = MUST(udp.local_addr());
    auto pipe = MUST(mio::Pipe::create());
    char bytes[8] = "bytes";
    ck_assert(is_cancelled_in([&] { (void)poll.poll(events); }));
    ck_assert(is_cancelled_in([&] { (void)poll.poll(events, 1ms); }));
    ck_assert(is_cancelled_in([&] { (void)poll.poll(events, std::chrono::microseconds(1500)); }));
    ck_assert(is_cancelled_in([&] { (void)poll.poll_until(events, mio::Clock::now() + 1ms); }));
    ck_assert(is_cancelled_in([&] { (void)streams.first.write(bytes, sizeof bytes); }));
    ck_assert(is_cancelled_in([&] { (void)streams.first.read(bytes, sizeof bytes); }));
    ck_assert(is_cancelled_in([&] { (void)streams.first.peek(bytes, sizeof bytes); }));
    ck_assert(is_cancelled_in([&] { (void)udp.send_to(bytes, sizeof bytes, self); }));
    ck_assert(is_cancelled_in([&] { (void)udp.recv(bytes, sizeof bytes); }));
    ck_assert(is_cancelled_in([&] { (void)udp.recv_from(bytes, sizeof bytes); }));
    ck_assert(is_cancelled_in([&] { (void)pipe.receiver.read(bytes, sizeof bytes); }));
    ck_assert(is_cancelled_in([&] {
        (void)streams.second.try_io([&](mio_handle handle) -> std::int64_t { return ::read(handle, bytes, 1); });
    }));
}
END_TEST

// Unwinding closes the objects of the thread. Closing is not a cancellation point. In a program without exceptions
// nothing unwinds, so the objects stay open.
START_TEST(the_destructors_of_mio_run_while_a_thread_is_cancelled)
{
    std::atomic<int> handle{-1};
    ck_assert(is_cancelled_in([&] {
        // This function does not use the macro MUST, because that macro calls libcheck, which has cancellation points.
        mio::Poll poll = mio::Poll::create().value();
        const mio::Addr addr = mio::Addr::parse("127.0.0.1:0").value();
        mio::UdpSocket udp = mio::UdpSocket::bind(addr).value();
        mio::Events events(4);
        handle = udp.handle();
        (void)poll.poll(events);
    }));
    ck_assert_int_ge(handle, 0);
    ck_assert(!is_open(handle));
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("cancel");
    TCase *tcase = tcase_create("cancel");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, what_reaches_a_cancellation_point_unwinds);
    if (unwinds) tcase_add_test(tcase, the_destructors_of_mio_run_while_a_thread_is_cancelled);
    return run(suite);
}
