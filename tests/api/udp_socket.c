/* SPDX-License-Identifier: MIT */
/*
 * Tests how UDP sockets send, receive and peek, with and without a peer. Also tests their handles. Some tests are in
 * other files: changing the peer (udp_connect.c), events (udp_readiness.c), long datagrams (udp_truncation.c), groups
 * (udp_multicast.c) and errors (udp_errors.c).
 */
#include "../helpers/sockets.h"

#include <poll.h>

enum { LEFT = 31, RIGHT = 32 };

static const char DATA1[] = "Hello world!";
static const char DATA2[] = "and good-bye";

/* ---- receiving -------------------------------------------------------------------------------------------------- */

/*
 * Waits for a datagram, and receives it with recv, recv_from, peek or peek_from. If `from` is not null, stores the
 * sender's address in it.
 */
static int64_t receive(mio_udp_socket *socket, bool peek, void *buffer, size_t length, mio_addr *from, uint32_t *flags)
{
    wait_handle(mio_udp_socket_handle(socket), POLLIN);
    if (from != NULL) {
        return peek ? kept(mio_udp_socket_peek_from(socket, buffer, length, from, flags))
                    : kept(mio_udp_socket_recv_from(socket, buffer, length, from, flags));
    }
    return peek ? kept(mio_udp_socket_peek(socket, buffer, length, flags))
                : kept(mio_udp_socket_recv(socket, buffer, length, flags));
}

/* Two unconnected sockets and their addresses. */
typedef struct couple {
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr left_addr;
    mio_addr right_addr;
} couple;

static couple open_couple(const mio_addr *port0)
{
    couple c;
    scribble(&c, sizeof c);
    call_ok(mio_udp_socket_bind(&c.left, port0));
    call_ok(mio_udp_socket_bind(&c.right, port0));
    call_ok(mio_udp_socket_local_addr(&c.left, &c.left_addr));
    call_ok(mio_udp_socket_local_addr(&c.right, &c.right_addr));
    return c;
}

static couple open_couple_v4(void)
{
    mio_addr any = loopback_v4();
    return open_couple(&any);
}

static void connect_couple(couple *c)
{
    call_ok(mio_udp_socket_connect(&c->left, &c->right_addr));
    call_ok(mio_udp_socket_connect(&c->right, &c->left_addr));
}

static void close_couple(couple *c)
{
    mio_udp_socket_close(&c->left);
    mio_udp_socket_close(&c->right);
}

/* ---- basic use -------------------------------------------------------------------------------------------------- */

START_TEST(udp_socket_is_as_small_as_a_source)
{
    ck_assert_uint_eq(sizeof(mio_udp_socket), sizeof(mio_source));
    ck_assert_uint_eq(offsetof(mio_udp_socket, source), 0);
}
END_TEST

START_TEST(zero_length_datagram_is_delivered_with_its_source_address)
{
    mio_poll *poll = open_poll(_i);
    couple c = open_couple_v4();
    char buffer[8] = "as was";
    mio_addr from = unix_addr();
    uint32_t flags = 77;
    call_ok(mio_registry_register(mio_poll_registry(poll), &c.right.source, RIGHT, MIO_READABLE));
    call_counts(mio_udp_socket_send_to(&c.left, "", 0, &c.right_addr), 0);
    expect_events(poll, {RIGHT, MIO_READABLE});
    call_counts(receive(&c.right, true, buffer, sizeof buffer, &from, &flags), 0);
    assert_addr_eq(&from, &c.left_addr);
    ck_assert_uint_eq(flags, 0);
    from = unix_addr();
    call_counts(receive(&c.right, false, buffer, sizeof buffer, &from, NULL), 0);
    assert_addr_eq(&from, &c.left_addr);
    ck_assert_str_eq(buffer, "as was");
    assert_would_block(kept(mio_udp_socket_recv(&c.right, buffer, sizeof buffer, NULL)));
    connect_couple(&c);
    call_counts(mio_udp_socket_send(&c.left, NULL, 0), 0);
    call_counts(receive(&c.right, false, NULL, 0, NULL, NULL), 0);
    close_couple(&c);
    mio_poll_free(poll);
}
END_TEST

enum { DATAGRAMS = 1000 };

static void *send_numbers(void *context)
{
    mio_udp_socket *socket = context;
    for (uint32_t i = 0; i < DATAGRAMS; i++) {
        int64_t count;
        uint32_t answer;
        while ((count = mio_udp_socket_send(socket, &i, sizeof i)) == -EAGAIN) {
            wait_handle(mio_udp_socket_handle(socket), POLLOUT);
        }
        ck_assert_int_eq(count, sizeof i);
        wait_handle(mio_udp_socket_handle(socket), POLLIN);
        ck_assert_int_eq(mio_udp_socket_recv(socket, &answer, sizeof answer, NULL), sizeof answer);
        ck_assert_uint_eq(answer, i);
    }
    return NULL;
}

START_TEST(udp_socket_is_used_from_two_threads)
{
    couple c = open_couple_v4();
    connect_couple(&c);
    pthread_t thread = start_thread(send_numbers, &c.left);
    for (uint32_t i = 0; i < DATAGRAMS; i++) {
        uint32_t number;
        call_counts(receive(&c.right, false, &number, sizeof number, NULL, NULL), sizeof number);
        ck_assert_uint_eq(number, i);
        call_counts(mio_udp_socket_send(&c.right, &number, sizeof number), sizeof number);
    }
    join_thread(thread);
    close_couple(&c);
}
END_TEST

static void assert_fresh(mio_poll *poll, mio_udp_socket *socket, uintptr_t token)
{
    char byte;
    mio_addr from;
    ck_assert(is_nonblocking(mio_udp_socket_handle(socket)));
    ck_assert(is_cloexec(mio_udp_socket_handle(socket)));
    call_ok(mio_registry_register(mio_poll_registry(poll), &socket->source, token, MIO_READABLE | MIO_WRITABLE));
    expect_events(poll, {token, MIO_WRITABLE});
    assert_would_block(kept(mio_udp_socket_recv(socket, &byte, 1, NULL)));
    assert_would_block(kept(mio_udp_socket_recv_from(socket, &byte, 1, &from, NULL)));
    assert_would_block(kept(mio_udp_socket_peek(socket, &byte, 1, NULL)));
    assert_would_block(kept(mio_udp_socket_peek_from(socket, &byte, 1, &from, NULL)));
}

/* Peeks at a datagram and then receives it. After each call, checks the bytes and the sender's address. */
static void expect_datagram(mio_udp_socket *socket, const void *data, size_t length, const mio_addr *sender)
{
    char buffer[64];
    mio_addr from;
    for (int peek = 1; peek >= 0; peek--) {
        memset(buffer, 0, sizeof buffer);
        call_counts(receive(socket, peek, buffer, sizeof buffer, &from, NULL), length);
        ck_assert_mem_eq(buffer, data, length);
        assert_addr_eq(&from, sender);
    }
    assert_would_block(kept(mio_udp_socket_recv_from(socket, buffer, sizeof buffer, &from, NULL)));
}

static void unconnected_smoke(int variant, couple *c)
{
    mio_poll *poll = open_poll(variant);
    assert_fresh(poll, &c->left, LEFT);
    assert_fresh(poll, &c->right, RIGHT);
    call_counts(mio_udp_socket_send_to(&c->left, DATA1, sizeof DATA1, &c->right_addr), sizeof DATA1);
    call_counts(mio_udp_socket_send_to(&c->right, DATA2, sizeof DATA2, &c->left_addr), sizeof DATA2);
    expect_events(poll, {LEFT, MIO_READABLE}, {RIGHT, MIO_READABLE});
    expect_datagram(&c->right, DATA1, sizeof DATA1, &c->left_addr);
    expect_datagram(&c->left, DATA2, sizeof DATA2, &c->right_addr);
    assert_pending(mio_udp_socket_take_error, &c->left, 0);
    assert_pending(mio_udp_socket_take_error, &c->right, 0);
    close_couple(c);
    mio_poll_free(poll);
}

static void connected_smoke(int variant, couple *c)
{
    mio_poll *poll = open_poll(variant);
    char buffer[64];
    mio_addr addr;
    connect_couple(c);
    assert_fresh(poll, &c->left, LEFT);
    assert_fresh(poll, &c->right, RIGHT);
    call_ok(mio_udp_socket_peer_addr(&c->left, &addr));
    assert_addr_eq(&addr, &c->right_addr);
    call_ok(mio_udp_socket_peer_addr(&c->right, &addr));
    assert_addr_eq(&addr, &c->left_addr);
    call_counts(mio_udp_socket_send(&c->left, DATA1, sizeof DATA1), sizeof DATA1);
    call_counts(mio_udp_socket_send(&c->right, DATA2, sizeof DATA2), sizeof DATA2);
    expect_events(poll, {LEFT, MIO_READABLE}, {RIGHT, MIO_READABLE});
    for (int peek = 1; peek >= 0; peek--) {
        memset(buffer, 0, sizeof buffer);
        call_counts(receive(&c->right, peek, buffer, sizeof buffer, NULL, NULL), sizeof DATA1);
        ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
        call_counts(receive(&c->left, peek, buffer, sizeof buffer, NULL, NULL), sizeof DATA2);
        ck_assert_mem_eq(buffer, DATA2, sizeof DATA2);
    }
    assert_would_block(kept(mio_udp_socket_recv(&c->left, buffer, sizeof buffer, NULL)));
    assert_pending(mio_udp_socket_take_error, &c->left, 0);
    close_couple(c);
    mio_poll_free(poll);
}

/*
 * Opens two sockets with system calls, and adopts them. Until mio adopts a socket, the socket is blocking and not
 * close-on-exec.
 */
static couple open_adopted_couple(void)
{
    mio_addr any = loopback_v4();
    couple c;
    scribble(&c, sizeof c);
    call_ok(mio_udp_socket_from_handle(&c.left, raw_udp(&any, &c.left_addr)));
    call_ok(mio_udp_socket_from_handle(&c.right, raw_udp(&any, &c.right_addr)));
    return c;
}

START_TEST(unconnected_smoke_ipv4)
{
    couple c = open_couple_v4();
    unconnected_smoke(_i, &c);
}
END_TEST

START_TEST(unconnected_smoke_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr any = loopback_v6();
    couple c = open_couple(&any);
    unconnected_smoke(_i, &c);
}
END_TEST

START_TEST(unconnected_smoke_adopted_by_from_handle)
{
    couple c = open_adopted_couple();
    unconnected_smoke(_i, &c);
}
END_TEST

START_TEST(connected_smoke_ipv4)
{
    couple c = open_couple_v4();
    connected_smoke(_i, &c);
}
END_TEST

START_TEST(connected_smoke_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr any = loopback_v6();
    couple c = open_couple(&any);
    connected_smoke(_i, &c);
}
END_TEST

START_TEST(connected_smoke_adopted_by_from_handle)
{
    couple c = open_adopted_couple();
    connected_smoke(_i, &c);
}
END_TEST

START_TEST(send_on_an_unconnected_socket_errors_and_recv_and_peek_work)
{
    couple c = open_couple_v4();
    char buffer[64];
    call_fails(mio_udp_socket_send(&c.left, DATA1, sizeof DATA1), EDESTADDRREQ);
    call_counts(mio_udp_socket_send_to(&c.right, DATA1, sizeof DATA1, &c.left_addr), sizeof DATA1);
    call_counts(receive(&c.left, true, buffer, sizeof buffer, NULL, NULL), sizeof DATA1);
    call_counts(receive(&c.left, false, buffer, sizeof buffer, NULL, NULL), sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    close_couple(&c);
}
END_TEST

START_TEST(send_to_on_a_connected_socket_is_allowed_and_recv_from_and_peek_from_work)
{
    couple c = open_couple_v4();
    mio_addr any = loopback_v4();
    mio_addr third_addr;
    char buffer[64];
    int third = raw_udp(&any, &third_addr);
    connect_couple(&c);
    call_counts(mio_udp_socket_send_to(&c.left, DATA1, sizeof DATA1, &c.right_addr), sizeof DATA1);
    expect_datagram(&c.right, DATA1, sizeof DATA1, &c.left_addr);
    call_counts(mio_udp_socket_send_to(&c.left, DATA2, sizeof DATA2, &third_addr), sizeof DATA2);
    raw_read(third, buffer, sizeof DATA2);
    ck_assert_mem_eq(buffer, DATA2, sizeof DATA2);
    call_ok(mio_udp_socket_peer_addr(&c.left, &any));
    assert_addr_eq(&any, &c.right_addr);
    close_fd(third);
    close_couple(&c);
}
END_TEST

/*
 * Registers a receiver and a sender with one poll object, and runs an event loop. The loop sends at the sender's event,
 * receives at the receiver's event, and ends when the datagram has arrived.
 */
static void event_loop(int variant, bool connected)
{
    mio_poll *poll = open_poll(variant);
    couple c = open_couple_v4();
    mio_event events[4];
    char buffer[64];
    mio_addr from;
    int64_t count = -EAGAIN;
    if (connected) {
        connect_couple(&c);
    }
    call_ok(mio_registry_register(mio_poll_registry(poll), &c.left.source, LEFT, MIO_WRITABLE));
    call_ok(mio_registry_register(mio_poll_registry(poll), &c.right.source, RIGHT, MIO_READABLE));
    while (count == -EAGAIN) {
        int ready = wait_events(poll, events, 4, LONG_WAIT);
        ck_assert_int_gt(ready, 0);
        for (int i = 0; i < ready; i++) {
            if (events[i].token == LEFT) {
                ck_assert(mio_event_is_writable(&events[i]));
                count = connected ? kept(mio_udp_socket_send(&c.left, DATA1, sizeof DATA1))
                                  : kept(mio_udp_socket_send_to(&c.left, DATA1, sizeof DATA1, &c.right_addr));
                ck_assert_count(count, sizeof DATA1);
                count = -EAGAIN;
            } else {
                ck_assert_uint_eq(events[i].token, RIGHT);
                ck_assert(mio_event_is_readable(&events[i]));
                count = connected ? kept(mio_udp_socket_recv(&c.right, buffer, sizeof buffer, NULL))
                                  : kept(mio_udp_socket_recv_from(&c.right, buffer, sizeof buffer, &from, NULL));
            }
        }
    }
    ck_assert_count(count, sizeof DATA1);
    ck_assert_mem_eq(buffer, DATA1, sizeof DATA1);
    if (!connected) {
        assert_addr_eq(&from, &c.left_addr);
    }
    close_couple(&c);
    mio_poll_free(poll);
}

START_TEST(loop_of_unconnected_send_and_recv)
{
    event_loop(_i, false);
}
END_TEST

START_TEST(loop_of_connected_send_and_recv)
{
    event_loop(_i, true);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_socket");
    TCase *checklist = add_tcase(suite, "checklist");
    tcase_add_test(checklist, udp_socket_is_as_small_as_a_source);
    tcase_add_backend_test(checklist, zero_length_datagram_is_delivered_with_its_source_address);
    tcase_add_test(checklist, udp_socket_is_used_from_two_threads);
    tcase_add_backend_test(checklist, unconnected_smoke_ipv4);
    tcase_add_backend_test(checklist, unconnected_smoke_ipv6);
    tcase_add_backend_test(checklist, unconnected_smoke_adopted_by_from_handle);
    tcase_add_backend_test(checklist, connected_smoke_ipv4);
    tcase_add_backend_test(checklist, connected_smoke_ipv6);
    tcase_add_backend_test(checklist, connected_smoke_adopted_by_from_handle);
    tcase_add_test(checklist, send_on_an_unconnected_socket_errors_and_recv_and_peek_work);
    tcase_add_test(checklist, send_to_on_a_connected_socket_is_allowed_and_recv_from_and_peek_from_work);
    tcase_add_backend_test(checklist, loop_of_unconnected_send_and_recv);
    tcase_add_backend_test(checklist, loop_of_connected_send_and_recv);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
