/* SPDX-License-Identifier: MIT */
/* Tests wakers on a completion port. A wake posts a packet to the port, and the port returns the packets in the order
 * of the wakes. So the events of the wakers have this order too. */
#include "../helpers/harness.h"

enum { WAKERS = 3 };

START_TEST(events_of_wakers_come_in_the_order_of_the_wakes)
{
    static const uintptr_t order[WAKERS] = {2, 0, 1};
    mio_poll *poll = open_poll(_i);
    mio_waker *wakers[WAKERS];
    mio_event events[WAKERS];
    for (uintptr_t i = 0; i < WAKERS; i++) {
        ck_assert_ok(mio_waker_new(&wakers[i], mio_poll_registry(poll), i));
    }
    for (int i = 0; i < WAKERS; i++) {
        ck_assert_ok(mio_waker_wake(wakers[order[i]]));
    }
    ck_assert_int_eq(mio_poll_wait(poll, events, WAKERS, -1), WAKERS);
    for (int i = 0; i < WAKERS; i++) {
        ck_assert_uint_eq(events[i].token, order[i]);
        mio_waker_free(wakers[i]);
    }
    mio_poll_free(poll);
}
END_TEST

/* The packet of a freed waker stays in the port, and gives no event. */
START_TEST(a_packet_without_an_event_leaves_its_place_to_the_next_one)
{
    mio_poll *poll = open_poll(_i);
    mio_event events[2];
    mio_waker *first = make_waker(poll, 1);
    mio_waker *freed = make_waker(poll, 2);
    mio_waker *last = make_waker(poll, 3);
    ck_assert_ok(mio_waker_wake(first));
    ck_assert_ok(mio_waker_wake(freed));
    ck_assert_ok(mio_waker_wake(last));
    mio_waker_free(freed);
    ck_assert_int_eq(mio_poll_wait(poll, events, 2, 0), 2);
    ck_assert_uint_eq(events[0].token, 1);
    ck_assert_uint_eq(events[1].token, 3);
    mio_waker_free(first);
    mio_waker_free(last);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("wakers");
    TCase *order = add_tcase(suite, "order");
    tcase_add_backend_test(order, events_of_wakers_come_in_the_order_of_the_wakes);
    tcase_add_backend_test(order, a_packet_without_an_event_leaves_its_place_to_the_next_one);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
