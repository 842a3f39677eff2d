/* SPDX-License-Identifier: MIT */
/*
 * Tests the ancillary data of UDP datagrams. The tests set, send and receive each kind over the loopback interface.
 * ancillary.c tests invalid ancillary data in memory.
 */
#include "../helpers/sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <time.h>

/*
 * A receiver that is bound to all addresses, and a sender. Each test sets one option of the receiver. MAPPED: the
 * receiver is an IPv6 socket, and the datagrams are IPv4.
 */
enum family { V4, V6, MAPPED, FAMILIES };

typedef struct fixture {
    mio_udp_socket receiver;
    mio_udp_socket sender;
    mio_addr target; /* the receiver's address, to which the sender sends */
    mio_addr loopback;
    enum family family;
} fixture;

static fixture open_fixture(enum family family)
{
    fixture f = {.family = family, .loopback = family == V6 ? loopback_v6() : loopback_v4()};
    mio_addr any = family == V4 ? ipv4(0, 0, 0, 0, 0) : ipv6("::", 0);
    call_ok(mio_udp_socket_bind(&f.receiver, &any));
    call_ok(mio_udp_socket_bind(&f.sender, &f.loopback));
    call_ok(mio_udp_socket_local_addr(&f.receiver, &any));
    f.target = with_port(f.loopback, mio_addr_port(&any));
    return f;
}

static void close_fixture(fixture *f)
{
    mio_udp_socket_close(&f->receiver);
    mio_udp_socket_close(&f->sender);
}

/* Calls `test` once for each family that this machine supports. */
static void for_families(void (*test)(fixture *f))
{
    for (int family = V4; family < FAMILIES; family++) {
        if (family != V4 && !have_ipv6()) {
            skip("the IPv6 part: no IPv6");
            return;
        }
        fixture f = open_fixture((enum family)family);
        test(&f);
        close_fixture(&f);
    }
}

static void turn_on(fixture *f, int option)
{
    int64_t value = 77;
    call_ok(mio_source_set_option(&f->receiver.source, option, 1));
    call_ok(mio_source_option(&f->receiver.source, option, &value));
    ck_assert_int_eq(value, 1);
}

/* Sends a datagram. If `ancillary` is not null, the datagram carries this ancillary data. */
static int64_t send_with(fixture *f, mio_ancillary *ancillary)
{
    const mio_iovec piece = {(void *)(uintptr_t) "abc", 3};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.pieces = &piece;
    message.piece_count = 1;
    message.addr = &f->target;
    message.ancillary = ancillary;
    return kept(mio_udp_socket_send_message(&f->sender, &message));
}

/* Receives a whole datagram and its ancillary data. Returns the sender's address. */
static mio_addr receive_with(fixture *f, mio_ancillary *ancillary)
{
    char bytes[4] = "....";
    const mio_iovec piece = {bytes, 4};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    mio_addr sender = no_addr();
    message.pieces = &piece;
    message.piece_count = 1;
    message.addr = &sender;
    message.ancillary = ancillary;
    message.flags = 99;
    scribble(ancillary, sizeof *ancillary); /* receiving must ignore this garbage */
    wait_handle(mio_udp_socket_handle(&f->receiver), POLLIN);
    call_counts(mio_udp_socket_recv_message(&f->receiver, &message), 3);
    ck_assert_uint_eq(message.flags, 0);
    ck_assert_uint_eq(message.length, 3);
    ck_assert_mem_eq(bytes, "abc.", 4);
    return sender;
}

/* Returns the IPv4 address `addr` in the form that the receiver reports. If the family of the fixture is MAPPED, this
 * form is an IPv4-mapped IPv6 address. */
static mio_addr as_received(const fixture *f, mio_addr addr)
{
    uint8_t ip[16] = {0};
    uint8_t mapped_ip[16] = {[10] = 0xff, [11] = 0xff};
    mio_addr mapped = addr;
    if (f->family == MAPPED) {
        call_counts(mio_addr_ip(&addr, ip), 4);
        memcpy(mapped_ip + 12, ip, 4);
        call_ok(mio_addr_from_ipv6(&mapped, mapped_ip, (uint16_t)mio_addr_port(&addr), 0, 0));
    }
    return mapped;
}

/* Checks that `ancillary` contains no data. */
static void expect_no_data(const mio_ancillary *ancillary)
{
    mio_addr addr = ipv4(1, 2, 3, 4, 5);
    uint32_t number = 77;
    int64_t time_ns = 77;
    call_fails_keeping(&addr, mio_ancillary_destination(ancillary, &addr, &number), ENODATA);
    call_fails_keeping(&addr, mio_ancillary_original_destination(ancillary, &addr), ENODATA);
    call_fails(mio_ancillary_tos(ancillary), ENODATA);
    call_fails(mio_ancillary_ttl(ancillary), ENODATA);
    call_fails_keeping(&time_ns, mio_ancillary_timestamp(ancillary, &time_ns), ENODATA);
    call_fails_keeping(&number, mio_ancillary_drops(ancillary, &number), ENODATA);
    call_fails(mio_ancillary_segment_size(ancillary), ENODATA);
    ck_assert_uint_eq(number, 77);
}

/* ---- receiving -------------------------------------------------------------------------------------------------- */

static void nothing_comes(fixture *f)
{
    mio_ancillary ancillary;
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    expect_no_data(&ancillary);
}

START_TEST(nothing_comes_that_was_not_asked_for)
{
    for_families(nothing_comes);
}
END_TEST

static void destination_comes(fixture *f)
{
    mio_ancillary ancillary;
    mio_addr addr;
    uint32_t index = 0;
    turn_on(f, MIO_OPTION_RECEIVE_DESTINATION);
    if (f->family != V6) {
        f->target = ipv4(127, 0, 0, 2, (uint16_t)mio_addr_port(&f->target));
    }
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    call_ok(mio_ancillary_destination(&ancillary, &addr, &index));
    mio_addr wanted = as_received(f, with_port(f->target, 0));
    assert_addr_eq(&addr, &wanted);
    ck_assert_uint_eq(index, loopback_index());
    call_ok(mio_ancillary_destination(&ancillary, NULL, NULL));
    call_fails(mio_ancillary_tos(&ancillary), ENODATA);
}

START_TEST(destination_tells_address_and_interface)
{
    for_families(destination_comes);
}
END_TEST

#ifdef __linux__
static void destination_comes_late(fixture *f)
{
    mio_ancillary ancillary;
    mio_addr addr;
    uint32_t index = 77;
    call_counts(send_with(f, NULL), 3);
    turn_on(f, MIO_OPTION_RECEIVE_DESTINATION);
    receive_with(f, &ancillary);
    call_ok(mio_ancillary_destination(&ancillary, &addr, &index));
    mio_addr wanted = as_received(f, with_port(f->target, 0));
    assert_addr_eq(&addr, &wanted);
    ck_assert_uint_eq(index, f->family == V6 ? loopback_index() : 0);
}

/*
 * The program sets the option after the datagram has arrived. In this case, Linux no longer knows the interface of an
 * IPv4 datagram.
 */
START_TEST(destination_of_a_datagram_before_the_option)
{
    for_families(destination_comes_late);
}
END_TEST
#endif

static void tos_comes(fixture *f)
{
    static const int values[] = {0, 0xb8 | MIO_ECN_ECT_0, 0x20 | MIO_ECN_CE, MIO_ECN_ECT_1, 255};
    turn_on(f, MIO_OPTION_RECEIVE_TOS);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        mio_ancillary ancillary = {{0}};
        call_ok(mio_ancillary_set_tos(&ancillary, values[i]));
        /* mio_ancillary_tos only reads received data. `ancillary` has data to send. */
        call_fails(mio_ancillary_tos(&ancillary), ENODATA);
        call_counts(send_with(f, &ancillary), 3);
        receive_with(f, &ancillary);
        ck_assert_int_eq(mio_ancillary_tos(&ancillary), values[i]);
        call_fails(mio_ancillary_ttl(&ancillary), ENODATA);
    }
}

START_TEST(tos_is_sent_and_received)
{
    for_families(tos_comes);
}
END_TEST

static void ttl_comes(fixture *f)
{
    static const int values[] = {1, 33, 255};
    turn_on(f, MIO_OPTION_RECEIVE_TTL);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        mio_ancillary ancillary = {{0}};
        call_ok(mio_ancillary_set_ttl(&ancillary, values[i]));
        call_counts(send_with(f, &ancillary), 3);
        receive_with(f, &ancillary);
        ck_assert_int_eq(mio_ancillary_ttl(&ancillary), values[i]);
        call_fails(mio_ancillary_tos(&ancillary), ENODATA);
    }
}

START_TEST(ttl_is_sent_and_received)
{
    for_families(ttl_comes);
}
END_TEST

static void ttl_of_the_socket_comes(fixture *f)
{
    mio_ancillary ancillary;
    turn_on(f, MIO_OPTION_RECEIVE_TTL);
    if (f->family == V4) call_ok(mio_source_set_option(&f->sender.source, MIO_OPTION_TTL, 33));
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    const int ttl = mio_ancillary_ttl(&ancillary);
    ck_assert_int_ge(ttl, 1);
    ck_assert_int_le(ttl, 255);
    if (f->family == V4) ck_assert_int_eq(ttl, 33);
}

START_TEST(ttl_of_the_sending_socket_is_received)
{
    for_families(ttl_of_the_socket_comes);
}
END_TEST

static int64_t system_clock_ns(void)
{
    struct timespec now;
    ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
    return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void timestamp_comes(fixture *f)
{
    mio_ancillary ancillary;
    int64_t time_ns = 0;
    turn_on(f, MIO_OPTION_RECEIVE_TIMESTAMP);
    int64_t before = system_clock_ns();
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    int64_t after = system_clock_ns();
    call_ok(mio_ancillary_timestamp(&ancillary, &time_ns));
    ck_assert_int_ge(time_ns, before);
    ck_assert_int_le(time_ns, after);
}

START_TEST(timestamp_lies_between_sending_and_receiving)
{
    for_families(timestamp_comes);
}
END_TEST

static void original_destination_comes(fixture *f)
{
    mio_ancillary ancillary;
    mio_addr addr;
    turn_on(f, MIO_OPTION_RECEIVE_ORIGINAL_DESTINATION);
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    call_ok(mio_ancillary_original_destination(&ancillary, &addr));
    assert_addr_eq(&addr, &f->target); /* for an IPv4 datagram, Linux reports an IPv4 address, even on an IPv6 socket */
}

START_TEST(original_destination_tells_address_and_port)
{
    for_families(original_destination_comes);
}
END_TEST

/* Checks that the next datagram reports how many datagrams the kernel has dropped. */
static void drops_come(fixture *f)
{
    mio_ancillary ancillary;
    uint32_t drops = 0;
    uint32_t sent = 0;
    uint32_t received = 0;
    char bytes[4];
    turn_on(f, MIO_OPTION_RECEIVE_DROPS);
    raw_set_option(mio_udp_socket_handle(&f->receiver), SOL_SOCKET, SO_RCVBUF, 1);
    for (; sent < 1000; sent++) {
        call_counts(send_with(f, NULL), 3);
    }
    receive_with(f, &ancillary);
    call_fails(mio_ancillary_drops(&ancillary, &drops), ENODATA);
    for (received = 1; kept(mio_udp_socket_recv(&f->receiver, bytes, 4, NULL)) == 3; received++) {}
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    call_ok(mio_ancillary_drops(&ancillary, &drops));
    ck_assert_uint_eq(drops, sent - received);
}

START_TEST(drops_are_counted)
{
    for_families(drops_come);
}
END_TEST

static void everything_comes(fixture *f)
{
    mio_ancillary ancillary = {{0}};
    mio_addr addr;
    int64_t time_ns;
    for (int option = MIO_OPTION_RECEIVE_DESTINATION; option <= MIO_OPTION_RECEIVE_DROPS; option++) {
        turn_on(f, option);
    }
    call_ok(mio_ancillary_set_tos(&ancillary, 0x88));
    call_ok(mio_ancillary_set_ttl(&ancillary, 44));
    call_ok(mio_ancillary_set_source(&ancillary, &f->loopback, loopback_index()));
    call_counts(send_with(f, &ancillary), 3);
    receive_with(f, &ancillary);
    call_ok(mio_ancillary_destination(&ancillary, &addr, NULL));
    ck_assert_int_eq(mio_ancillary_tos(&ancillary), 0x88);
    ck_assert_int_eq(mio_ancillary_ttl(&ancillary), 44);
    call_ok(mio_ancillary_timestamp(&ancillary, &time_ns));
    call_ok(mio_ancillary_original_destination(&ancillary, &addr));
    mio_ancillary moved;
    memcpy(&moved, &ancillary, sizeof moved);
    ck_assert_int_eq(mio_ancillary_ttl(&moved), 44);
}

START_TEST(everything_at_once)
{
    for_families(everything_comes);
}
END_TEST

static void nothing_comes_any_more(fixture *f)
{
    mio_ancillary ancillary;
    for (int on = 1; on >= 0; on--) {
        for (int option = MIO_OPTION_RECEIVE_DESTINATION; option <= MIO_OPTION_RECEIVE_DROPS; option++) {
            call_ok(mio_source_set_option(&f->receiver.source, option, on));
        }
    }
    call_counts(send_with(f, NULL), 3);
    receive_with(f, &ancillary);
    expect_no_data(&ancillary);
}

START_TEST(what_was_turned_off_comes_no_more)
{
    for_families(nothing_comes_any_more);
}
END_TEST

/* ---- the source address ----------------------------------------------------------------------------------------- */

START_TEST(source_is_the_address_that_the_receiver_sees)
{
    fixture f = open_fixture(V4);
    mio_addr any = ipv4(0, 0, 0, 0, 0);
    mio_addr local;
    mio_udp_socket_close(&f.sender);
    call_ok(mio_udp_socket_bind(&f.sender, &any));
    call_ok(mio_udp_socket_local_addr(&f.sender, &local));
    uint16_t port = (uint16_t)mio_addr_port(&local);
    for (int last = 1; last < 4; last++) {
        mio_ancillary ancillary = {{0}};
        mio_addr source = ipv4(127, 0, 0, last, 9);
        call_ok(mio_ancillary_set_source(&ancillary, &source, last == 3 ? loopback_index() : 0));
        call_counts(send_with(&f, &ancillary), 3);
        mio_addr sender = receive_with(&f, &ancillary);
        mio_addr wanted = with_port(source, port);
        assert_addr_eq(&sender, &wanted);
    }
    close_fixture(&f);
}
END_TEST

static void interface_alone(fixture *f)
{
    mio_ancillary ancillary = {{0}};
    mio_addr local;
    mio_addr unspecified = f->family == V6 ? ipv6("::", 0) : ipv4(0, 0, 0, 0, 0);
    call_ok(mio_udp_socket_local_addr(&f->sender, &local));
    call_ok(mio_ancillary_set_source(&ancillary, &unspecified, loopback_index()));
    call_counts(send_with(f, &ancillary), 3);
    mio_addr sender = receive_with(f, &ancillary);
    mio_addr wanted = as_received(f, local);
    assert_addr_eq(&sender, &wanted);
    call_fails(send_with(f, &ancillary), EINVAL);
    mio_ancillary_clear(&ancillary);
    call_ok(mio_ancillary_set_source(&ancillary, &unspecified, INT32_MAX));
    int64_t rc = send_with(f, &ancillary);
    ck_assert_msg(rc == -ENODEV || rc == -EINVAL || rc == -ENETUNREACH, "%s", errno_name(rc));
}

START_TEST(interface_alone_and_one_that_does_not_exist)
{
    for_families(interface_alone);
}
END_TEST

START_TEST(source_of_another_machine_is_refused)
{
    fixture f = open_fixture(V4);
    mio_ancillary ancillary = {{0}};
    mio_addr foreign = foreign_v4();
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") != 0) {
        skip("ip_nonlocal_bind is set");
    } else {
        call_ok(mio_ancillary_set_source(&ancillary, &foreign, 0));
        int64_t rc = send_with(&f, &ancillary);
        ck_assert_msg(rc == -EADDRNOTAVAIL || rc == -EINVAL || rc == -ENETUNREACH, "%s", errno_name(rc));
    }
    close_fixture(&f);
}
END_TEST

/* A broadcast or multicast address cannot be the source address of a datagram. */
START_TEST(source_that_is_a_group_is_refused)
{
    const mio_addr groups[] = {ipv4(127, 255, 255, 255, 0), ipv4(255, 255, 255, 255, 0), ipv4(224, 0, 0, 1, 0)};
    fixture f = open_fixture(V4);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        mio_ancillary ancillary = {{0}};
        call_ok(mio_ancillary_set_source(&ancillary, &groups[i], 0));
        int64_t rc = send_with(&f, &ancillary);
        ck_assert_msg(rc == -EINVAL || rc == -ENETUNREACH, "%s", errno_name(rc));
        mio_ancillary_clear(&ancillary);
        call_counts(send_with(&f, &ancillary), 3);
    }
    close_fixture(&f);
}
END_TEST

static void of_the_other_family(fixture *f)
{
    mio_ancillary ancillary = {{0}};
    mio_addr other = f->family == V6 ? loopback_v4() : loopback_v6();
    call_ok(mio_ancillary_set_source(&ancillary, &other, 0));
    call_fails(send_with(f, &ancillary), EAFNOSUPPORT);
    call_ok(mio_ancillary_set_source(&ancillary, &f->loopback, 0)); /* replaces the first source */
    call_counts(send_with(f, &ancillary), 3);
    receive_with(f, &ancillary);
}

START_TEST(source_of_the_other_family_is_refused)
{
    for_families(of_the_other_family);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_ancillary");
    TCase *receiving = add_tcase(suite, "receiving");
    tcase_add_test(receiving, nothing_comes_that_was_not_asked_for);
    tcase_add_test(receiving, destination_tells_address_and_interface);
#ifdef __linux__
    tcase_add_test(receiving, destination_of_a_datagram_before_the_option);
#endif
    tcase_add_test(receiving, tos_is_sent_and_received);
    tcase_add_test(receiving, ttl_is_sent_and_received);
    tcase_add_test(receiving, ttl_of_the_sending_socket_is_received);
    tcase_add_test(receiving, timestamp_lies_between_sending_and_receiving);
    tcase_add_test(receiving, original_destination_tells_address_and_port);
    tcase_add_test(receiving, drops_are_counted);
    tcase_add_test(receiving, everything_at_once);
    tcase_add_test(receiving, what_was_turned_off_comes_no_more);
    TCase *source = add_tcase(suite, "source");
    tcase_add_test(source, source_is_the_address_that_the_receiver_sees);
    tcase_add_test(source, interface_alone_and_one_that_does_not_exist);
    tcase_add_test(source, source_of_another_machine_is_refused);
    tcase_add_test(source, source_that_is_a_group_is_refused);
    tcase_add_test(source, source_of_the_other_family_is_refused);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
