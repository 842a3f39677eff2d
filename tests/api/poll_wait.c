/* SPDX-License-Identifier: MIT */
/*
 * Tests how long a wait lasts, and how many events the wait stores. poll_signal.c tests signals during a wait.
 * threads.c tests several threads.
 */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/*
 * The type of the functions below, which wait with a timeout in nanoseconds. Tests that measure the waiting time run
 * once with each of these functions.
 */
typedef int wait_call(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns);

static int plain_wait(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    return mio_poll_wait(poll, events, capacity, timeout_ns);
}

static int wait_until(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    int64_t now = mio_clock_now();
    bool forever = timeout_ns < 0 || timeout_ns > INT64_MAX - now;
    return mio_poll_wait_until(poll, events, capacity, forever ? INT64_MAX : now + timeout_ns);
}

static int masked_wait(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    sigset_t set;
    mio_signal_mask mask;
    if ((mio_poll_capabilities(poll) & MIO_CAN_SIGMASK) == 0) {
        return mio_poll_wait(poll, events, capacity, timeout_ns);
    }
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &set), 0);
    ck_assert_ok(mio_signal_mask_from_sigset(&mask, &set, sizeof set));
    return mio_poll_wait_masked(poll, events, capacity, timeout_ns, &mask);
}

static int unmasked_wait(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns)
{
    if ((mio_poll_capabilities(poll) & MIO_CAN_SIGMASK) == 0) {
        return mio_poll_wait(poll, events, capacity, timeout_ns);
    }
    return mio_poll_wait_masked(poll, events, capacity, timeout_ns, NULL);
}

static wait_call *const wait_calls[] = {plain_wait, wait_until, masked_wait, unmasked_wait};
enum { WAIT_CALLS = (int)(sizeof wait_calls / sizeof wait_calls[0]) };

START_TEST(null_and_no_capacity_are_invalid)
{
    mio_poll *poll = open_poll(_i);
    mio_event event = {.token = 42};
    for (int i = 0; i < 2; i++) {
        int64_t timeout = i == 0 ? 0 : -1;
        ck_assert_errno(mio_poll_wait(NULL, &event, 1, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait(poll, NULL, 1, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait(poll, &event, 0, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait(poll, NULL, 0, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait_until(NULL, &event, 1, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait_until(poll, NULL, 1, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait_until(poll, &event, 0, timeout), -EINVAL);
        ck_assert_errno(mio_poll_wait_masked(NULL, &event, 1, timeout, NULL), -EINVAL);
        ck_assert_errno(mio_poll_wait_masked(poll, NULL, 1, timeout, NULL), -EINVAL);
        ck_assert_errno(mio_poll_wait_masked(poll, &event, 0, timeout, NULL), -EINVAL);
    }
    ck_assert_uint_eq(event.token, 42);
    mio_poll_free(poll);
}
END_TEST

START_TEST(polling_with_nothing_registered_times_out)
{
    mio_poll *poll = open_poll(_i);
    mio_event event;
    for (int call = 0; call < WAIT_CALLS; call++) {
        ck_assert_count(wait_calls[call](poll, &event, 1, MS(100)), 0);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_wait_is_never_shorter_than_asked)
{
    static const int64_t timeouts[] = {1, 999, US(1), US(100), US(999), MS(1) - 1, MS(1), MS(1) + 1, US(1500), MS(20)};
    mio_poll *poll = open_poll(_i);
    mio_event event;
    for (int call = 0; call < WAIT_CALLS; call++) {
        for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
            for (int round = 0; round < 10; round++) {
                int64_t begin = clock_ns();
                ck_assert_count(wait_calls[call](poll, &event, 1, timeouts[i]), 0);
                int64_t elapsed = clock_ns() - begin;
                ck_assert_msg(elapsed >= timeouts[i], "call %d: %lld ns instead of %lld", call, (long long)elapsed,
                              (long long)timeouts[i]);
            }
        }
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_backend_that_counts_nanoseconds_is_exact_to_less_than_a_millisecond)
{
    mio_poll *poll = open_poll(_i);
    mio_event event;
    int64_t best = INT64_MAX;
    if ((mio_poll_capabilities(poll) & MIO_CAN_NS) != 0) {
        /* On a busy machine, a wait can last longer. So it is enough if one of 1000 waits takes less than 1 ms. */
        for (int round = 0; round < 1000 && best >= MS(1); round++) {
            int64_t begin = clock_ns();
            ck_assert_count(wait_events(poll, &event, 1, US(100)), 0);
            int64_t elapsed = clock_ns() - begin;
            best = elapsed < best ? elapsed : best;
        }
        ck_assert_int_lt(best, MS(1));
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(zero_timeout_still_collects_ready_events)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_stream clients[3];
    mio_tcp_stream servers[3];
    mio_event events[8];
    for (int i = 0; i < 3; i++) {
        make_tcp_pair(&clients[i], &servers[i]);
        ck_assert_ok(mio_registry_register(registry, &clients[i].source, (uintptr_t)i, MIO_READABLE | MIO_WRITABLE));
    }
    ck_assert_int_ge(wait_events(poll, events, 8, 0), 1);
    for (int i = 0; i < 3; i++) {
        mio_tcp_stream_close(&clients[i]);
        mio_tcp_stream_close(&servers[i]);
    }
    mio_poll_free(poll);
}
END_TEST

/* The argument of wake_late(), which wakes `waker` some time after the thread `tid` has begun to sleep. */
typedef struct late_wake {
    mio_waker *waker;
    int tid;
} late_wake;

static void *wake_late(void *context)
{
    const struct timespec later = {.tv_nsec = MS(10)};
    const late_wake *late = context;
    for (int i = 0; i < 2; i++) {
        wait_until_asleep(late->tid);
        nanosleep(&later, NULL); /* the test fails if the wait ends during this time */
    }
    ck_assert_ok(mio_waker_wake(late->waker));
    return NULL;
}

/* Calls all three functions that wait, and passes `timeout_ns` to each. Each wait must last until the waker ends it. */
static void expect_endless(int variant, int64_t timeout_ns)
{
    mio_poll *poll = open_poll(variant);
    late_wake late = {.tid = thread_id()};
    mio_event event = {0};
    ck_assert_ok(mio_waker_new(&late.waker, mio_poll_registry(poll), 99));
    for (int call = 0; call < WAIT_CALLS; call++) {
        pthread_t thread = start_thread(wake_late, &late);
        ck_assert_count(wait_calls[call](poll, &event, 1, timeout_ns), 1);
        ck_assert_uint_eq(event.token, 99);
        join_thread(thread);
    }
    mio_waker_free(late.waker);
    mio_poll_free(poll);
}

START_TEST(a_timeout_of_int_max_milliseconds_does_not_wrap)
{
    expect_endless(_i, MS(INT_MAX) - 1);
    expect_endless(_i, MS(INT_MAX));
    expect_endless(_i, MS(INT_MAX) + 1);
    expect_endless(_i, MS((int64_t)INT_MAX + 1));
}
END_TEST

START_TEST(a_timeout_of_uint_max_milliseconds_does_not_wrap)
{
    expect_endless(_i, MS((int64_t)UINT_MAX));
    expect_endless(_i, MS((int64_t)UINT_MAX + 1));
    expect_endless(_i, MS((int64_t)UINT_MAX + 2));
}
END_TEST

START_TEST(a_timeout_of_25_days_does_not_wrap)
{
    expect_endless(_i, MS(25 * INT64_C(86400000)));
}
END_TEST

START_TEST(a_timeout_of_2_to_the_32_seconds_does_not_wrap)
{
    expect_endless(_i, (INT64_C(1) << 31) * MS(1000));
    expect_endless(_i, (INT64_C(1) << 32) * MS(1000));
    expect_endless(_i, (INT64_C(1) << 32) * MS(1000) + 1);
}
END_TEST

START_TEST(a_timeout_of_int64_max_does_not_wrap)
{
    expect_endless(_i, INT64_MAX);
    expect_endless(_i, INT64_MAX - 1);
    expect_endless(_i, INT64_C(1) << 62);
}
END_TEST

START_TEST(a_negative_timeout_waits_for_ever)
{
    expect_endless(_i, -1);
    expect_endless(_i, -MS(5));
    expect_endless(_i, INT64_MIN);
}
END_TEST

START_TEST(a_deadline_that_has_passed_only_looks)
{
    const int64_t passed[] = {mio_clock_now(), mio_clock_now() - 1, 1, 0, -1, -MS(1000), INT64_MIN, INT64_MIN + 1};
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = NULL;
    mio_event event;
    ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 5));
    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        ck_assert_count(mio_poll_wait_until(poll, &event, 1, passed[i]), 0);
        ck_assert_ok(mio_waker_wake(waker));
        ck_assert_count(mio_poll_wait_until(poll, &event, 1, passed[i]), 1);
        ck_assert_uint_eq(event.token, 5);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_wait_until_a_deadline_ends_after_it)
{
    static const int64_t ahead[] = {1, US(1), US(100), US(1500), MS(20)};
    mio_poll *poll = open_poll(_i);
    mio_event event;
    for (size_t i = 0; i < sizeof ahead / sizeof ahead[0]; i++) {
        for (int round = 0; round < 20; round++) {
            int64_t deadline = mio_clock_now() + ahead[i];
            ck_assert_count(mio_poll_wait_until(poll, &event, 1, deadline), 0);
            ck_assert_int_ge(mio_clock_now(), deadline);
        }
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(the_clock_is_clock_monotonic)
{
    for (int i = 0; i < 1000; i++) {
        int64_t before = clock_ns();
        int64_t now = mio_clock_now();
        ck_assert_int_le(before, now);
        ck_assert_int_le(now, clock_ns());
    }
}
END_TEST

/* Makes pipes, and registers their reading ends. The token of a pipe is its index. */
enum { PIPES = 24 };

static void open_pipes(mio_poll *poll, int pipes[PIPES][2], uint32_t flags)
{
    for (int i = 0; i < PIPES; i++) {
        make_pipe(pipes[i]);
        ck_assert_ok(
            mio_registry_register_handle(mio_poll_registry(poll), pipes[i][0], (uintptr_t)i, MIO_READABLE | flags));
    }
}

static void close_pipes(int pipes[PIPES][2])
{
    for (int i = 0; i < PIPES; i++) {
        close_fd(pipes[i][0]);
        close_fd(pipes[i][1]);
    }
}

START_TEST(what_does_not_fit_comes_with_the_next_wait)
{
    for (size_t capacity = 1; capacity <= PIPES + 1; capacity++) {
        mio_poll *poll = open_poll(_i);
        mio_event events[PIPES + 1];
        int pipes[PIPES][2];
        int seen[PIPES] = {0};
        int total = 0;
        open_pipes(poll, pipes, MIO_EDGE);
        for (int i = 0; i < PIPES; i++) {
            write_byte(pipes[i][1]);
        }
        while (total < PIPES) {
            int count = wait_events(poll, events, capacity, LONG_WAIT);
            ck_assert_int_ge(count, 1);
            for (int i = 0; i < count; i++) {
                ck_assert_uint_lt(events[i].token, PIPES);
                ck_assert_int_eq(seen[events[i].token]++, 0);
            }
            total += count;
        }
        ck_assert_int_eq(wait_events(poll, events, capacity, 0), 0);
        mio_poll_free(poll);
        close_pipes(pipes);
    }
}
END_TEST

START_TEST(no_ready_source_is_starved_by_a_small_capacity)
{
    mio_poll *poll = open_poll(_i);
    mio_event event;
    int pipes[PIPES][2];
    int seen[PIPES] = {0};
    int different = 0;
    if ((mio_poll_capabilities(poll) & MIO_CAN_LEVEL) == 0) {
        mio_poll_free(poll);
        return;
    }
    open_pipes(poll, pipes, MIO_LEVEL);
    for (int i = 0; i < PIPES; i++) {
        write_byte(pipes[i][1]);
    }
    for (int i = 0; i < 4 * PIPES; i++) {
        ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
        ck_assert_uint_lt(event.token, PIPES);
        different += seen[event.token]++ == 0;
    }
    ck_assert_int_eq(different, PIPES);
    mio_poll_free(poll);
    close_pipes(pipes);
}
END_TEST

START_TEST(events_beyond_the_capacity_are_not_touched)
{
    mio_poll *poll = open_poll(_i);
    mio_event events[PIPES + 8];
    mio_event pattern;
    int pipes[PIPES][2];
    memset(&pattern, 0xa5, sizeof pattern);
    open_pipes(poll, pipes, MIO_EDGE);
    for (size_t capacity = 1; capacity <= PIPES; capacity++) {
        for (size_t i = 0; i < PIPES + 8; i++) {
            events[i] = pattern;
        }
        for (int i = 0; i < PIPES; i++) {
            used_up(poll, pipes[i][0]);
            write_byte(pipes[i][1]);
        }
        ck_assert_int_eq(wait_events(poll, events, capacity, LONG_WAIT), (int)capacity);
        for (size_t i = capacity; i < PIPES + 8; i++) {
            ck_assert_mem_eq(&events[i], &pattern, sizeof pattern);
        }
    }
    mio_poll_free(poll);
    close_pipes(pipes);
}
END_TEST

START_TEST(huge_capacities_are_cut_to_what_the_system_takes)
{
    static const size_t capacities[] = {1000000,
                                        INT_MAX / 16,
                                        INT_MAX / 12,
                                        INT_MAX / 12 + 1,
                                        INT_MAX,
                                        (size_t)INT_MAX + 1,
                                        UINT_MAX,
                                        SIZE_MAX / sizeof(mio_event),
                                        SIZE_MAX / sizeof(mio_event) + 2,
                                        SIZE_MAX / 2,
                                        SIZE_MAX - 1,
                                        SIZE_MAX};
    mio_poll *poll = open_poll(_i);
    /* `events` is static. The stack is near the end of the address space. With the capacities of this test, an array on
     * the stack would reach beyond this end, and the kernel would return EFAULT. */
    static mio_event events[PIPES];
    int pipes[PIPES][2];
    if (under_valgrind() || sizeof(void *) < 8) {
        skip("valgrind, or a small address space, has no room for an array as large as is said here");
        mio_poll_free(poll);
        return;
    }
    open_pipes(poll, pipes, MIO_EDGE);
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++) {
        for (int call = 0; call < WAIT_CALLS; call++) {
            for (int p = 0; p < PIPES; p++) {
                used_up(poll, pipes[p][0]);
                write_byte(pipes[p][1]);
            }
            ck_assert_count(wait_calls[call](poll, events, capacities[i], 0), PIPES);
            ck_assert_count(wait_calls[call](poll, events, capacities[i], 0), 0);
        }
    }
    mio_poll_free(poll);
    close_pipes(pipes);
}
END_TEST

START_TEST(every_event_of_a_big_batch_has_its_own_token_and_bits)
{
    enum { COUNT = 150 };
    static const uint32_t interests[] = {MIO_READABLE, MIO_WRITABLE, MIO_READABLE | MIO_WRITABLE};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_event events[2 * COUNT];
    int fds[COUNT][2];
    bool seen[COUNT] = {false};
    for (uintptr_t i = 0; i < COUNT; i++) {
        uintptr_t token = ~i * (uintptr_t)UINT64_C(0x9e3779b97f4a7c15);
        make_socketpair(fds[i]);
        ck_assert_ok(mio_registry_register_handle(registry, fds[i][0], token, interests[i % 3]));
        write_byte(fds[i][1]);
    }
    ck_assert_int_eq(wait_events(poll, events, 2 * COUNT, LONG_WAIT), COUNT);
    for (uintptr_t i = 0; i < COUNT; i++) {
        for (uintptr_t e = 0; e < COUNT; e++) {
            if (events[e].token == ~i * (uintptr_t)UINT64_C(0x9e3779b97f4a7c15)) {
                ck_assert(!seen[i]);
                seen[i] = true;
                ck_assert_uint_eq(events[e].readiness, interests[i % 3]);
            }
        }
        ck_assert_msg(seen[i], "no event of source %u", (unsigned)i);
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(an_array_in_bad_memory_is_a_fault)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = NULL;
    mio_event event;
    if (under_valgrind() || strcmp(mio_poll_backend(poll), "epoll") != 0) {
        skip("valgrind reports what this does on purpose, and only epoll lets the kernel write the array");
    } else {
        void *forbidden = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert_ptr_ne(forbidden, MAP_FAILED);
        ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 3));
        ck_assert_ok(mio_waker_wake(waker));
        ck_assert_errno(mio_poll_wait(poll, forbidden, 16, 0), -EFAULT);
        /* The failed wait has not consumed the event. */
        ck_assert_int_eq(wait_events(poll, &event, 1, 0), 1);
        ck_assert_uint_eq(event.token, 3);
        munmap(forbidden, 65536);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("poll_wait");
    TCase *time = add_tcase(suite, "time");
    tcase_add_backend_test(time, null_and_no_capacity_are_invalid);
    tcase_add_backend_test(time, polling_with_nothing_registered_times_out);
    tcase_add_backend_test(time, a_wait_is_never_shorter_than_asked);
    tcase_add_backend_test(time, a_backend_that_counts_nanoseconds_is_exact_to_less_than_a_millisecond);
    tcase_add_backend_test(time, zero_timeout_still_collects_ready_events);
    tcase_add_backend_test(time, a_timeout_of_int_max_milliseconds_does_not_wrap);
    tcase_add_backend_test(time, a_timeout_of_uint_max_milliseconds_does_not_wrap);
    tcase_add_backend_test(time, a_timeout_of_25_days_does_not_wrap);
    tcase_add_backend_test(time, a_timeout_of_2_to_the_32_seconds_does_not_wrap);
    tcase_add_backend_test(time, a_timeout_of_int64_max_does_not_wrap);
    tcase_add_backend_test(time, a_negative_timeout_waits_for_ever);
    tcase_add_backend_test(time, a_deadline_that_has_passed_only_looks);
    tcase_add_backend_test(time, a_wait_until_a_deadline_ends_after_it);
    tcase_add_test(time, the_clock_is_clock_monotonic);
    TCase *array = add_tcase(suite, "array");
    tcase_add_backend_test(array, what_does_not_fit_comes_with_the_next_wait);
    tcase_add_backend_test(array, no_ready_source_is_starved_by_a_small_capacity);
    tcase_add_backend_test(array, events_beyond_the_capacity_are_not_touched);
    tcase_add_backend_test(array, huge_capacities_are_cut_to_what_the_system_takes);
    tcase_add_backend_test(array, every_event_of_a_big_batch_has_its_own_token_and_bits);
    tcase_add_backend_test(array, an_array_in_bad_memory_is_a_fault);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
