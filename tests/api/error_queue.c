/* SPDX-License-Identifier: MIT */
/*
 * Tests the error queue of UDP sockets. The queue contains ICMP errors, local errors, completions of zero-copy
 * sends, and timestamps of sends. The tests also check the events of the queue.
 */
#include "../helpers/sockets.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/ioctl.h>

/* MAPPED: an IPv6 socket that sends to IPv4-mapped addresses. */
enum family { V4, V6, MAPPED, FAMILIES };

/* A UDP socket with an error queue, and a local port that answers every datagram with an ICMP error. */
typedef struct fixture {
    mio_udp_socket socket;
    mio_addr target; /* the address of the port, as the kernel reports it */
    int holder;      /* reserves the port */
    enum family family;
} fixture;

static void open_fixture(fixture *f, enum family family)
{
    mio_addr any = family == V4 ? loopback_v4() : ipv6("::", 0);
    f->family = family;
    call_ok(mio_udp_socket_bind(&f->socket, &any));
    call_ok(mio_source_set_option(&f->socket.source, MIO_OPTION_RECEIVE_ERRORS, 1));
    if (family == V6) {
        mio_addr elsewhere = ipv6("::1", 9);
        any = loopback_v6();
        f->holder = raw_udp(&any, &f->target);
        raw_point(f->holder, &elsewhere);
    } else {
        f->holder = raw_refusing_udp(&f->target);
        if (family == MAPPED) {
            f->target = ipv6("::ffff:127.0.0.1", (uint16_t)mio_addr_port(&f->target));
        }
    }
}

static void close_fixture(fixture *f)
{
    mio_udp_socket_close(&f->socket);
    close_fd(f->holder);
}

/* Sends a datagram to `target`, which refuses datagrams, and waits for the ICMP error. */
static void be_refused(fixture *f, const char *text)
{
    call_counts(mio_udp_socket_send_to(&f->socket, text, strlen(text), &f->target), strlen(text));
    wait_handle(mio_udp_socket_handle(&f->socket), POLLERR);
}

static void expect_queue_empty(fixture *f)
{
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    call_fails_keeping(&error, mio_udp_socket_recv_error(&f->socket, &error), EAGAIN);
}

/* ---- ICMP ------------------------------------------------------------------------------------------------------- */

static void refused_by(enum family family)
{
    fixture f;
    char first[2] = "..";
    char second[8] = "........";
    const mio_iovec pieces[2] = {{first, 2}, {second, 8}};
    mio_addr offender = unix_addr();
    mio_addr destination = unix_addr();
    mio_queued_error error = {.size = sizeof error,
                              .flags = 99,
                              .pieces = pieces,
                              .piece_count = 2,
                              .length = 99,
                              .offender = &offender,
                              .destination = &destination};
    open_fixture(&f, family);
    be_refused(&f, "hello");
    call_counts(mio_udp_socket_recv_error(&f.socket, &error), 5);
    ck_assert_int_eq(error.error, -ECONNREFUSED);
    ck_assert_uint_eq(error.origin, family == V6 ? MIO_ORIGIN_ICMP6 : MIO_ORIGIN_ICMP);
    ck_assert_uint_eq(error.type, family == V6 ? 1 : ICMP_UNREACH);      /* RFC 4443, RFC 792 */
    ck_assert_uint_eq(error.code, family == V6 ? 4 : ICMP_UNREACH_PORT); /* RFC 4443, RFC 792 */
    ck_assert_uint_eq(error.info, 0);
    ck_assert_uint_eq(error.data, 0);
    ck_assert_uint_eq(error.flags, 0);
    ck_assert_uint_eq(error.length, 5);
    ck_assert_mem_eq(first, "he", 2);
    ck_assert_mem_eq(second, "llo.....", 8);
    assert_addr_eq(&destination, &f.target);
    mio_addr answering = with_port(f.target, 0);
    assert_addr_eq(&offender, &answering);
    expect_queue_empty(&f);
    assert_pending(mio_udp_socket_take_error, &f.socket, 0); /* recv_error has also cleared the pending error */
    close_fixture(&f);
}

START_TEST(refused_datagram_comes_back_with_who_refused_it)
{
    for (int family = V4; family < FAMILIES; family++) {
        if (family != V4 && !have_ipv6()) {
            skip("the IPv6 part: no IPv6");
            return;
        }
        refused_by((enum family)family);
    }
}
END_TEST

START_TEST(errors_queue_in_order_and_only_what_is_wanted_is_stored)
{
    fixture f;
    char bytes[3] = "...";
    const mio_iovec piece = {bytes, 2};
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    open_fixture(&f, V4);
    be_refused(&f, "1");
    call_ok(mio_source_set_option(&f.socket.source, MIO_OPTION_RECEIVE_TTL, 1));
    call_fails(mio_udp_socket_send_to(&f.socket, "2", 1, &f.target), ECONNREFUSED); /* the error of datagram 1 */
    be_refused(&f, "22");
    call_fails(mio_udp_socket_recv(&f.socket, bytes, 1, NULL), ECONNREFUSED);
    be_refused(&f, "333");
    call_counts(mio_udp_socket_recv_error(&f.socket, &error), 0); /* there is no buffer for the bytes of the datagram */
    ck_assert_uint_eq(error.flags, MIO_MESSAGE_TRUNCATED);
    error.pieces = &piece;
    error.piece_count = 1;
    call_counts(mio_udp_socket_recv_error(&f.socket, &error), 2);
    ck_assert_uint_eq(error.flags, 0);
    ck_assert_mem_eq(bytes, "22.", 3);
    call_counts(mio_udp_socket_recv_error(&f.socket, &error), 2);
    ck_assert_uint_eq(error.flags, MIO_MESSAGE_TRUNCATED);
    ck_assert_uint_eq(error.length, 2);
    ck_assert_mem_eq(bytes, "33.", 3);
    expect_queue_empty(&f);
    close_fixture(&f);
}
END_TEST

START_TEST(without_the_option_nothing_queues)
{
    fixture f;
    open_fixture(&f, V4);
    call_ok(mio_source_set_option(&f.socket.source, MIO_OPTION_RECEIVE_ERRORS, 0));
    call_ok(mio_udp_socket_connect(&f.socket, &f.target));
    call_counts(mio_udp_socket_send(&f.socket, "x", 1), 1);
    wait_handle(mio_udp_socket_handle(&f.socket), POLLERR);
    expect_queue_empty(&f);
    assert_pending(mio_udp_socket_take_error, &f.socket, -ECONNREFUSED);
    close_fixture(&f);
}
END_TEST

/* ---- other origins ---------------------------------------------------------------------------------------------- */

/*
 * In a new network namespace, sets the MTU of the loopback interface to 1500. Then sends a longer datagram, and reads
 * the error.
 */
static int send_too_much(void *context)
{
    enum { DONT_FRAGMENT = IP_PMTUDISC_DO };
    static char bytes[2000];
    mio_udp_socket socket;
    mio_addr any = loopback_v4();
    mio_addr offender = any;
    mio_addr destination;
    mio_addr target = with_port(any, 9);
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    struct ifreq request = {.ifr_name = "lo", .ifr_mtu = 1500};
    int value = DONT_FRAGMENT;
    (void)context;
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    require(mio_udp_socket_bind(&socket, &any) == 0);
    int fd = mio_udp_socket_handle(&socket);
    if (ioctl(fd, SIOCSIFMTU, &request) != 0) {
        return SKIPPED;
    }
    require(setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, sizeof value) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_RECEIVE_ERRORS, 1) == 0);
    require(mio_udp_socket_send_to(&socket, bytes, sizeof bytes, &target) == -EMSGSIZE);
    error.offender = &offender;
    error.destination = &destination;
    require(mio_udp_socket_recv_error(&socket, &error) == 0);
    require(error.error == -EMSGSIZE && error.origin == MIO_ORIGIN_LOCAL && error.info == 1500);
    require(mio_addr_family(&offender) == MIO_ADDR_NONE);
    target = any; /* the queued error of an unconnected socket has no port */
    require(mio_addr_compare(&destination, &target) == 0);
    return 0;
}

START_TEST(what_is_too_long_for_the_interface_is_a_local_error)
{
    if (run_apart(send_too_much, NULL) == SKIPPED) {
        skip("no network of its own");
    }
}
END_TEST

static void expect_all_zero(const mio_addr *addr)
{
    static const unsigned char zero[sizeof *addr];
    ck_assert_mem_eq(addr, zero, sizeof zero);
}

/* The test sends with MSG_ZEROCOPY by system calls, and reads the completions with mio. */
START_TEST(zero_copy_sends_tell_when_the_memory_is_free)
{
    enum { SENDS = 3 };
    static char bytes[1000];
    mio_udp_socket left;
    mio_udp_socket right;
    int on = 1;
    uint32_t next = 0;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&left);
    if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on) != 0) {
        skip("no zero-copy sends of datagrams");
    } else {
        for (int i = 0; i < SENDS; i++) {
            ck_assert_int_eq(send(fd, bytes, sizeof bytes, MSG_ZEROCOPY), sizeof bytes);
            call_counts(mio_udp_socket_recv(&right, bytes, sizeof bytes, NULL), sizeof bytes);
        }
        while (next < SENDS) {
            mio_addr offender = loopback_v4();
            mio_addr destination = loopback_v4();
            mio_queued_error error = MIO_QUEUED_ERROR_INIT;
            error.offender = &offender;
            error.destination = &destination;
            wait_handle(fd, POLLERR);
            call_counts(mio_udp_socket_recv_error(&left, &error), 0);
            ck_assert_int_eq(error.error, 0);
            ck_assert_uint_eq(error.origin, MIO_ORIGIN_ZEROCOPY);
            ck_assert_uint_eq(error.info, next);
            ck_assert_uint_ge(error.data, next);
            expect_all_zero(&offender);
            expect_all_zero(&destination);
            next = error.data + 1;
        }
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/* ---- errors ----------------------------------------------------------------------------------------------------- */

START_TEST(a_timestamp_is_not_an_error)
{
    mio_udp_socket left;
    mio_udp_socket right;
    int wanted = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                 SOF_TIMESTAMPING_OPT_TSONLY;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&left);
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &wanted, sizeof wanted) != 0) {
        skip("no timestamps of datagrams");
    } else {
        for (uint32_t i = 0; i < 2; i++) {
            mio_queued_error error = MIO_QUEUED_ERROR_INIT;
            call_counts(mio_udp_socket_send(&left, "x", 1), 1);
            wait_handle(fd, POLLERR);
            call_counts(mio_udp_socket_recv_error(&left, &error), 0);
            ck_assert_int_eq(error.error, 0);
            ck_assert_uint_eq(error.origin, MIO_ORIGIN_TIMESTAMP);
            ck_assert_uint_eq(error.info, SCM_TSTAMP_SND);
            ck_assert_uint_eq(error.data, i);
        }
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(queue_null_sizes_and_closed)
{
    fixture f;
    mio_udp_socket closed;
    struct {
        mio_queued_error known;
        uintptr_t later;
    } longer = {MIO_QUEUED_ERROR_INIT, 0};
    mio_queued_error *error = &longer.known;
    static mio_iovec pieces[1025];
    memset(&closed, 0, sizeof closed);
    open_fixture(&f, V4);
    be_refused(&f, "abc");
    call_fails(mio_udp_socket_recv_error(NULL, error), EINVAL);
    call_fails(mio_udp_socket_recv_error(&f.socket, NULL), EINVAL);
    call_fails_keeping(error, mio_udp_socket_recv_error(&closed, error), EBADF);
    for (uint32_t size = 0; size < sizeof *error; size++) {
        error->size = size;
        call_fails_keeping(error, mio_udp_socket_recv_error(&f.socket, error), EINVAL);
    }
    error->size = sizeof *error;
    error->piece_count = 1;
    call_fails_keeping(error, mio_udp_socket_recv_error(&f.socket, error), EINVAL);
    error->pieces = pieces;
    error->piece_count = 1025;
    call_fails_keeping(error, mio_udp_socket_recv_error(&f.socket, error), EMSGSIZE);
    error->piece_count = 0;
    error->size = sizeof longer;
    longer.later = 1;
    call_fails_keeping(error, mio_udp_socket_recv_error(&f.socket, error), E2BIG);
    longer.later = 0;
    call_counts(mio_udp_socket_recv_error(&f.socket, error), 0); /* the failed call has not removed the error */
    ck_assert_uint_eq(error->size, sizeof longer);
    ck_assert_int_eq(error->error, -ECONNREFUSED);

    close_fixture(&f);
}
END_TEST

START_TEST(an_efault_loses_the_error)
{
    fixture f;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    mio_iovec piece = {bad_memory(), 3};
    if (under_valgrind()) {
        skip("valgrind reports what this does on purpose");
        return;
    }
    error.pieces = &piece;
    error.piece_count = 1;
    open_fixture(&f, V4);
    be_refused(&f, "abc");
    call_fails_keeping(&error, mio_udp_socket_recv_error(&f.socket, &error), EFAULT);
    expect_queue_empty(&f);
    close_fixture(&f);
}
END_TEST

/* ---- readiness -------------------------------------------------------------------------------------------------- */

/* A queued error causes an event whatever the interest is, even an empty interest. */
START_TEST(queued_error_is_an_event_with_error_and_so_is_the_next_one)
{
    static const uint32_t interests[] = {MIO_READABLE, MIO_READABLE | MIO_WRITABLE, 0};
    for (size_t i = 0; i < sizeof interests / sizeof interests[0]; i++) {
        mio_poll *poll = open_poll(_i);
        fixture f;
        mio_event events[4];
        open_fixture(&f, V4);
        call_ok(mio_registry_register(mio_poll_registry(poll), &f.socket.source, 1, interests[i]));
        (void)wait_events(poll, events, 4, 0); /* drops the event that reports the socket as writable */
        for (int round = 0; round < 3; round++) {
            mio_queued_error error = MIO_QUEUED_ERROR_INIT;
            call_counts(mio_udp_socket_send_to(&f.socket, "x", 1, &f.target), 1);
            expect_events(poll, {1, MIO_ERROR | MIO_READABLE | MIO_WRITABLE});
            call_counts(mio_udp_socket_recv_error(&f.socket, &error), 0);
            expect_queue_empty(&f);
            int count = wait_events(poll, events, 4, MS(20));
            for (int e = 0; e < count; e++) {
                ck_assert_uint_eq(events[e].readiness & MIO_ERROR, 0); /* the event reports no error */
            }
        }
        close_fixture(&f);
        mio_poll_free(poll);
    }
}
END_TEST

/*
 * The event of an error includes MIO_READABLE. After the test has read all errors, a new datagram must still cause an
 * event.
 */
START_TEST(datagram_after_an_error_is_an_event)
{
    mio_poll *poll = open_poll(_i);
    mio_addr any = loopback_v4();
    mio_addr own;
    fixture f;
    open_fixture(&f, V4);
    int sender = raw_udp(&any, NULL);
    call_ok(mio_udp_socket_local_addr(&f.socket, &own));
    call_ok(mio_registry_register(mio_poll_registry(poll), &f.socket.source, 1, MIO_READABLE));
    for (int round = 0; round < 3; round++) {
        mio_queued_error error = MIO_QUEUED_ERROR_INIT;
        char byte;
        call_counts(mio_udp_socket_send_to(&f.socket, "x", 1, &f.target), 1);
        raw_send_to(sender, "y", 1, &own);
        expect_events(poll, {1, MIO_ERROR}, {1, MIO_READABLE});
        while (kept(mio_udp_socket_recv_error(&f.socket, &error)) >= 0) {}
        raw_send_to(sender, "z", 1, &own);
        expect_events(poll, {1, MIO_READABLE});
        while (kept(mio_udp_socket_recv(&f.socket, &byte, 1, NULL)) >= 0) {}
    }
    close_fd(sender);
    close_fixture(&f);
    mio_poll_free(poll);
}
END_TEST

START_TEST(queued_error_that_is_not_taken_stays)
{
    mio_poll *poll = open_poll(_i);
    fixture f;
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    open_fixture(&f, V4);
    be_refused(&f, "x");
    call_ok(mio_registry_register(mio_poll_registry(poll), &f.socket.source, 1, MIO_READABLE | MIO_LEVEL));
    expect_events(poll, {1, MIO_ERROR | MIO_READABLE | MIO_WRITABLE});
    assert_pending(mio_udp_socket_take_error, &f.socket, -ECONNREFUSED); /* the queue is unchanged */
    expect_events(poll, {1, MIO_ERROR | MIO_READABLE | MIO_WRITABLE});
    call_counts(mio_udp_socket_recv_error(&f.socket, &error), 0);
    expect_no_events(poll);
    close_fixture(&f);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("error_queue");
    TCase *icmp = add_tcase(suite, "ICMP");
    tcase_add_test(icmp, refused_datagram_comes_back_with_who_refused_it);
    tcase_add_test(icmp, errors_queue_in_order_and_only_what_is_wanted_is_stored);
    tcase_add_test(icmp, without_the_option_nothing_queues);
    TCase *others = add_tcase(suite, "other origins");
    tcase_add_test(others, what_is_too_long_for_the_interface_is_a_local_error);
    tcase_add_test(others, zero_copy_sends_tell_when_the_memory_is_free);
    tcase_add_test(others, a_timestamp_is_not_an_error);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, queue_null_sizes_and_closed);
    tcase_add_test(errors, an_efault_loses_the_error);
    TCase *readiness = add_tcase(suite, "readiness");
    tcase_add_backend_test(readiness, queued_error_is_an_event_with_error_and_so_is_the_next_one);
    tcase_add_backend_test(readiness, datagram_after_an_error_is_an_event);
    tcase_add_backend_test(readiness, queued_error_that_is_not_taken_stays);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
