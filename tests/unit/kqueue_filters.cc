// SPDX-License-Identifier: MIT
// Tests FreeBSD's filters for asynchronous I/O, and macOS's events of EVFILT_EXCEPT. The kqueue(2) in tests/kqueue
// has neither these filters nor these events. So this program defines the constants that are missing, and then includes
// src/bsd/kqueue_calls.cc.
#include <signal.h>

#define EVFILT_AIO (-3)
#define EVFILT_LIO (-10)
#define SIGEV_KEVENT 3

#include "bsd/kqueue_calls.cc"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

// No test calls kqueue(2) or kevent(2). These definitions only let the program link. The functions are weak, so that
// the compiler does not rely on the results below.
extern "C" __attribute__((weak)) int kqueue(void)
{
    return -1;
}

extern "C" __attribute__((weak)) int kevent(int, const struct kevent *, int, struct kevent *, int, const timespec *)
{
    return -1;
}

namespace {

uint32_t readiness_from(short filter)
{
    struct kevent event = {};
    event.filter = filter;
    return readiness_of(filter_event_of(event));
}

// A knote of EVFILT_EXCEPT is for out-of-band data. For such a knote, macOS also reports ordinary data and the end of
// the stream. In an event with EV_EOF, fflags contains an error.
START_TEST(only_out_of_band_data_is_priority)
{
    struct kevent event = {};
    event.filter = EVFILT_EXCEPT;
    event.fflags = NOTE_OOB;
    ck_assert_uint_eq(readiness_of(filter_event_of(event)), MIO_READABLE | MIO_PRIORITY);
    event.fflags = 0;
    ck_assert_uint_eq(readiness_of(filter_event_of(event)), MIO_READABLE);
    event.flags = EV_EOF;
    ck_assert_uint_eq(readiness_of(filter_event_of(event)), MIO_READABLE | MIO_READ_CLOSED);
    event.fflags = NOTE_OOB;
    ck_assert_uint_eq(readiness_of(filter_event_of(event)) & MIO_PRIORITY, 0);
}
END_TEST

START_TEST(a_completed_request_is_an_event)
{
    ck_assert_uint_eq(readiness_from(-3), MIO_AIO);
    ck_assert_uint_eq(readiness_from(-10), MIO_LIO);
    ck_assert_uint_eq(readiness_from(EVFILT_READ), MIO_READABLE);
    ck_assert_uint_eq(readiness_from(EVFILT_WRITE), MIO_WRITABLE);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("kqueue_filters");
    TCase *tcase = tcase_create("kqueue_filters");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, only_out_of_band_data_is_priority);
    tcase_add_test(tcase, a_completed_request_is_an_event);
    return run(suite);
}
