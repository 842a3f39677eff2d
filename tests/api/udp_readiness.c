/* SPDX-License-Identifier: MIT */
/* Tests the events of UDP sockets: interests, edges, a changed peer, and ICMP errors. */
#include "../helpers/sockets.h"

#include <poll.h>

enum { SUBJECT = 41, OTHER = 42 };

/*
 * A poll object, and a socket that is not registered yet. `peer` is a blocking socket that the test has opened with
 * system calls.
 */
typedef struct fixture {
    mio_poll *poll;
    mio_registry *registry;
    mio_udp_socket socket;
    mio_addr addr;
    int peer;
    mio_addr peer_addr;
} fixture;

static fixture open_fixture(int variant)
{
    fixture f;
    mio_addr any = loopback_v4();
    f.poll = open_poll(variant);
    f.registry = mio_poll_registry(f.poll);
    call_ok(mio_udp_socket_bind(&f.socket, &any));
    call_ok(mio_udp_socket_local_addr(&f.socket, &f.addr));
    f.peer = raw_udp(&any, &f.peer_addr);
    return f;
}

static void close_fixture(fixture *f)
{
    mio_udp_socket_close(&f->socket);
    close_fd(f->peer);
    mio_poll_free(f->poll);
}

static void watch(fixture *f, uint32_t interest)
{
    call_ok(mio_registry_register(f->registry, &f->socket.source, SUBJECT, interest));
}

static void raw_send(fixture *f, const char *text)
{
    raw_send_to(f->peer, text, strlen(text), &f->addr);
}

static void expect_recv(fixture *f, const char *text)
{
    char buffer[64];
    size_t length = strlen(text);
    call_counts(mio_udp_socket_recv(&f->socket, buffer, sizeof buffer, NULL), length);
    ck_assert_mem_eq(buffer, text, length);
}

static void expect_recv_from(fixture *f, const char *text, const mio_addr *sender)
{
    char buffer[64];
    mio_addr from;
    size_t length = strlen(text);
    call_counts(mio_udp_socket_recv_from(&f->socket, buffer, sizeof buffer, &from, NULL), length);
    ck_assert_mem_eq(buffer, text, length);
    assert_addr_eq(&from, sender);
}

static void expect_nothing(fixture *f)
{
    char byte;
    assert_would_block(kept(mio_udp_socket_recv(&f->socket, &byte, 1, NULL)));
}

/* ---- interests and edges ---------------------------------------------------------------------------------------- */

START_TEST(idle_socket_gives_no_event)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    expect_no_events(f.poll);
    close_fixture(&f);
}
END_TEST

START_TEST(writable_only_hides_input_reregister_to_readable_with_new_token_reports_it)
{
    fixture f = open_fixture(_i);
    mio_event event;
    watch(&f, MIO_WRITABLE);
    expect_events(f.poll, {SUBJECT, MIO_WRITABLE});
    raw_send(&f, "data");
    wait_handle(mio_udp_socket_handle(&f.socket), POLLIN);
    expect_no_events(f.poll);
    call_ok(mio_registry_reregister(f.registry, &f.socket.source, OTHER, MIO_READABLE));
    ck_assert_int_eq(wait_events(f.poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, OTHER);
    ck_assert_uint_eq(event.readiness, MIO_READABLE);
    expect_recv_from(&f, "data", &f.peer_addr);
    close_fixture(&f);
}
END_TEST

START_TEST(no_event_after_deregister_data_still_receivable)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    call_ok(mio_registry_deregister(f.registry, &f.socket.source));
    raw_send(&f, "data");
    wait_handle(mio_udp_socket_handle(&f.socket), POLLIN);
    expect_no_events(f.poll);
    expect_recv_from(&f, "data", &f.peer_addr);
    close_fixture(&f);
}
END_TEST

START_TEST(edge_recv_would_block_new_datagram_new_event_with_recv)
{
    fixture f = open_fixture(_i);
    watch(&f, MIO_READABLE);
    raw_point(f.peer, &f.addr);
    call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
    for (int i = 0; i < 3; i++) {
        raw_write(f.peer, "data", 4);
        expect_events(f.poll, {SUBJECT, MIO_READABLE});
        expect_recv(&f, "data");
        expect_nothing(&f);
        expect_no_events(f.poll);
    }
    close_fixture(&f);
}
END_TEST

START_TEST(edge_recv_would_block_new_datagram_new_event_with_recv_from)
{
    fixture f = open_fixture(_i);
    char byte;
    mio_addr from;
    watch(&f, MIO_READABLE);
    for (int i = 0; i < 3; i++) {
        raw_send(&f, "data");
        expect_events(f.poll, {SUBJECT, MIO_READABLE});
        expect_recv_from(&f, "data", &f.peer_addr);
        assert_would_block(kept(mio_udp_socket_recv_from(&f.socket, &byte, 1, &from, NULL)));
        expect_no_events(f.poll);
    }
    close_fixture(&f);
}
END_TEST

START_TEST(edge_peek_would_block_new_datagram_new_event)
{
    fixture f = open_fixture(_i);
    char buffer[8];
    mio_addr from;
    watch(&f, MIO_READABLE);
    for (int i = 0; i < 2; i++) {
        raw_send(&f, "data");
        expect_events(f.poll, {SUBJECT, MIO_READABLE});
        call_counts(mio_udp_socket_peek(&f.socket, buffer, sizeof buffer, NULL), 4);
        expect_recv(&f, "data");
        if (i == 0) {
            assert_would_block(kept(mio_udp_socket_peek(&f.socket, buffer, sizeof buffer, NULL)));
        } else {
            assert_would_block(kept(mio_udp_socket_peek_from(&f.socket, buffer, sizeof buffer, &from, NULL)));
        }
    }
    raw_send(&f, "data");
    expect_events(f.poll, {SUBJECT, MIO_READABLE});
    close_fixture(&f);
}
END_TEST

/* ---- connected sockets ------------------------------------------------------------------------------------------ */

START_TEST(reconnect_while_sending_next_datagram_goes_to_the_new_peer)
{
    fixture f = open_fixture(_i);
    mio_addr any = loopback_v4();
    mio_addr second_addr;
    char buffer[8];
    int second = raw_udp(&any, &second_addr);
    call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
    watch(&f, MIO_WRITABLE);
    expect_events(f.poll, {SUBJECT, MIO_WRITABLE});
    call_counts(mio_udp_socket_send(&f.socket, "one", 3), 3);
    call_ok(mio_udp_socket_connect(&f.socket, &second_addr));
    call_counts(mio_udp_socket_send(&f.socket, "two", 3), 3);
    raw_read(f.peer, buffer, 3);
    ck_assert_mem_eq(buffer, "one", 3);
    raw_read(second, buffer, 3);
    ck_assert_mem_eq(buffer, "two", 3);
    ck_assert_int_eq(recv(f.peer, buffer, sizeof buffer, MSG_DONTWAIT), -1);
    close_fd(second);
    close_fixture(&f);
}
END_TEST

START_TEST(reconnect_while_receiving_events_continue_and_only_the_peer_is_heard)
{
    fixture f = open_fixture(_i);
    mio_addr any = loopback_v4();
    mio_addr second_addr;
    int second = raw_udp(&any, &second_addr);
    stay_on_one_cpu();
    call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
    watch(&f, MIO_READABLE);
    for (int i = 0; i < 4; i++) {
        bool first_is_peer = i % 2 == 0;
        int peer = first_is_peer ? f.peer : second;
        int stranger = first_is_peer ? second : f.peer;
        raw_send_to(stranger, "stranger", 8, &f.addr);
        raw_send_to(peer, "peer", 4, &f.addr);
        expect_events(f.poll, {SUBJECT, MIO_READABLE});
        expect_recv_from(&f, "peer", first_is_peer ? &f.peer_addr : &second_addr);
        expect_nothing(&f);
        call_ok(mio_udp_socket_connect(&f.socket, first_is_peer ? &second_addr : &f.peer_addr));
    }
    close_fd(second);
    close_fixture(&f);
}
END_TEST

START_TEST(connected_receiver_drops_datagrams_from_a_third_socket)
{
    fixture f = open_fixture(_i);
    mio_addr any = loopback_v4();
    int third = raw_udp(&any, NULL);
    stay_on_one_cpu();
    call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
    watch(&f, MIO_READABLE);
    raw_send_to(third, "stranger", 8, &f.addr);
    expect_no_events(f.poll);
    /* The peer sends after `third`, but only the datagram of the peer arrives. So the kernel has dropped the datagram
     * of `third`. */
    raw_send(&f, "peer");
    expect_events(f.poll, {SUBJECT, MIO_READABLE});
    expect_recv_from(&f, "peer", &f.peer_addr);
    expect_nothing(&f);
    expect_no_events(f.poll);
    close_fd(third);
    close_fixture(&f);
}
END_TEST

START_TEST(dissolved_socket_is_still_reported)
{
    fixture f = open_fixture(_i);
    mio_addr any = loopback_v4();
    int third = raw_udp(&any, NULL);
    watch(&f, MIO_READABLE);
    call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
    call_ok(mio_udp_socket_connect(&f.socket, NULL));
    raw_send_to(third, "anyone", 6, &f.addr);
    expect_events(f.poll, {SUBJECT, MIO_READABLE});
    expect_recv(&f, "anyone");
    close_fd(third);
    close_fixture(&f);
}
END_TEST

/* ---- ICMP errors ------------------------------------------------------------------------------------------------ */

static const uint32_t interests[] = {
    0, MIO_READABLE, MIO_WRITABLE, MIO_READABLE | MIO_WRITABLE, MIO_CLOSED, MIO_LEVEL, MIO_READABLE | MIO_LEVEL,
};
enum { INTERESTS = sizeof interests / sizeof interests[0] };

/*
 * Opens a fixture with a peer that accepts no datagram of the fixture's socket, because the peer is connected to
 * another address. So every datagram that the socket sends causes an ICMP error. Connects the socket to the peer,
 * registers the socket, and sends a datagram.
 */
static fixture open_refused(int variant, uint32_t interest)
{
    fixture f = open_fixture(variant);
    close_fd(f.peer);
    f.peer = raw_refusing_udp(&f.peer_addr);
    call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
    watch(&f, interest);
    if ((interest & MIO_WRITABLE) != 0) {
        expect_events(f.poll, {SUBJECT, MIO_WRITABLE});
    }
    call_counts(mio_udp_socket_send(&f.socket, "refused", 7), 7);
    return f;
}

/*
 * Waits for the event of the ICMP error. With a level-triggered registration, earlier events can report that the socket
 * is writable. The function skips these events.
 */
static void expect_error_event(fixture *f)
{
    mio_event event;
    do {
        event = wait_for_event(f->poll, SUBJECT);
    } while (!mio_event_is_error(&event));
    ck_assert(mio_event_is_readable(&event));
    ck_assert(mio_event_is_writable(&event));
}

START_TEST(icmp_error_on_a_connected_socket_is_readable_writable_and_error)
{
    for (size_t i = 0; i < INTERESTS; i++) {
        fixture f = open_refused(_i, interests[i]);
        expect_error_event(&f);
        assert_pending(mio_udp_socket_take_error, &f.socket, -ECONNREFUSED);
        assert_pending(mio_udp_socket_take_error, &f.socket, 0);
        close_fixture(&f);
    }
}
END_TEST

/* Fetches the pending error of the socket, with the function of mio that `way` selects. Returns this error. */
static int64_t meet_error(fixture *f, int way)
{
    char buffer[8];
    mio_addr from;
    int error = 0;
    switch (way) {
    case 0:
        call_ok(mio_udp_socket_take_error(&f->socket, &error));
        return error;
    case 1:
        return kept(mio_udp_socket_recv(&f->socket, buffer, sizeof buffer, NULL));
    case 2:
        return kept(mio_udp_socket_recv_from(&f->socket, buffer, sizeof buffer, &from, NULL));
    case 3:
        return kept(mio_udp_socket_peek(&f->socket, buffer, sizeof buffer, NULL));
    case 4:
        return kept(mio_udp_socket_peek_from(&f->socket, buffer, sizeof buffer, &from, NULL));
    default:
        return kept(mio_udp_socket_send(&f->socket, "x", 1));
    }
}

START_TEST(socket_survives_an_icmp_error_and_the_next_datagram_is_reported)
{
    for (int way = 0; way <= 5; way++) {
        fixture f = open_refused(_i, MIO_READABLE);
        expect_error_event(&f);
        ck_assert_errno(meet_error(&f, way), -ECONNREFUSED);
        expect_nothing(&f);
        for (int i = 0; i < 2; i++) { /* the first datagram and the second must each cause an event */
            raw_point(f.peer, &f.addr);
            raw_write(f.peer, "alive", 5);
            expect_events(f.poll, {SUBJECT, MIO_READABLE});
            expect_recv(&f, "alive");
            expect_nothing(&f);
        }
        call_counts(mio_udp_socket_send(&f.socket, "heard", 5), 5);
        char buffer[8];
        raw_read(f.peer, buffer, 5);
        ck_assert_mem_eq(buffer, "heard", 5);
        close_fixture(&f);
    }
}
END_TEST

START_TEST(each_icmp_error_is_reported)
{
    fixture f = open_refused(_i, MIO_READABLE);
    for (int i = 0; i < 5; i++) {
        char byte;
        expect_error_event(&f);
        call_fails(mio_udp_socket_recv(&f.socket, &byte, 1, NULL), ECONNREFUSED);
        expect_nothing(&f);
        call_counts(mio_udp_socket_send(&f.socket, "refused", 7), 7);
    }
    close_fixture(&f);
}
END_TEST

START_TEST(an_unconnected_socket_hears_of_no_refusal)
{
    fixture f = open_fixture(_i);
    mio_addr addr;
    int refusing = raw_refusing_udp(&addr);
    watch(&f, MIO_READABLE);
    call_counts(mio_udp_socket_send_to(&f.socket, "refused", 7, &addr), 7);
    expect_no_events(f.poll);
    assert_pending(mio_udp_socket_take_error, &f.socket, 0);
    close_fd(refusing);
    close_fixture(&f);
}
END_TEST

START_TEST(shut_down_socket_is_hung_up_readable_and_writable)
{
    for (size_t i = 0; i < INTERESTS; i++) {
        fixture f = open_fixture(_i);
        call_ok(mio_udp_socket_connect(&f.socket, &f.peer_addr));
        ck_assert_int_eq(shutdown(mio_udp_socket_handle(&f.socket), SHUT_RDWR), 0);
        watch(&f, interests[i]);
        expect_events(f.poll, {SUBJECT, MIO_READABLE | MIO_WRITABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED});
        close_fixture(&f);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_readiness");
    TCase *interest = add_tcase(suite, "interests and edges");
    tcase_add_backend_test(interest, idle_socket_gives_no_event);
    tcase_add_backend_test(interest, writable_only_hides_input_reregister_to_readable_with_new_token_reports_it);
    tcase_add_backend_test(interest, no_event_after_deregister_data_still_receivable);
    tcase_add_backend_test(interest, edge_recv_would_block_new_datagram_new_event_with_recv);
    tcase_add_backend_test(interest, edge_recv_would_block_new_datagram_new_event_with_recv_from);
    tcase_add_backend_test(interest, edge_peek_would_block_new_datagram_new_event);
    TCase *connected = add_tcase(suite, "connected sockets");
    tcase_add_backend_test(connected, reconnect_while_sending_next_datagram_goes_to_the_new_peer);
    tcase_add_backend_test(connected, reconnect_while_receiving_events_continue_and_only_the_peer_is_heard);
    tcase_add_backend_test(connected, connected_receiver_drops_datagrams_from_a_third_socket);
    tcase_add_backend_test(connected, dissolved_socket_is_still_reported);
    TCase *icmp = add_tcase(suite, "ICMP errors");
    tcase_add_backend_test(icmp, icmp_error_on_a_connected_socket_is_readable_writable_and_error);
    tcase_add_backend_test(icmp, socket_survives_an_icmp_error_and_the_next_datagram_is_reported);
    tcase_add_backend_test(icmp, each_icmp_error_is_reported);
    tcase_add_backend_test(icmp, an_unconnected_socket_hears_of_no_refusal);
    tcase_add_backend_test(icmp, shut_down_socket_is_hung_up_readable_and_writable);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
