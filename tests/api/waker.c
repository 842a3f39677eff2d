/* SPDX-License-Identifier: MIT */
/*
 * Tests wakers. Several wakes before a wait cause one event. A waker may have any token. A waker works until the
 * program frees it. waker_signal.c tests wakes in a signal handler, wakes without a system call, and wakes that fail.
 * threads_waker.c tests races between wakers and waits.
 */
#include "../helpers/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(null_arguments_are_invalid)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = NULL;
    int before = count_descriptors();
    ck_assert_errno(mio_waker_new(&waker, NULL, 1), -EINVAL);
    ck_assert_errno(mio_waker_new(NULL, mio_poll_registry(poll), 1), -EINVAL);
    ck_assert_ptr_null(waker);
    ck_assert_errno(mio_waker_wake(NULL), -EINVAL);
    mio_waker_free(NULL);
    ck_assert_int_eq(count_descriptors(), before);
    mio_poll_free(poll);
}
END_TEST

START_TEST(wake_before_poll_gives_one_readable_event_with_the_token)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 10);
    ck_assert_ok(mio_waker_wake(waker));
    expect_one_wake(poll, 10);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_waker_that_is_not_woken_is_quiet)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 10);
    expect_no_events(poll);
    mio_waker_free(waker);
    expect_no_events(poll);
    mio_poll_free(poll);
}
END_TEST

START_TEST(three_wakes_from_the_polling_thread_give_that_token_only)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 10);
    for (int i = 0; i < 3; i++) {
        ck_assert_ok(mio_waker_wake(waker));
        expect_one_wake(poll, 10);
    }
    for (int i = 0; i < 3; i++) {
        ck_assert_ok(mio_waker_wake(waker));
    }
    expect_one_wake(poll, 10);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

static void *wake_once(void *waker)
{
    ck_assert_ok(mio_waker_wake(waker));
    return NULL;
}

START_TEST(wake_from_another_thread_is_received_then_quiet)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 10);
    pthread_t thread = start_thread(wake_once, waker);
    expect_events(poll, {10, MIO_READABLE});
    expect_no_events(poll);
    join_thread(thread);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(two_threads_waking_in_sequence_give_two_wake_ups_then_quiet)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 10);
    for (int i = 0; i < 2; i++) {
        pthread_t thread = start_thread(wake_once, waker);
        expect_events(poll, {10, MIO_READABLE});
        join_thread(thread);
    }
    expect_no_events(poll);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_thousand_wakes_give_one_event)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 10);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++) {
            ck_assert_ok(mio_waker_wake(waker));
        }
        expect_one_wake(poll, 10);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(many_wakers_each_give_their_own_token)
{
    enum { COUNT = 100 };
    mio_poll *poll = open_poll(_i);
    mio_waker *wakers[COUNT];
    mio_event events[COUNT + 1];
    int seen[COUNT];
    for (uintptr_t i = 0; i < COUNT; i++) {
        wakers[i] = make_waker(poll, i);
    }
    for (size_t step = 1; step <= 3; step++) { /* wakes every waker, then every second, then every third */
        memset(seen, 0, sizeof seen);
        for (size_t i = 0; i < COUNT; i += step) {
            ck_assert_ok(mio_waker_wake(wakers[i]));
            ck_assert_ok(mio_waker_wake(wakers[i]));
        }
        int count = wait_events(poll, events, COUNT + 1, LONG_WAIT);
        ck_assert_int_eq(count, (int)((COUNT + step - 1) / step));
        for (int i = 0; i < count; i++) {
            ck_assert_uint_lt(events[i].token, COUNT);
            ck_assert_uint_eq(events[i].token % step, 0);
            ck_assert_int_eq(seen[events[i].token]++, 0);
        }
    }
    for (int i = 0; i < COUNT; i++) {
        mio_waker_free(wakers[i]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(token_values_zero_and_max)
{
    static const uintptr_t tokens[] = {0, 1, UINTPTR_MAX, UINTPTR_MAX - 1, (uintptr_t)INTPTR_MAX + 1};
    mio_poll *poll = open_poll(_i);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        mio_waker *waker = make_waker(poll, tokens[i]);
        ck_assert_ok(mio_waker_wake(waker));
        expect_one_wake(poll, tokens[i]);
        mio_waker_free(waker);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_waker_made_after_the_last_was_freed_wakes)
{
    mio_poll *poll = open_poll(_i);
    for (uintptr_t i = 0; i < 3; i++) {
        mio_waker *waker = make_waker(poll, i);
        ck_assert_ok(mio_waker_wake(waker));
        expect_one_wake(poll, i);
        mio_waker_free(waker);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(wakers_may_share_a_token)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *left = make_waker(poll, 4);
    mio_waker *right = make_waker(poll, 4);
    ck_assert_ok(mio_waker_wake(left));
    expect_events(poll, {4, MIO_READABLE});
    ck_assert_ok(mio_waker_wake(right));
    expect_events(poll, {4, MIO_READABLE});
    mio_waker_free(left);
    mio_waker_free(right);
    mio_poll_free(poll);
}
END_TEST

START_TEST(two_polls_have_wakers_of_their_own)
{
    mio_poll *polls[2] = {open_poll(_i), open_poll(_i)};
    mio_waker *wakers[2] = {make_waker(polls[0], 7), make_waker(polls[1], 7)};
    for (int round = 0; round < 4; round++) {
        int awake = round % 2;
        mio_event event;
        ck_assert_ok(mio_waker_wake(wakers[awake]));
        ck_assert_int_eq(wait_events(polls[1 - awake], &event, 1, MS(1)), 0);
        expect_one_wake(polls[awake], 7);
    }
    for (int i = 0; i < 2; i++) {
        mio_waker_free(wakers[i]);
        mio_poll_free(polls[i]);
    }
}
END_TEST

/*
 * The test wakes two wakers, but the wait returns only the event of one waker. Then the test wakes both wakers again.
 * The next waits must return the events of both wakers.
 */
START_TEST(a_wake_is_not_lost_when_a_wait_returns_for_another_source)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 1);
    mio_waker *other = make_waker(poll, 2);
    mio_event event;
    for (int round = 0; round < 100; round++) {
        ck_assert_ok(mio_waker_wake(round % 2 == 0 ? waker : other));
        ck_assert_ok(mio_waker_wake(round % 2 == 0 ? other : waker));
        /* The array has space for one event. The event of the other waker stays queued. */
        ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
        uintptr_t first = event.token;
        ck_assert_ok(mio_waker_wake(first == 1 ? waker : other));
        ck_assert_ok(mio_waker_wake(first == 1 ? other : waker));
        expect_events(poll, {1, MIO_READABLE}, {2, MIO_READABLE});
        ck_assert_int_eq(wait_events(poll, &event, 1, 0), 0);
    }
    mio_waker_free(waker);
    mio_waker_free(other);
    mio_poll_free(poll);
}
END_TEST

/*
 * The program makes more wakes than any buffer of the kernel could hold, and waits after each wake. Each wait must
 * remove the wake from the buffer. The program itself reads no bytes.
 */
START_TEST(a_hundred_thousand_wakes_and_waits_lose_nothing_and_fill_nothing_up)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 3);
    mio_event event;
    for (int i = 0; i < rounds(100000); i++) {
        ck_assert_ok(mio_waker_wake(waker));
        ck_assert_int_eq(wait_events(poll, &event, 1, 0), 1);
        ck_assert_uint_eq(event.token, 3);
    }
    expect_no_events(poll);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(wake_after_the_poll_is_freed_does_nothing)
{
    int before = 0;
    mio_poll *poll = open_poll(_i);
    before = count_descriptors() - 1;
    mio_waker *waker = make_waker(poll, 1);
    mio_waker *woken = make_waker(poll, 2);
    ck_assert_ok(mio_waker_wake(woken));
    mio_poll_free(poll);
    for (int i = 0; i < 1000; i++) {
        ck_assert_ok(mio_waker_wake(waker));
        ck_assert_ok(mio_waker_wake(woken));
    }
    mio_waker_free(waker);
    ck_assert_ok(mio_waker_wake(woken));
    mio_waker_free(woken);
    ck_assert_int_le(count_descriptors(), before);
}
END_TEST

START_TEST(the_token_is_not_returned_after_the_waker_is_freed)
{
    mio_poll *poll = open_poll(_i);
    int before = count_descriptors();
    mio_waker *waker = make_waker(poll, 1);
    mio_waker *other = make_waker(poll, 2);
    ck_assert_ok(mio_waker_wake(waker));
    ck_assert_ok(mio_waker_wake(other));
    mio_waker_free(waker); /* frees the waker before a wait has returned its event */
    expect_one_wake(poll, 2);
    mio_waker_free(other);
    ck_assert_int_eq(count_descriptors(), before);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_freed_waker_is_not_kept_alive_by_a_child)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, 1);
    pid_t child = fork(); /* the child inherits all descriptors */
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    ck_assert_int_gt(child, 0);
    ck_assert_ok(mio_waker_wake(waker));
    mio_waker_free(waker);
    expect_no_events(poll);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_second_waker_through_two_cloned_registries_wakes_as_well)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *wakers[2] = {NULL, NULL};
    for (uintptr_t i = 0; i < 2; i++) {
        mio_registry *clone = NULL;
        ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
        ck_assert_ok(mio_waker_new(&wakers[i], clone, 5 + i));
        mio_registry_free(clone);
    }
    for (uintptr_t i = 0; i < 2; i++) {
        ck_assert_ok(mio_waker_wake(wakers[i]));
        expect_one_wake(poll, 5 + i);
    }
    mio_waker_free(wakers[0]);
    mio_waker_free(wakers[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(no_descriptor_left_is_an_error_without_a_trace)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = NULL;
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int before = count_descriptors();
    int lowest = lowest_free_descriptor();
    for (rlim_t more = 0; more < 2; more++) { /* a waker with a pipe needs two free descriptors */
        struct rlimit lowered = {.rlim_cur = (rlim_t)lowest + more, .rlim_max = limit.rlim_max};
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lowered), 0);
        int rc = mio_waker_new(&waker, mio_poll_registry(poll), 1);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        if (rc == 0 && more == 1) { /* a waker with an eventfd needs one descriptor */
            mio_waker_free(waker);
            break;
        }
        ck_assert_errno(rc, -EMFILE);
        ck_assert_ptr_null(waker);
        ck_assert_int_eq(count_descriptors(), before);
    }
    mio_poll_free(poll);
}
END_TEST

/*
 * Makes a waker and finds its descriptors. A wait polls fds[0], and a wake writes to fds[1]. If the waker has an
 * eventfd, fds[0] and fds[1] are the same number.
 */
static mio_waker *make_known_waker(mio_poll *poll, int fds[2])
{
    int first = dup(STDERR_FILENO); /* the waker will get the lowest free descriptor numbers */
    int second = lowest_free_descriptor();
    close_fd(first);
    mio_waker *waker = make_waker(poll, 1);
    fds[0] = first;
    fds[1] = is_open(second) ? second : first;
    return waker;
}

/*
 * Some daemons close all descriptors that they have not opened themselves. Here the test closes the waker's
 * descriptors. Every wake must then fail.
 */
START_TEST(each_wake_says_that_the_descriptor_is_gone)
{
    mio_poll *poll = open_poll(_i);
    for (int woken_before = 0; woken_before < 2; woken_before++) {
        int fds[2];
        mio_event event;
        mio_waker *waker = make_known_waker(poll, fds);
        if (woken_before == 1) {
            ck_assert_ok(mio_waker_wake(waker));
            ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
        }
        close_fd(fds[0]);
        if (fds[1] != fds[0]) {
            close_fd(fds[1]);
        }
        for (int i = 0; i < 3; i++) {
            errno = 4711;
            ck_assert_errno(mio_waker_wake(waker), -EBADF);
            ck_assert_int_eq(errno, 4711);
        }
        mio_waker_free(waker);
    }
    mio_poll_free(poll);
}
END_TEST

/*
 * The waker's descriptor is closed, and another file has its number. This file is not open for writing, or the kernel
 * rejects the write. So every wake must fail.
 */
START_TEST(each_wake_says_that_the_descriptor_is_another_file)
{
    mio_poll *poll = open_poll(_i);
    int fds[2];
    mio_waker *waker = make_known_waker(poll, fds);
    int others[] = {open("/dev/null", O_RDONLY), timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), epoll_create1(0),
                    open("/dev/full", O_WRONLY), open("/", O_RDONLY | O_DIRECTORY)};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_int_ge(others[i], 0);
        ck_assert_int_eq(dup2(others[i], fds[1]), fds[1]);
        ck_assert_errno(mio_waker_wake(waker), -EBADF);
        ck_assert_errno(mio_waker_wake(waker), -EBADF);
        close_fd(others[i]);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/* The counter of the eventfd, or the buffer of the pipe, is full. A wake must still work. */
START_TEST(a_wake_with_no_room_left_is_sent_all_the_same)
{
    static const uint64_t most = UINT64_MAX - 1;
    mio_poll *poll = open_poll(_i);
    int fds[2];
    mio_event event;
    mio_waker *waker = make_known_waker(poll, fds);
    for (int i = 0; i < 3; i++) {
        drain(fds[0]);
        while (write(fds[1], &most, sizeof most) == (ssize_t)sizeof most) {}
        ck_assert_int_eq(errno, EAGAIN);
        ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
        ck_assert_ok(mio_waker_wake(waker));
        expect_one_wake(poll, 1);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

static void add_failure_tests(Suite *suite)
{
    TCase *tcase = add_tcase(suite, "failures");
    tcase_add_backend_test(tcase, each_wake_says_that_the_descriptor_is_gone);
    tcase_add_backend_test(tcase, each_wake_says_that_the_descriptor_is_another_file);
    tcase_add_backend_test(tcase, a_wake_with_no_room_left_is_sent_all_the_same);
}

static void add_lifetime_tests(Suite *suite)
{
    TCase *tcase = add_tcase(suite, "lifetime");
    tcase_add_backend_test(tcase, wake_after_the_poll_is_freed_does_nothing);
    tcase_add_backend_test(tcase, the_token_is_not_returned_after_the_waker_is_freed);
    tcase_add_backend_test(tcase, a_waker_made_after_the_last_was_freed_wakes);
    tcase_add_backend_test(tcase, a_freed_waker_is_not_kept_alive_by_a_child);
    tcase_add_backend_test(tcase, a_second_waker_through_two_cloned_registries_wakes_as_well);
    tcase_add_backend_test(tcase, no_descriptor_left_is_an_error_without_a_trace);
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("waker");
    TCase *wakes = add_tcase(suite, "wakes");
    tcase_add_backend_test(wakes, null_arguments_are_invalid);
    tcase_add_backend_test(wakes, wake_before_poll_gives_one_readable_event_with_the_token);
    tcase_add_backend_test(wakes, a_waker_that_is_not_woken_is_quiet);
    tcase_add_backend_test(wakes, three_wakes_from_the_polling_thread_give_that_token_only);
    tcase_add_backend_test(wakes, wake_from_another_thread_is_received_then_quiet);
    tcase_add_backend_test(wakes, two_threads_waking_in_sequence_give_two_wake_ups_then_quiet);
    tcase_add_backend_test(wakes, a_thousand_wakes_give_one_event);
    tcase_add_backend_test(wakes, many_wakers_each_give_their_own_token);
    tcase_add_backend_test(wakes, token_values_zero_and_max);
    tcase_add_backend_test(wakes, wakers_may_share_a_token);
    tcase_add_backend_test(wakes, two_polls_have_wakers_of_their_own);
    tcase_add_backend_test(wakes, a_wake_is_not_lost_when_a_wait_returns_for_another_source);
    tcase_add_backend_test(wakes, a_hundred_thousand_wakes_and_waits_lose_nothing_and_fill_nothing_up);
    add_lifetime_tests(suite);
    add_failure_tests(suite);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
