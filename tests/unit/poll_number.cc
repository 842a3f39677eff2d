// SPDX-License-Identifier: MIT
// The numbers of poll objects: unique while the objects live, reused as late as possible, and a source left registered
// with a freed object whose number is in use again. Through the ABI the last case would take 65,535 poll objects.
#include "poll/poll_number.hpp"

#include "poll/backends.hpp"
#include "poll/poller.hpp"
#include "poll/registration.hpp"
#include "port/mechanisms.hpp"

#include "support.hpp"

#include <check.h>
#include <errno.h>
#include <mio/unix.h>

using namespace mio::impl;

namespace {

constexpr uint32_t number_count = 65535;

START_TEST(all_numbers_are_different_and_then_there_are_no_more)
{
    static bool seen[number_count + 1];
    for (uint32_t i = 0; i < number_count; i++) {
        const uint16_t number = take_poll_number();
        ck_assert_uint_ne(number, 0);
        ck_assert(!seen[number]);
        ck_assert(is_poll_number_taken(number));
        seen[number] = true;
    }
    ck_assert_uint_eq(take_poll_number(), 0);
    return_poll_number(77);
    ck_assert(!is_poll_number_taken(77));
    ck_assert_uint_eq(take_poll_number(), 77);
    for (uint32_t number = 1; number <= number_count; number++)
        return_poll_number(static_cast<uint16_t>(number));
}
END_TEST

START_TEST(a_freed_number_is_used_again_last)
{
    const uint16_t first = take_poll_number();
    return_poll_number(first);
    for (uint32_t i = 1; i < number_count; i++) {
        const uint16_t number = take_poll_number();
        ck_assert_uint_ne(number, first);
        return_poll_number(number);
    }
    const uint16_t again = take_poll_number();
    ck_assert_uint_eq(again, first);
    return_poll_number(again);
}
END_TEST

// ---- a number that comes round -----------------------------------------------------------------------------------

mio_poll *open_backend(int index)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = selector_at(static_cast<size_t>(index))->name;
    mio_poll *poll = nullptr;
    ck_assert_int_eq(open_poll(&options, &poll), 0);
    return poll;
}

// A source that thinks it is registered with `taker`, which has the number of a poll object that is gone.
struct Stale {
    mio_unix_stream left;
    mio_unix_stream right;
    mio_poll *taker;
    mio_poll *other;

    explicit Stale(int backend)
    {
        ck_assert_int_eq(mio_unix_stream_pair(&left, &right, 0), 0);
        mio_poll *gone = open_backend(backend);
        const uint16_t number = gone->number;
        ck_assert_int_eq(register_source(gone, &left.source, 1, MIO_READABLE), 0);
        free_poll(gone);
        other = open_backend(backend);
        ck_assert_int_eq(deregister_source(other, &left.source), -ENOENT);
        for (uint32_t i = 2; i < number_count; i++)
            return_poll_number(take_poll_number());
        taker = open_backend(backend);
        ck_assert_uint_eq(taker->number, number);
        // The record looks exactly like a registration with this object.
        ck_assert_int_eq(register_source(other, &left.source, 1, MIO_READABLE), -EBUSY);
    }

    Stale(const Stale &) = delete;
    Stale &operator=(const Stale &) = delete;

    ~Stale()
    {
        mio_unix_stream_close(&left);
        mio_unix_stream_close(&right);
        free_poll(taker);
        free_poll(other);
    }
};

START_TEST(deregistering_frees_a_source_whose_poll_is_gone_and_number_taken)
{
    Stale stale(_i);
    ck_assert_int_eq(deregister_source(stale.taker, &stale.left.source), -ENOENT);
    ck_assert_int_eq(register_source(stale.other, &stale.left.source, 2, MIO_READABLE), 0);
    ck_assert_int_eq(register_source(stale.taker, &stale.left.source, 2, MIO_READABLE), -EBUSY);
    ck_assert_int_eq(deregister_source(stale.other, &stale.left.source), 0);
}
END_TEST

START_TEST(so_does_reregistering)
{
    Stale stale(_i);
    ck_assert_int_eq(reregister_source(stale.taker, &stale.left.source, 2, MIO_READABLE), -ENOENT);
    ck_assert_int_eq(register_source(stale.other, &stale.left.source, 2, MIO_READABLE), 0);
}
END_TEST

START_TEST(the_poll_that_has_taken_the_number_can_register_the_source)
{
    Stale stale(_i);
    mio_event event;
    ck_assert_int_eq(register_source(stale.taker, &stale.left.source, 2, MIO_READABLE), 0);
    ck_assert_int_eq(mio_unix_stream_write(&stale.right, "x", 1), 1);
    ck_assert_int_eq(wait_for_events(stale.taker, &event, 1, -1, nullptr), 1);
    ck_assert_uint_eq(event.token, 2);
    ck_assert_int_eq(deregister_source(stale.taker, &stale.left.source), 0);
}
END_TEST

} // namespace

int main()
{
    const int backends = static_cast<int>(selectors.count);
    Suite *suite = suite_create("poll_number");
    TCase *cases = tcase_create("numbers");
    tcase_add_test(cases, all_numbers_are_different_and_then_there_are_no_more);
    tcase_add_test(cases, a_freed_number_is_used_again_last);
    tcase_add_loop_test(cases, deregistering_frees_a_source_whose_poll_is_gone_and_number_taken, 0, backends);
    tcase_add_loop_test(cases, so_does_reregistering, 0, backends);
    tcase_add_loop_test(cases, the_poll_that_has_taken_the_number_can_register_the_source, 0, backends);
    suite_add_tcase(suite, cases);
    return run(suite);
}
