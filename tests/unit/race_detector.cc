// SPDX-License-Identifier: MIT
// Tests the calls that the library makes to a race detector (core/race_detector.hpp). This program defines the
// functions of the detector. Each function records its calls. ThreadSanitizer defines the same functions, so with
// ThreadSanitizer this program skips its tests.
#include "core/race_detector.hpp"

#include "poll/backends.hpp"
#include "poll/poller.hpp"
#include "poll/registration.hpp"
#include "poll/waker.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <mio/interest.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__)
#define HAS_DETECTOR 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_DETECTOR 1
#endif
#endif

#if defined(MIO_WEAK_REFERENCES) && !defined(HAS_DETECTOR)

using namespace mio::impl;

namespace {

struct Record {
    void *released;
    void *acquired;
    int began_to_ignore;
    int ignoring;
};
Record record;

} // namespace

extern "C" {

void __tsan_release(void *object)
{
    record.released = object;
}

void __tsan_acquire(void *object)
{
    record.acquired = object;
}

void AnnotateIgnoreReadsBegin(const char *, int)
{
    record.began_to_ignore++;
    record.ignoring++;
}

void AnnotateIgnoreReadsEnd(const char *, int)
{
    record.ignoring--;
}
}

namespace {

mio_poll *open_default_poll()
{
    mio_poll *poll = nullptr;
    ck_assert_int_eq(open_poll(nullptr, &poll), 0);
    record = {};
    return poll;
}

// Waits for one event. Checks that the wait reports an acquire of `poll` to the race detector, and no release.
void expect_acquired(mio_poll *poll)
{
    mio_event event;
    record = {};
    ck_assert_int_eq(wait_for_events(poll, &event, 1, -1, nullptr), 1);
    ck_assert_ptr_eq(record.acquired, poll);
    ck_assert_ptr_null(record.released);
}

START_TEST(a_wake_hands_the_writes_of_its_thread_to_the_thread_that_waits)
{
    mio_poll *poll = open_default_poll();
    mio_waker *waker = nullptr;
    ck_assert_int_eq(open_waker(poll, 1, &waker), 0);
    for (int i = 0; i < 2; i++) { // the second wake makes no system call, but must also call the detector
        record = {};
        ck_assert_int_eq(wake(waker), 0);
        ck_assert_ptr_eq(record.released, poll);
        ck_assert_ptr_null(record.acquired);
    }
    expect_acquired(poll);
    free_waker(waker);
    free_poll(poll);
}
END_TEST

START_TEST(a_registration_hands_the_writes_of_its_thread_to_the_thread_that_waits)
{
    mio_poll *poll = open_default_poll();
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(register_handle(poll, ends[1], 1, MIO_READABLE), 0);
    ck_assert_ptr_eq(record.released, poll);
    record = {};
    ck_assert_int_eq(reregister_handle(poll, ends[1], 1, MIO_WRITABLE), 0);
    ck_assert_ptr_eq(record.released, poll);
    expect_acquired(poll);
    ck_assert_int_eq(deregister_handle(poll, ends[1]), 0);
    ck_assert_int_eq(record.ignoring, 0);
    close(ends[0]);
    close(ends[1]);
    free_poll(poll);
}
END_TEST

START_TEST(a_change_of_a_registration_with_epoll_is_no_read_of_the_descriptor)
{
    if (find_selectors("epoll").count == 0) return;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = "epoll";
    mio_poll *poll = nullptr;
    int ends[2];
    ck_assert_int_eq(open_poll(&options, &poll), 0);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(register_handle(poll, ends[0], 1, MIO_READABLE), 0);
    record = {};
    ck_assert_int_eq(reregister_handle(poll, ends[0], 2, MIO_READABLE), 0);
    ck_assert_int_eq(record.began_to_ignore, 1);
    ck_assert_int_eq(record.ignoring, 0);
    close(ends[0]);
    close(ends[1]);
    free_poll(poll);
}
END_TEST

void add_tests(TCase *cases)
{
    tcase_add_test(cases, a_wake_hands_the_writes_of_its_thread_to_the_thread_that_waits);
    tcase_add_test(cases, a_registration_hands_the_writes_of_its_thread_to_the_thread_that_waits);
    tcase_add_test(cases, a_change_of_a_registration_with_epoll_is_no_read_of_the_descriptor);
}

} // namespace

int main()
{
    Suite *suite = suite_create("race_detector");
    TCase *cases = tcase_create("race_detector");
    add_tests(cases);
    suite_add_tcase(suite, cases);
    return run(suite);
}

#else

int main()
{
    puts("SKIPPED: tests/unit/race_detector: the program cannot replace the functions of a race detector");
    return 77;
}

#endif
