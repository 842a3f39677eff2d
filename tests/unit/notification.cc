// SPDX-License-Identifier: MIT
// Tests notifications to a descriptor that stays full, and to descriptors that the program has closed.
#include "unix/notification.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

START_TEST(a_full_descriptor_is_drained)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], "x", 1) == 1) {}
    ck_assert_int_eq(write_notification({ends[0], ends[1], 0}, "y", 1), 0);
    char bytes[2];
    ck_assert_int_eq(read(ends[0], bytes, sizeof bytes), 1);
    ck_assert_int_eq(bytes[0], 'y');
}
END_TEST

// Other threads can fill a pipe again after the library has drained the pipe. To imitate these threads, the test gives
// the library the writing end of a full pipe, but the reading end of another pipe. The library drains the other pipe,
// so the full pipe stays full.
START_TEST(a_descriptor_that_is_full_again_has_been_notified)
{
    int full[2];
    int other[2];
    ck_assert_int_eq(pipe(full), 0);
    ck_assert_int_eq(pipe(other), 0);
    fcntl(other[0], F_SETFL, O_NONBLOCK);
    fcntl(full[1], F_SETFL, O_NONBLOCK);
    while (write(full[1], "x", 1) == 1) {}
    ck_assert_int_eq(write_notification({other[0], full[1], 0}, "y", 1), 0);
}
END_TEST

START_TEST(a_closed_descriptor_is_ebadf)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    close(ends[1]);
    errno = ERANGE;
    ck_assert_int_eq(write_notification({ends[0], ends[1], 0}, "y", 1), -EBADF);
    ck_assert_int_eq(errno, ERANGE);
}
END_TEST

START_TEST(errors_are_those_of_the_contract)
{
    const int refusals[] = {EPERM, EACCES, ENOSYS};
    const int others[] = {EBADF, EINVAL, EPIPE, ENOSPC};
    ck_assert_int_eq(notification_failure(-ENOMEM), -ENOMEM);
    for (const int refusal : refusals)
        ck_assert_int_eq(notification_failure(-refusal), -EPERM);
    for (const int other : others)
        ck_assert_int_eq(notification_failure(-other), -EBADF);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("notification");
    TCase *cases = tcase_create("notification");
    tcase_add_test(cases, a_full_descriptor_is_drained);
    tcase_add_test(cases, a_descriptor_that_is_full_again_has_been_notified);
    tcase_add_test(cases, a_closed_descriptor_is_ebadf);
    tcase_add_test(cases, errors_are_those_of_the_contract);
    suite_add_tcase(suite, cases);
    return run(suite);
}
