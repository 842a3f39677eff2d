// SPDX-License-Identifier: MIT
// Tests the conversion of kqueue(2) events into portable bits. The test runs on any system.
#include "bsd/kqueue_events.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

namespace {

constexpr uint32_t both_closed = MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED;
constexpr uint32_t some_error = 61;

struct Case {
    FilterEvent event;
    uint32_t readiness;
    uint32_t os_bits;
};

constexpr FilterEvent event_of(Filter filter, bool at_end, uint32_t error)
{
    FilterEvent event = {};
    event.filter = filter;
    event.at_end = at_end;
    event.error = error;
    return event;
}

constexpr FilterEvent pipe_without_reader()
{
    FilterEvent event = event_of(Filter::read, true, 0);
    event.hangs_up = true;
    return event;
}

constexpr Case cases[] = {
    {event_of(Filter::read, false, 0), MIO_READABLE, 0x1},
    {event_of(Filter::read, true, 0), MIO_READABLE | MIO_READ_CLOSED, 0x101},
    {event_of(Filter::read, true, some_error), both_closed | MIO_ERROR, 0x3d0101},
    {pipe_without_reader(), MIO_READABLE | MIO_WRITABLE | MIO_WRITE_CLOSED, 0x101},
    {event_of(Filter::write, false, 0), MIO_WRITABLE, 0x2},
    {event_of(Filter::write, true, 0), MIO_READABLE | MIO_WRITABLE | MIO_WRITE_CLOSED, 0x202},
    {event_of(Filter::write, true, some_error), both_closed | MIO_ERROR, 0x3d0202},
    // Without EV_EOF, the value in the event is not an error.
    {event_of(Filter::read, false, some_error), MIO_READABLE, 0x1},
    {event_of(Filter::write, false, some_error), MIO_WRITABLE, 0x2},
    {event_of(Filter::user, false, 0), MIO_READABLE, 0x4},
    {event_of(Filter::aio, false, 0), MIO_AIO, 0x8},
    {event_of(Filter::lio, false, 0), MIO_LIO, 0x10},
    {event_of(Filter::except, false, 0), MIO_READABLE | MIO_PRIORITY, 0x20},
    {event_of(Filter::other, false, 0), MIO_READABLE, 0x40},
};

START_TEST(an_event_has_these_bits)
{
    const Case &row = cases[_i];
    ck_assert_uint_eq(readiness_of(row.event), row.readiness);
    ck_assert_uint_eq(os_bits_of(row.event), row.os_bits);
}
END_TEST

// If a loop checks only for readable and writable, the loop still sees every error.
START_TEST(an_error_is_readable_and_writable)
{
    const uint32_t readiness = readiness_of(cases[_i].event);
    constexpr uint32_t both = MIO_READABLE | MIO_WRITABLE;
    if ((readiness & (MIO_ERROR | MIO_WRITE_CLOSED)) != 0) ck_assert_uint_eq(readiness & both, both);
}
END_TEST

START_TEST(both_filters_of_a_descriptor_join)
{
    ck_assert_uint_eq(joined_os_bits(0x1, 0x2), 0x3);
    ck_assert_uint_eq(joined_os_bits(0x101, 0x2), 0x103);
    ck_assert_uint_eq(joined_os_bits(0x101, 0x3d0202), 0x3d0303);
    // If both filters have an error, the joined bits keep the first error.
    ck_assert_uint_eq(joined_os_bits(0x3d0101, 0x360202), 0x3d0303);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("kqueue_events");
    TCase *tcase = tcase_create("conversion");
    constexpr int count = sizeof cases / sizeof *cases;
    tcase_add_loop_test(tcase, an_event_has_these_bits, 0, count);
    tcase_add_loop_test(tcase, an_error_is_readable_and_writable, 0, count);
    tcase_add_test(tcase, both_filters_of_a_descriptor_join);
    suite_add_tcase(suite, tcase);
    return run(suite);
}
