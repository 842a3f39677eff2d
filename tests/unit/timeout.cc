// SPDX-License-Identifier: MIT
// Tests the arithmetic of timeouts: rounding up, saturation, deadlines.
#include "core/timeout.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

namespace {

constexpr int64_t day_ns = int64_t{24} * 3600 * nanoseconds_per_second;

struct MillisecondsCase {
    int64_t timeout_ns;
    int milliseconds;
};

constexpr MillisecondsCase milliseconds_cases[] = {
    {INT64_MIN, -1},
    {-1, -1},
    {0, 0},
    {1, 1},
    {999'999, 1},
    {1'000'000, 1},
    {1'000'001, 2},
    {100'000, 1},
    {INT_MAX * nanoseconds_per_millisecond - nanoseconds_per_millisecond, INT_MAX - 1},
    {INT_MAX * nanoseconds_per_millisecond - 1, INT_MAX},
    {INT_MAX * nanoseconds_per_millisecond, INT_MAX},
    {INT_MAX * nanoseconds_per_millisecond + 1, INT_MAX},
    {25 * day_ns, INT_MAX},
    {INT64_MAX, INT_MAX},
};

START_TEST(milliseconds_are_rounded_up_and_saturate)
{
    const MillisecondsCase &row = milliseconds_cases[_i];
    ck_assert_int_eq(milliseconds_rounded_up(row.timeout_ns), row.milliseconds);
}
END_TEST

struct DeadlineCase {
    int64_t now_ns;
    int64_t timeout_ns;
    int64_t deadline_ns;
};

constexpr DeadlineCase deadline_cases[] = {
    {100, -1, deadline_never},
    {100, INT64_MIN, deadline_never},
    {100, 0, 100},
    {100, 1, 101},
    {100, INT64_MAX - 101, INT64_MAX - 1},
    {100, INT64_MAX - 100, deadline_never},
    {100, INT64_MAX, deadline_never},
    {0, INT64_MAX, deadline_never},
    {5 * day_ns, 25 * day_ns, 30 * day_ns},
};

START_TEST(deadlines_saturate)
{
    const DeadlineCase &row = deadline_cases[_i];
    ck_assert_int_eq(deadline_after(row.now_ns, row.timeout_ns), row.deadline_ns);
}
END_TEST

struct TimeUntilCase {
    int64_t deadline_ns;
    int64_t now_ns;
    int64_t timeout_ns;
};

constexpr TimeUntilCase time_until_cases[] = {
    {deadline_never, 100, wait_forever},
    {101, 100, 1},
    {100, 100, 0},
    {99, 100, 0},
    {0, 100, 0},
    {-1, 100, 0},
    {INT64_MIN, 100, 0},
    {INT64_MIN, INT64_MAX, 0},
    {INT64_MAX - 1, 0, INT64_MAX - 1},
};

START_TEST(time_until_a_deadline_is_never_negative_but_for_ever)
{
    const TimeUntilCase &row = time_until_cases[_i];
    ck_assert_int_eq(time_until(row.deadline_ns, row.now_ns), row.timeout_ns);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("timeout");
    TCase *cases = tcase_create("arithmetic");
    tcase_add_loop_test(cases, milliseconds_are_rounded_up_and_saturate, 0,
                        sizeof milliseconds_cases / sizeof *milliseconds_cases);
    tcase_add_loop_test(cases, deadlines_saturate, 0, sizeof deadline_cases / sizeof *deadline_cases);
    tcase_add_loop_test(cases, time_until_a_deadline_is_never_negative_but_for_ever, 0,
                        sizeof time_until_cases / sizeof *time_until_cases);
    suite_add_tcase(suite, cases);
    return run(suite);
}
