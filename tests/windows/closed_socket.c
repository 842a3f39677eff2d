/* SPDX-License-Identifier: MIT */
/*
 * Tests that closing a registered socket ends its registration, even if the system gives the number of the handle to
 * another object. The program closes each socket after its event, so AFD has no operation that reports the close.
 */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <windows.h>

enum { CLOSED = 1, NEXT = 2, LIMIT_NS = 50000000 };

static const uint32_t interests[] = {MIO_READABLE, MIO_READABLE | MIO_LEVEL, MIO_READABLE | MIO_ONESHOT};
enum { INTERESTS = sizeof interests / sizeof interests[0] };

static void send_byte(const mio_udp_socket *to)
{
    const mio_addr any = loopback_v4();
    mio_addr addr;
    mio_udp_socket sender;
    ck_assert_ok(mio_udp_socket_bind(&sender, &any));
    ck_assert_ok(mio_udp_socket_local_addr(to, &addr));
    ck_assert_count(mio_udp_socket_send_to(&sender, "x", 1, &addr), 1);
    mio_udp_socket_close(&sender);
}

/* Makes a poll object with the bare handle of a socket, waits for an event of the socket, and closes the socket. */
static mio_poll *poll_with_closed(uint32_t interest)
{
    const mio_addr any = loopback_v4();
    mio_udp_socket closed;
    mio_poll *poll = open_poll(0);
    ck_assert_ok(mio_udp_socket_bind(&closed, &any));
    ck_assert_ok(
        mio_registry_register_handle(mio_poll_registry(poll), mio_udp_socket_handle(&closed), CLOSED, interest));
    send_byte(&closed);
    expect_events(poll, {CLOSED, MIO_READABLE});
    mio_udp_socket_close(&closed);
    return poll;
}

START_TEST(a_socket_with_the_number_of_a_closed_one_gives_no_event)
{
    const mio_addr any = loopback_v4();
    mio_event event;
    mio_udp_socket next;
    mio_poll *poll = poll_with_closed(interests[_i]);
    ck_assert_ok(mio_udp_socket_bind(&next, &any));
    send_byte(&next);
    ck_assert_int_eq(mio_poll_wait(poll, &event, 1, LIMIT_NS), 0);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &next.source, NEXT, MIO_READABLE));
    expect_events(poll, {NEXT, MIO_READABLE});
    mio_udp_socket_close(&next);
    mio_poll_free(poll);
}
END_TEST

START_TEST(an_object_with_the_number_of_a_closed_socket_gives_no_event)
{
    mio_event event;
    mio_poll *poll = poll_with_closed(interests[_i]);
    HANDLE object = CreateEventW(NULL, TRUE, TRUE, NULL);
    ck_assert_ptr_nonnull(object);
    ck_assert_int_eq(mio_poll_wait(poll, &event, 1, LIMIT_NS), 0);
    CloseHandle(object);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("closed_socket");
    TCase *reused = add_tcase(suite, "reused");
    tcase_add_loop_test(reused, a_socket_with_the_number_of_a_closed_one_gives_no_event, 0, INTERESTS);
    tcase_add_loop_test(reused, an_object_with_the_number_of_a_closed_socket_gives_no_event, 0, INTERESTS);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
