// SPDX-License-Identifier: MIT
// Tests a wait that calls pselect(2). Linux has ppoll(2), so the library for Linux does not contain
// posix/masked_wait.cc, and the test includes this file.
#include "posix/masked_wait.cc"

#include "port/clock.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <signal.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

sigset_t only(int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return set;
}

volatile sig_atomic_t handled;

START_TEST(a_byte_ends_the_wait)
{
    int ends[2];
    const sigset_t mask = only(SIGUSR1);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(masked_wait(ends[0], 0, &mask), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(masked_wait(ends[0], 0, &mask), 1);
    ck_assert_int_eq(masked_wait(ends[0], INT64_MAX, &mask), 1);
    ck_assert_int_eq(masked_wait(ends[0], -1, &mask), 1);
}
END_TEST

START_TEST(the_timeout_passes)
{
    int ends[2];
    const sigset_t mask = only(SIGUSR1);
    ck_assert_int_eq(pipe(ends), 0);
    const int64_t begin = monotonic_now();
    ck_assert_int_eq(masked_wait(ends[0], 20 * nanoseconds_per_millisecond, &mask), 0);
    ck_assert_int_ge(monotonic_now() - begin, 20 * nanoseconds_per_millisecond);
}
END_TEST

START_TEST(a_pending_signal_that_the_mask_admits_ends_the_wait)
{
    int ends[2];
    const sigset_t blocked = only(SIGUSR1);
    const sigset_t none = {};
    ck_assert_int_eq(pipe(ends), 0);
    signal(SIGUSR1, [](int) { handled = 1; });
    sigprocmask(SIG_BLOCK, &blocked, nullptr);
    raise(SIGUSR1);
    ck_assert_int_eq(masked_wait(ends[0], 0, &blocked), 0);
    ck_assert_int_eq(handled, 0);
    ck_assert_int_eq(masked_wait(ends[0], -1, &none), -EINTR);
    ck_assert_int_eq(handled, 1);
    sigset_t now;
    sigprocmask(SIG_BLOCK, nullptr, &now);
    ck_assert_int_eq(sigismember(&now, SIGUSR1), 1);
}
END_TEST

START_TEST(a_descriptor_too_large_for_a_set_is_enotsup)
{
    const sigset_t none = {};
    ck_assert_int_eq(masked_wait(FD_SETSIZE, 0, &none), -ENOTSUP);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("masked_wait");
    TCase *cases = tcase_create("masked_wait");
    tcase_add_test(cases, a_byte_ends_the_wait);
    tcase_add_test(cases, the_timeout_passes);
    tcase_add_test(cases, a_pending_signal_that_the_mask_admits_ends_the_wait);
    tcase_add_test(cases, a_descriptor_too_large_for_a_set_is_enotsup);
    suite_add_tcase(suite, cases);
    return run(suite);
}
