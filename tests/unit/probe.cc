// SPDX-License-Identifier: MIT
// Tests registrations while a tracer uses the probe points (port/probe.hpp). A tracer adds 1 to the semaphore of each
// probe point that it uses. The test changes the semaphores in the same way. The calls must have the same results with
// and without a tracer. In a library without probe points, both tests run without a tracer.
#include "port/probe.hpp"

#include "poll/poller.hpp"
#include "poll/registration.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <mio/interest.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

constexpr int no_descriptor = -1;
constexpr uint32_t unknown_interest = UINT32_C(1) << 31;

void set_tracers(unsigned short number)
{
#ifdef MIO_PROBES
    mio_register_semaphore = number;
    mio_reregister_semaphore = number;
    mio_deregister_semaphore = number;
    ck_assert_int_eq(MIO_PROBE_ENABLED(register), number != 0);
    ck_assert_int_eq(MIO_PROBE_ENABLED(reregister), number != 0);
    ck_assert_int_eq(MIO_PROBE_ENABLED(deregister), number != 0);
#else
    (void)number;
    ck_assert(!MIO_PROBE_ENABLED(register));
#endif
}

// Waits for the only event, and checks its token.
void expect_event(mio_poll *poll, uintptr_t token)
{
    mio_event event;
    ck_assert_int_eq(wait_for_events(poll, &event, 1, -1, nullptr), 1);
    ck_assert_uint_eq(event.token, token);
}

void check_successes(mio_poll *poll, int fd)
{
    ck_assert_int_eq(register_handle(poll, fd, 1, MIO_WRITABLE), 0);
    expect_event(poll, 1);
    ck_assert_int_eq(reregister_handle(poll, fd, 2, MIO_WRITABLE), 0);
    expect_event(poll, 2);
    ck_assert_int_eq(deregister_handle(poll, fd), 0);
}

// The first three errors come from the selector. The other errors come from the checks before the selector.
void check_failures(mio_poll *poll, int fd)
{
    ck_assert_int_eq(register_handle(poll, no_descriptor, 1, MIO_READABLE), -EBADF);
    ck_assert_int_eq(reregister_handle(poll, fd, 1, MIO_READABLE), -ENOENT);
    ck_assert_int_eq(deregister_handle(poll, fd), -ENOENT);
    ck_assert_int_eq(register_handle(poll, fd, 1, unknown_interest), -EINVAL);
    ck_assert_int_eq(reregister_handle(poll, fd, 1, unknown_interest), -EINVAL);
}

void check_registrations(unsigned short tracers)
{
    mio_poll *poll = nullptr;
    int ends[2];
    ck_assert_int_eq(open_poll(nullptr, &poll), 0);
    ck_assert_int_eq(pipe(ends), 0);
    set_tracers(tracers);
    check_successes(poll, ends[1]);
    check_failures(poll, ends[1]);
    set_tracers(0);
    close(ends[0]);
    close(ends[1]);
    free_poll(poll);
}

START_TEST(registrations_have_the_same_results_without_a_tracer)
{
    check_registrations(0);
}
END_TEST

START_TEST(registrations_have_the_same_results_with_tracers)
{
    check_registrations(1);
    check_registrations(2);
}
END_TEST

void add_tests(TCase *cases)
{
    tcase_add_test(cases, registrations_have_the_same_results_without_a_tracer);
    tcase_add_test(cases, registrations_have_the_same_results_with_tracers);
}

} // namespace

int main()
{
    Suite *suite = suite_create("probe");
    TCase *cases = tcase_create("probe");
    add_tests(cases);
    suite_add_tcase(suite, cases);
    return run(suite);
}
