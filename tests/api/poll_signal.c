/* SPDX-License-Identifier: MIT */
/*
 * Tests signals that arrive during a wait. A signal ends a wait with -EINTR. With MIO_POLL_RESTART, the wait continues.
 * mio_poll_wait_masked changes the signal mask and waits in one step.
 */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_int handled;

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&handled, 1);
}

/* Installs a handler that counts SIGUSR1. SIGUSR1 interrupts a wait, whatever `flags` contains. */
static void install_handler(int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_signal;
    action.sa_flags = flags;
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    atomic_store(&handled, 0);
}

static sigset_t usr1_only(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return set;
}

static sigset_t current_mask(void)
{
    sigset_t mask;
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    return mask;
}

static mio_signal_mask mask_of(sigset_t set)
{
    mio_signal_mask mask;
    ck_assert_ok(mio_signal_mask_from_sigset(&mask, &set, sizeof set));
    return mask;
}

static void assert_same_mask(const sigset_t *left, const sigset_t *right)
{
    for (int number = 1; number < 32; number++) {
        ck_assert_int_eq(sigismember(left, number), sigismember(right, number));
    }
}

/* A thread that sends SIGUSR1 to the thread `target`. The thread ends when the test sets `stop`, or after `most`
 * signals. The tests define a sender as static, because the thread goes on after an assertion has failed under
 * Valgrind, where the tests do not fork. */
typedef struct sender {
    pthread_t target;
    int64_t pause_ns;
    int most;
    atomic_bool stop;
    atomic_bool gave_up;
    pthread_t thread;
} sender;

static void *send_signals(void *context)
{
    sender *s = context;
    const struct timespec pause = {.tv_nsec = (long)s->pause_ns};
    for (int i = 0; i < s->most && !atomic_load(&s->stop); i++) {
        if (pthread_kill(s->target, SIGUSR1) != 0) {
            abort(); /* between two tests, ck_assert would hide the failure of the first one */
        }
        nanosleep(&pause, NULL);
    }
    atomic_store(&s->gave_up, !atomic_load(&s->stop));
    return NULL;
}

static void start_sender(sender *s, int64_t pause_ns, int most)
{
    s->target = pthread_self();
    s->pause_ns = pause_ns;
    s->most = most;
    atomic_init(&s->stop, false);
    atomic_init(&s->gave_up, false);
    s->thread = start_thread(send_signals, s);
}

/* Stops the sender. Returns false if the sender had already sent all its signals. */
static bool stop_sender(sender *s)
{
    atomic_store(&s->stop, true);
    join_thread(s->thread);
    return !atomic_load(&s->gave_up);
}

/* Waits for `timeout_ns` with one of the functions that wait; `call` selects the function. */
static int wait_by(int call, mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    switch (call) {
    case 0:
        return mio_poll_wait(poll, events, capacity, timeout_ns);
    case 1:
        return mio_poll_wait_until(poll, events, capacity, timeout_ns < 0 ? INT64_MAX : mio_clock_now() + timeout_ns);
    case 2:
        return mio_poll_wait_masked(poll, events, capacity, timeout_ns, NULL);
    default: {
        mio_signal_mask mask = mask_of(current_mask());
        return mio_poll_wait_masked(poll, events, capacity, timeout_ns, &mask);
    }
    }
}

/*
 * The parameter `call` of wait_by can be 0, 1, 2 or 3. Returns how many of these values the tests can use with the poll
 * object: the first 2, the first 3, or all 4. For the values 2 and 3, wait_by calls mio_poll_wait_masked, which needs
 * MIO_CAN_SIGMASK. For the value 3, wait_by passes a mask. Valgrind sometimes frees its copy of the mask, and then uses
 * the copy again when it repeats an interrupted system call. So under Valgrind the tests do not use the value 3.
 */
static int wait_calls(const mio_poll *poll)
{
    if ((mio_poll_capabilities(poll) & MIO_CAN_SIGMASK) == 0) {
        return 2;
    }
    return under_valgrind() ? 3 : 4;
}

START_TEST(a_signal_handler_ends_a_wait_with_eintr)
{
    mio_poll *poll = open_poll(_i);
    mio_event event;
    for (int call = 0; call < wait_calls(poll); call++) {
        for (int round = 0; round < 4; round++) {
            static sender s;
            install_handler(round % 2 == 0 ? 0 : SA_RESTART);
            start_sender(&s, MS(1), 20000);
            int rc = wait_by(call, poll, &event, 1, round < 2 ? -1 : LONG_WAIT);
            stop_sender(&s);
            ck_assert_errno(rc, -EINTR);
            ck_assert_int_ge(atomic_load(&handled), 1);
        }
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(an_interrupted_wait_loses_no_event)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = NULL;
    mio_event event;
    static sender s;
    install_handler(0);
    ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 6));
    start_sender(&s, US(50), 1000000);
    for (int i = 0; i < rounds(5000); i++) {
        int count;
        ck_assert_ok(mio_waker_wake(waker));
        do {
            count = mio_poll_wait(poll, &event, 1, LONG_WAIT);
        } while (count == -EINTR);
        ck_assert_count(count, 1);
        ck_assert_uint_eq(event.token, 6);
    }
    stop_sender(&s);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/*
 * A signal arrives after each tenth of the timeout. If the library restarted the full timeout after each signal, the
 * wait would not end.
 */
START_TEST(restart_goes_on_with_the_time_that_is_left)
{
    const int64_t timeout = MS(200);
    mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
    mio_event event;
    install_handler(0);
    for (int call = 0; call < wait_calls(poll); call++) {
        static sender s;
        start_sender(&s, timeout / 10, 400);
        int64_t begin = clock_ns();
        ck_assert_count(wait_by(call, poll, &event, 1, timeout), 0);
        int64_t elapsed = clock_ns() - begin;
        ck_assert_msg(stop_sender(&s), "the wait outlasted the signals");
        ck_assert_int_ge(elapsed, timeout);
    }
    ck_assert_int_ge(atomic_load(&handled), 1);
    mio_poll_free(poll);
}
END_TEST

START_TEST(restart_does_not_shorten_a_wait)
{
    mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
    mio_event event;
    static sender s;
    install_handler(0);
    start_sender(&s, US(300), 1000000);
    for (int round = 0; round < rounds(100); round++) {
        int call = round % wait_calls(poll);
        int64_t timeout = US(700) * (round % 5 + 1);
        int64_t begin = clock_ns();
        ck_assert_count(wait_by(call, poll, &event, 1, timeout), 0);
        ck_assert_int_ge(clock_ns() - begin, timeout);
    }
    stop_sender(&s);
    mio_poll_free(poll);
}
END_TEST

typedef struct waking {
    mio_waker *waker;
    int64_t after;
} waking;

/* Waits until the signal handler has run `after` times, and then calls mio_waker_wake. */
static void *wake_after_signals(void *context)
{
    const waking *w = context;
    const struct timespec pause = {.tv_nsec = MS(1)};
    while (atomic_load(&handled) < w->after) {
        nanosleep(&pause, NULL);
    }
    ck_assert_ok(mio_waker_wake(w->waker));
    return NULL;
}

START_TEST(restart_of_an_endless_wait_goes_on_until_an_event)
{
    mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
    waking w = {.after = 20};
    mio_event event;
    ck_assert_ok(mio_waker_new(&w.waker, mio_poll_registry(poll), 4));
    for (int call = 0; call < wait_calls(poll); call++) {
        static sender s;
        install_handler(0);
        start_sender(&s, MS(1), 20000);
        pthread_t thread = start_thread(wake_after_signals, &w);
        ck_assert_count(wait_by(call, poll, &event, 1, -1), 1);
        ck_assert_uint_eq(event.token, 4);
        ck_assert_int_ge(atomic_load(&handled), 20);
        join_thread(thread);
        stop_sender(&s);
    }
    mio_waker_free(w.waker);
    mio_poll_free(poll);
}
END_TEST

/*
 * Returns a poll object whose backend can wait with a signal mask. For another backend, checks the error of
 * mio_poll_wait_masked and returns null.
 */
static mio_poll *open_poll_with_mask(int variant, uint32_t flags)
{
    mio_poll *poll = open_poll_flags(variant, flags);
    mio_event event;
    mio_signal_mask mask = mask_of(current_mask());
    if ((mio_poll_capabilities(poll) & MIO_CAN_SIGMASK) != 0) {
        return poll;
    }
    ck_assert_errno(mio_poll_wait_masked(poll, &event, 1, 0, &mask), -ENOTSUP);
    mio_poll_free(poll);
    return NULL;
}

START_TEST(a_blocked_pending_signal_ends_a_masked_wait)
{
    mio_poll *poll = open_poll_with_mask(_i, 0);
    sigset_t blocked = usr1_only();
    sigset_t open_set;
    mio_event event;
    if (poll == NULL) {
        return;
    }
    install_handler(0);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &blocked, &open_set), 0);
    mio_signal_mask open_mask = mask_of(open_set);
    sigset_t before = current_mask();
    for (int round = 0; round < 100; round++) {
        ck_assert_int_eq(pthread_kill(pthread_self(), SIGUSR1), 0);
        ck_assert_int_eq(atomic_load(&handled), round);
        /* A wait that does not unblock the signal leaves it pending. */
        ck_assert_count(mio_poll_wait(poll, &event, 1, US(10)), 0);
        ck_assert_count(mio_poll_wait_masked(poll, &event, 1, US(10), NULL), 0);
        ck_assert_int_eq(atomic_load(&handled), round);
        ck_assert_errno(mio_poll_wait_masked(poll, &event, 1, round % 2 == 0 ? -1 : LONG_WAIT, &open_mask), -EINTR);
        ck_assert_int_eq(atomic_load(&handled), round + 1);
        sigset_t after = current_mask();
        assert_same_mask(&before, &after);
    }
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &open_set, NULL), 0);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_masked_wait_that_ends_otherwise_restores_the_mask)
{
    mio_poll *poll = open_poll_with_mask(_i, 0);
    mio_signal_mask mask = mask_of(usr1_only());
    mio_waker *waker = NULL;
    mio_event event;
    if (poll == NULL) {
        return;
    }
    sigset_t before = current_mask();
    ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 2));
    ck_assert_count(mio_poll_wait_masked(poll, &event, 1, US(100), &mask), 0);
    sigset_t after = current_mask();
    assert_same_mask(&before, &after);
    ck_assert_ok(mio_waker_wake(waker));
    ck_assert_count(mio_poll_wait_masked(poll, &event, 1, LONG_WAIT, &mask), 1);
    after = current_mask();
    assert_same_mask(&before, &after);
    ck_assert_errno(mio_poll_wait_masked(poll, &event, 0, LONG_WAIT, &mask), -EINVAL);
    after = current_mask();
    assert_same_mask(&before, &after);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/*
 * The argument of the thread signal_then_wake. This thread waits until the thread `target` sleeps with SIGUSR1 blocked.
 * Then it sends SIGUSR1 to `target`, and calls mio_waker_wake.
 */
typedef struct intruder {
    pthread_t target;
    int tid;
    mio_waker *waker;
} intruder;

static void *signal_then_wake(void *context)
{
    const intruder *i = context;
    wait_until_asleep(i->tid);
    ck_assert_int_eq(pthread_kill(i->target, SIGUSR1), 0);
    ck_assert_ok(mio_waker_wake(i->waker));
    return NULL;
}

START_TEST(a_signal_that_the_mask_blocks_does_not_end_the_wait)
{
    mio_poll *poll = open_poll_with_mask(_i, 0);
    mio_signal_mask blocked = mask_of(usr1_only());
    mio_event event;
    if (poll == NULL) {
        return;
    }
    install_handler(0);
    intruder i = {.target = pthread_self(), .tid = thread_id()};
    ck_assert_ok(mio_waker_new(&i.waker, mio_poll_registry(poll), 2));
    for (int round = 0; round < 20; round++) {
        pthread_t thread = start_thread(signal_then_wake, &i);
        int rc = mio_poll_wait_masked(poll, &event, 1, -1, &blocked);
        join_thread(thread);
        /*
         * The signal arrived while mio_poll_wait_masked blocked it, so the signal did not interrupt the wait. The wake
         * ended the wait. Then the handler ran.
         */
        ck_assert_count(rc, 1);
        ck_assert_uint_eq(event.token, 2);
        ck_assert_int_eq(atomic_load(&handled), round + 1);
    }
    mio_waker_free(i.waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_masked_wait_with_restart_runs_the_handler_and_goes_on)
{
    mio_poll *poll = open_poll_with_mask(_i, MIO_POLL_RESTART);
    const int blocked[] = {SIGUSR1};
    mio_signal_mask open_mask;
    mio_event event;
    if (poll == NULL) {
        return;
    }
    install_handler(0);
    ck_assert_ok(mio_signal_mask_block(&open_mask, blocked, 1));
    ck_assert_int_eq(pthread_kill(pthread_self(), SIGUSR1), 0);
    int64_t begin = clock_ns();
    ck_assert_count(mio_poll_wait_masked(poll, &event, 1, MS(20), &open_mask), 0);
    ck_assert_int_ge(clock_ns() - begin, MS(20));
    ck_assert_int_eq(atomic_load(&handled), 1);
    ck_assert_ok(mio_signal_mask_restore(&open_mask));
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("poll_signal");
    TCase *interrupted = add_tcase(suite, "interrupted");
    tcase_add_backend_test(interrupted, a_signal_handler_ends_a_wait_with_eintr);
    tcase_add_backend_test(interrupted, an_interrupted_wait_loses_no_event);
    TCase *restart = add_tcase(suite, "restart");
    tcase_add_backend_test(restart, restart_goes_on_with_the_time_that_is_left);
    tcase_add_backend_test(restart, restart_does_not_shorten_a_wait);
    tcase_add_backend_test(restart, restart_of_an_endless_wait_goes_on_until_an_event);
    TCase *masked = add_tcase(suite, "masked");
    tcase_add_backend_test(masked, a_blocked_pending_signal_ends_a_masked_wait);
    tcase_add_backend_test(masked, a_masked_wait_that_ends_otherwise_restores_the_mask);
    tcase_add_backend_test(masked, a_signal_that_the_mask_blocks_does_not_end_the_wait);
    tcase_add_backend_test(masked, a_masked_wait_with_restart_runs_the_handler_and_goes_on);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
