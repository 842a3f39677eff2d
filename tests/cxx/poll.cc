// SPDX-License-Identifier: MIT
// Tests the classes Poll and Waker: every way to wait, options, capabilities, nesting, and wakes from other threads.
#include "support.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

using mio::Events;
using mio::Interest;
using mio::Poll;
using mio::Token;
using std::chrono::steady_clock;

namespace {

START_TEST(a_wait_for_a_duration_lasts_as_long)
{
    Poll poll = MUST(Poll::create());
    Events events(4);
    const auto begin = steady_clock::now();
    ck_assert_uint_eq(MUST(poll.poll(events, 30ms)), 0);
    ck_assert(steady_clock::now() - begin >= 30ms);
    ck_assert_uint_eq(MUST(poll.poll(events, std::chrono::duration<double>(0.02))), 0);
    ck_assert(steady_clock::now() - begin >= 50ms);
    ck_assert_uint_eq(MUST(poll.poll(events, std::optional<std::chrono::milliseconds>(20ms))), 0);
    ck_assert(steady_clock::now() - begin >= 70ms);
    ck_assert(steady_clock::now() - begin < 20s);
}
END_TEST

START_TEST(a_wait_until_a_moment_ends_then)
{
    Poll poll = MUST(Poll::create());
    Events events(4);
    const auto steady = steady_clock::now() + 30ms;
    ck_assert_uint_eq(MUST(poll.poll_until(events, steady)), 0);
    ck_assert(steady_clock::now() >= steady);
    const auto coarse = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() + 20ms);
    ck_assert_uint_eq(MUST(poll.poll_until(events, coarse)), 0);
    ck_assert(steady_clock::now() >= coarse);
    const auto own = mio::Clock::now() + 30ms;
    ck_assert_uint_eq(MUST(poll.poll_until(events, own)), 0);
    ck_assert(mio::Clock::now() >= own);
    ck_assert(mio::Clock::now() < own + 20s);
    const auto coarse_own = std::chrono::ceil<std::chrono::milliseconds>(mio::Clock::now() + 20ms);
    ck_assert_uint_eq(MUST(poll.poll_until(events, coarse_own)), 0);
    ck_assert(mio::Clock::now() >= coarse_own);
    const std::chrono::time_point<mio::Clock, std::chrono::duration<double>> fraction(mio::Clock::now() + 20ms);
    ck_assert_uint_eq(MUST(poll.poll_until(events, fraction)), 0);
    ck_assert(mio::Clock::now() >= fraction);
}
END_TEST

START_TEST(what_has_passed_only_looks)
{
    Poll poll = MUST(Poll::create());
    Events events(4);
    const auto begin = steady_clock::now();
    ck_assert_uint_eq(MUST(poll.poll(events, 0ns)), 0);
    ck_assert_uint_eq(MUST(poll.poll(events, -1ns)), 0);
    ck_assert_uint_eq(MUST(poll.poll(events, std::chrono::hours::min())), 0);
    ck_assert_uint_eq(MUST(poll.poll(events, std::optional(-1ms))), 0);
    ck_assert_uint_eq(MUST(poll.poll_until(events, steady_clock::time_point::min())), 0);
    ck_assert_uint_eq(MUST(poll.poll_until(events, begin - 1h)), 0);
    ck_assert_uint_eq(MUST(poll.poll_until(events, mio::Clock::time_point())), 0);
    ck_assert(steady_clock::now() - begin < 20s);

    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{1}));
    MUST(waker.wake());
    ck_assert_uint_eq(MUST(poll.poll(events, -1ns)), 1);
}
END_TEST

// Calls one of the functions that wait. The wait has no time limit, and another thread wakes the poll object.
template <class Wait>
void expect_woken(Wait wait)
{
    Poll poll = MUST(Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{42}));
    Events events(4);
    std::thread thread([&waker] {
        std::this_thread::sleep_for(20ms);
        static_cast<void>(waker.wake());
    });
    const mio::Result<std::size_t> count = wait(poll, events);
    thread.join();
    ck_assert_uint_eq(MUST(count), 1);
    ck_assert_uint_eq(events.size(), 1);
    ck_assert(events[0].token() == Token{42});
    ck_assert(events[0].is_readable());
    expect_quiet(poll);
}

START_TEST(a_wait_without_end_is_ended_by_a_waker)
{
    expect_woken([](Poll &poll, Events &events) { return poll.poll(events); });
    expect_woken([](Poll &poll, Events &events) { return poll.poll(events, std::optional<std::chrono::hours>()); });
    expect_woken([](Poll &poll, Events &events) { return poll.poll(events, std::chrono::hours::max()); });
    expect_woken([](Poll &poll, Events &events) { return poll.poll_until(events, steady_clock::time_point::max()); });
    expect_woken([](Poll &poll, Events &events) { return poll.poll_until(events, mio::Clock::time_point::max()); });
    // In nanoseconds, these deadlines would not fit into 64 bits.
    using Coarse = std::chrono::time_point<mio::Clock, std::chrono::seconds>;
    expect_woken([](Poll &poll, Events &events) { return poll.poll_until(events, Coarse::max()); });
    expect_woken([](Poll &poll, Events &events) { return poll.poll_until(events, Coarse(24h * 365 * 300)); });
}
END_TEST

START_TEST(the_backend_is_chosen_by_name_and_tells_what_it_can)
{
    const char *const first = Poll::backend_name(0);
    ck_assert_ptr_nonnull(first);
    std::size_t backends = 0;
    while (Poll::backend_name(backends) != nullptr)
        ++backends;
    for (std::size_t i = 0; i < backends; ++i) {
        mio::PollOptions options;
        options.backend = Poll::backend_name(i);
        const Poll poll = MUST(Poll::create(options));
        ck_assert_str_eq(poll.backend(), options.backend);
        ck_assert_uint_eq(poll.capabilities(), mio_poll_capabilities(poll.raw()));
        ck_assert(poll.can(mio::Capability::edge) == ((poll.capabilities() & MIO_CAN_EDGE) != 0));
        ck_assert(poll.can(mio::Capability::aio) == ((poll.capabilities() & MIO_CAN_AIO) != 0));
        ck_assert(poll.can(mio::Capability::sigmask) == ((poll.capabilities() & MIO_CAN_SIGMASK) != 0));
        ck_assert(poll.can(mio::Capability::close) == ((poll.capabilities() & MIO_CAN_CLOSE) != 0));
        ck_assert_uint_eq(MUST(Poll::backend_capabilities(options.backend)), poll.capabilities());
        ck_assert_int_eq(poll.registry().poll_handle().value_or(-1), poll.handle().value_or(-1));
    }
    ck_assert(MUST(Poll::create()).can(mio::Capability::level));
    FAILS(Poll::create({"none such", false}), ENOTSUP);
}
END_TEST

START_TEST(a_poll_tells_its_state)
{
    const Poll poll = MUST(Poll::create());
    auto [sender, receiver] = MUST(mio::Pipe::create());
    MUST(poll.registry().register_source(receiver, Token{4711}, Interest::readable));
    MUST(poll.dump(sender.handle()));
    char text[4096];
    const std::size_t length = MUST(receiver.read(text, sizeof text));
    ck_assert(std::string(text, length).find(" token 4711 READABLE\n") != std::string::npos);
    FAILS(poll.dump(receiver.handle()), EBADF);
}
END_TEST

START_TEST(a_poll_is_nested_in_another)
{
    Poll outer = MUST(Poll::create());
    Poll inner = MUST(Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(inner.registry(), Token{5}));
    MUST(outer.registry().register_handle(MUST(inner.handle()), Token{6}, Interest::readable | Interest::level));
    expect_quiet(outer);
    MUST(waker.wake());
    ck_assert(wait_event(outer, Token{6}).is_readable());
    ck_assert(wait_event(inner, Token{5}).is_readable());
}
END_TEST

START_TEST(wakes_before_a_wait_are_one_event)
{
    Poll poll = MUST(Poll::create());
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{1}));
    expect_quiet(poll);
    for (int i = 0; i < 1000; ++i)
        MUST(waker.wake());
    Events events(16);
    ck_assert_uint_eq(MUST(poll.poll(events, 5s)), 1);
    ck_assert(events[0].token() == Token{1});
    expect_quiet(poll);
    MUST(waker.wake());
    wait_event(poll, Token{1});
}
END_TEST

START_TEST(a_waker_is_shared_by_threads)
{
    Poll poll = MUST(Poll::create());
    const auto waker = std::make_shared<mio::Waker>(MUST(mio::Waker::create(poll.registry(), Token{1})));
    std::atomic<int> made{0};
    auto work = [waker, &made] {
        for (int i = 0; i < 1000; ++i) {
            ++made;
            static_cast<void>(waker->wake());
        }
    };
    std::thread one(work);
    std::thread two(work);
    Events events(4);
    while (made < 2000) {
        MUST(poll.poll(events, 5s));
        ck_assert(!events.empty());
    }
    one.join();
    two.join();
}
END_TEST

START_TEST(a_waker_that_is_gone_is_heard_no_more)
{
    Poll poll = MUST(Poll::create());
    mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{1}));
    MUST(waker.wake());
    waker = mio::Waker();
    expect_quiet(poll);
    FAILS(waker.wake(), EINVAL);
}
END_TEST

START_TEST(a_clone_registers_from_another_thread_while_poll_waits)
{
    Poll poll = MUST(Poll::create());
    const mio::OwnedRegistry clone = MUST(poll.registry().clone());
    mio::UdpSocket socket = MUST(mio::UdpSocket::bind(loopback()));
    mio::Result<void> registered;
    std::thread thread([&] {
        std::this_thread::sleep_for(20ms);
        registered = clone.registry().register_source(socket, Token{8}, Interest::writable);
    });
    Events events(4);
    const mio::Result<std::size_t> count = poll.poll(events, 20s);
    thread.join();
    MUST(registered);
    ck_assert_uint_eq(MUST(count), 1);
    ck_assert(events[0].token() == Token{8});
    ck_assert(events[0].is_writable());
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("poll");
    TCase *waits = tcase_create("waits");
    suite_add_tcase(suite, waits);
    tcase_add_test(waits, a_wait_for_a_duration_lasts_as_long);
    tcase_add_test(waits, a_wait_until_a_moment_ends_then);
    tcase_add_test(waits, what_has_passed_only_looks);
    tcase_add_test(waits, a_wait_without_end_is_ended_by_a_waker);
    TCase *objects = tcase_create("poll and waker");
    suite_add_tcase(suite, objects);
    tcase_add_test(objects, the_backend_is_chosen_by_name_and_tells_what_it_can);
    tcase_add_test(objects, a_poll_tells_its_state);
    tcase_add_test(objects, a_poll_is_nested_in_another);
    tcase_add_test(objects, wakes_before_a_wait_are_one_event);
    tcase_add_test(objects, a_waker_is_shared_by_threads);
    tcase_add_test(objects, a_waker_that_is_gone_is_heard_no_more);
    tcase_add_test(objects, a_clone_registers_from_another_thread_while_poll_waits);
    return run(suite);
}
