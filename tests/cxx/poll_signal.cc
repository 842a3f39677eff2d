// SPDX-License-Identifier: MIT
// Tests the class Poll: signals that interrupt a wait, and waits with a signal mask.
#include "support.hpp"

#include <atomic>
#include <csignal>
#include <sys/time.h>

using mio::Events;
using mio::Poll;
using mio::SignalMask;
using mio::Token;
using std::chrono::steady_clock;

namespace {

std::atomic<int> alarms{0};
static_assert(std::atomic<int>::is_always_lock_free);

void count_alarm(int)
{
    ++alarms;
}

// While an object of this class lives, an alarm interrupts system calls every 20 ms.
struct Alarm {
    Alarm()
    {
        struct sigaction action {};
        action.sa_handler = count_alarm;
        ck_assert_int_eq(sigaction(SIGALRM, &action, nullptr), 0);
        set(20000);
    }
    Alarm(const Alarm &) = delete;
    Alarm &operator=(const Alarm &) = delete;
    ~Alarm() { set(0); }

    static void set(int microseconds)
    {
        itimerval timer{};
        timer.it_value.tv_usec = microseconds;
        timer.it_interval.tv_usec = microseconds;
        ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, nullptr), 0);
    }
};

START_TEST(a_wait_with_a_mask_lasts_as_long_as_any_other)
{
    Poll poll = MUST(Poll::create());
    Events events(4);
    const auto begin = steady_clock::now();
    ck_assert_uint_eq(MUST(poll.poll_masked(events, -1ns, SignalMask())), 0);
    ck_assert_uint_eq(MUST(poll.poll_masked(events, 20ms, SignalMask())), 0);
    ck_assert(steady_clock::now() - begin >= 20ms);
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{1}));
    MUST(waker.wake());
    ck_assert_uint_eq(MUST(poll.poll_masked(events, SignalMask())), 1);
    MUST(waker.wake());
    ck_assert_uint_eq(MUST(poll.poll_masked(events, 20s, SignalMask())), 1);
    ck_assert(steady_clock::now() - begin < 20s);
}
END_TEST

START_TEST(a_signal_interrupts_a_wait_and_events_is_empty)
{
    Poll poll = MUST(Poll::create());
    Events events(4);
    const mio::Waker waker = MUST(mio::Waker::create(poll.registry(), Token{1}));
    const Alarm alarm;
    MUST(waker.wake());
    while (poll.poll(events, 0ms).value_or(0) == 0)
        continue;
    ck_assert(!events.empty());
    const mio::Result<std::size_t> result = poll.poll(events, 20s);
    FAILS(result, EINTR);
    ck_assert(result.error() == std::errc::interrupted);
    ck_assert(!result.would_block());
    ck_assert(events.empty());
    ck_assert_int_gt(alarms, 0);
}
END_TEST

START_TEST(a_wait_with_restart_goes_on_with_the_time_that_is_left)
{
    mio::PollOptions options;
    options.restart = true;
    Poll poll = MUST(Poll::create(options));
    Events events(4);
    const Alarm alarm;
    const auto begin = steady_clock::now();
    ck_assert_uint_eq(MUST(poll.poll(events, 150ms)), 0);
    ck_assert(steady_clock::now() - begin >= 150ms);
    ck_assert(steady_clock::now() - begin < 20s);
    ck_assert_int_gt(alarms, 1);
}
END_TEST

START_TEST(a_wait_with_a_mask_lets_a_blocked_signal_in)
{
    Poll poll = MUST(Poll::create());
    Events events(4);
    sigset_t mask;
    sigset_t empty;
    sigemptyset(&empty);
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    struct sigaction action {};
    action.sa_handler = count_alarm;
    ck_assert_int_eq(sigaction(SIGALRM, &action, nullptr), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &mask, nullptr), 0);
    alarms = 0;
    ck_assert_int_eq(raise(SIGALRM), 0);
    ck_assert_uint_eq(MUST(poll.poll(events, 0ms)), 0);
    ck_assert_int_eq(alarms, 0);
    FAILS(poll.poll_masked(events, 20s, MUST(SignalMask::from_sigset(empty))), EINTR);
    ck_assert_int_eq(alarms, 1);
    ck_assert_int_eq(raise(SIGALRM), 0);
    FAILS(poll.poll_masked(events, SignalMask()), EINTR);
    ck_assert_int_eq(alarms, 2);
    ck_assert_int_eq(pthread_sigmask(SIG_UNBLOCK, &mask, nullptr), 0);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("poll_signal");
    TCase *tcase = tcase_create("poll_signal");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_wait_with_a_mask_lasts_as_long_as_any_other);
    tcase_add_test(tcase, a_signal_interrupts_a_wait_and_events_is_empty);
    tcase_add_test(tcase, a_wait_with_restart_goes_on_with_the_time_that_is_left);
    tcase_add_test(tcase, a_wait_with_a_mask_lets_a_blocked_signal_in);
    return run(suite);
}
