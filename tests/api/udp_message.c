/* SPDX-License-Identifier: MIT */
/*
 * Tests the struct of a UDP datagram and the struct for ancillary data: sizes, truncation and invalid values. Also
 * tests that the next datagram after -EAGAIN causes an event.
 */
#include "../helpers/sockets.h"

#include <netinet/in.h>
#include <poll.h>

/* Returns a message with these pieces; all its other members are unset. */
static mio_udp_message message_of(const mio_iovec *pieces, size_t count)
{
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.pieces = pieces;
    message.piece_count = count;
    return message;
}

/* ---- messages --------------------------------------------------------------------------------------------------- */

START_TEST(message_goes_in_pieces_to_an_address)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr any = loopback_v4();
    mio_addr left_addr;
    mio_addr right_addr;
    mio_addr sender;
    char first[4] = "....";
    char second[8] = "........";
    const mio_iovec out[2] = {{(void *)(uintptr_t) "one", 3}, {(void *)(uintptr_t) "three", 5}};
    const mio_iovec in[2] = {{first, 4}, {second, 8}};
    call_ok(mio_udp_socket_bind(&left, &any));
    call_ok(mio_udp_socket_bind(&right, &any));
    call_ok(mio_udp_socket_local_addr(&left, &left_addr));
    call_ok(mio_udp_socket_local_addr(&right, &right_addr));
    const mio_udp_message outgoing = {sizeof outgoing, 0, out, 2, 99, &right_addr, NULL};
    mio_udp_message incoming = {sizeof incoming, 99, in, 2, 99, &sender, NULL};
    call_counts(mio_udp_socket_send_message(&left, &outgoing), 8);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv_message(&right, &incoming), 8);
    ck_assert_uint_eq(incoming.flags, 0);
    ck_assert_uint_eq(incoming.length, 8);
    ck_assert_mem_eq(first, "onet", 4);
    ck_assert_mem_eq(second, "hree....", 8);
    assert_addr_eq(&sender, &left_addr);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(message_without_bytes_and_to_the_peer)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    make_udp_pair(&left, &right);
    call_counts(mio_udp_socket_send_message(&left, &message), 0);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    message.flags = 99;
    message.length = 99;
    call_counts(mio_udp_socket_recv_message(&right, &message), 0);
    ck_assert_uint_eq(message.flags, 0);
    ck_assert_uint_eq(message.length, 0);
    call_fails_keeping(&message, mio_udp_socket_recv_message(&right, &message), EAGAIN);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(truncated_message_is_told_and_no_error)
{
    mio_udp_socket left;
    mio_udp_socket right;
    char bytes[6] = "......";
    const mio_iovec pieces[2] = {{bytes, 2}, {bytes + 2, 3}};
    mio_udp_message message = message_of(pieces, 2);
    make_udp_pair(&left, &right);
    for (int length = 5; length <= 6; length++) {
        call_counts(mio_udp_socket_send(&left, "012345", (size_t)length), length);
        wait_handle(mio_udp_socket_handle(&right), POLLIN);
        call_counts(mio_udp_socket_recv_message(&right, &message), 5);
        ck_assert_uint_eq(message.flags, length == 5 ? 0 : MIO_MESSAGE_TRUNCATED);
        ck_assert_uint_eq(message.length, 5);
        ck_assert_mem_eq(bytes, "01234.", 6);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

#ifdef IPV6_RECVDSTOPTS
/*
 * Sends a datagram whose IPv6 destination options do not fit into the receiver's buffer for control messages. Only a
 * privileged process can send destination options. mio has no option for receiving them, so the test calls
 * setsockopt(2). The kernel must truncate the destination options. But the kernel must not change the control messages
 * that precede the options.
 */
static int send_long_options(void *context)
{
    enum { OPTIONS = 3, LENGTH = 252 };
    struct {
        uint8_t next;
        uint8_t units;
        uint8_t bytes[OPTIONS * (LENGTH + 2)];
    } header = {.units = (2 + OPTIONS * (LENGTH + 2)) / 8 - 1};
    _Static_assert((2 + OPTIONS * (LENGTH + 2)) % 8 == 4, "4 bytes of padding");
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr any = loopback_v6();
    mio_addr addr;
    mio_ancillary ancillary;
    char bytes[4];
    const mio_iovec piece = {bytes, 4};
    mio_udp_message message = message_of(&piece, 1);
    int on = 1;
    (void)context;
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    require(mio_udp_socket_bind(&left, &any) == 0 && mio_udp_socket_bind(&right, &any) == 0);
    require(mio_udp_socket_local_addr(&right, &addr) == 0);
    uint8_t room[sizeof header + 4] = {0};
    for (size_t i = 0; i < OPTIONS; i++) {
        header.bytes[i * (LENGTH + 2)] = 0x1e; /* an option type that RFC 4727 reserves for experiments */
        header.bytes[i * (LENGTH + 2) + 1] = LENGTH;
    }
    header.units = sizeof room / 8 - 1;
    memcpy(room, &header, sizeof header);
    room[sizeof header] = 1; /* the type of PadN, an option that only pads */
    room[sizeof header + 1] = 2;
    if (setsockopt(mio_udp_socket_handle(&left), IPPROTO_IPV6, IPV6_DSTOPTS, room, sizeof room) != 0) {
        return SKIPPED;
    }
    int fd = mio_udp_socket_handle(&right);
    require(setsockopt(fd, IPPROTO_IPV6, IPV6_RECVDSTOPTS, &on, sizeof on) == 0);
    require(mio_source_set_option(&right.source, MIO_OPTION_RECEIVE_DESTINATION, 1) == 0);
    for (int with = 1; with >= 0; with--) {
        require(mio_udp_socket_send_to(&left, "abc", 3, &addr) == 3);
        message.ancillary = with ? &ancillary : NULL;
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        require(poll(&entry, 1, (int)(LONG_WAIT / MS(1))) == 1);
        require(mio_udp_socket_recv_message(&right, &message) == 3);
        require(message.flags == (with ? MIO_MESSAGE_ANCILLARY_TRUNCATED : 0));
    }
    require(mio_ancillary_destination(&ancillary, &addr, NULL) == 0);
    require(mio_addr_is_loopback(&addr) == 1);
    require(mio_ancillary_ttl(&ancillary) == -ENODATA);
    return 0;
}

START_TEST(ancillary_data_that_does_not_fit_is_told)
{
    if (!have_ipv6() || run_apart(send_long_options, NULL) == SKIPPED) {
        skip("no network of its own, or no destination options of IPv6");
    }
}
END_TEST
#endif

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static void expect_not_sent(mio_udp_socket *socket, const mio_udp_message *message, int code)
{
    call_fails(mio_udp_socket_send_message(socket, message), code);
}

static void expect_not_received(mio_udp_socket *socket, mio_udp_message *message, int code)
{
    call_fails_keeping(message, mio_udp_socket_recv_message(socket, message), code);
}

START_TEST(message_null_sizes_and_what_a_newer_one_asks)
{
    mio_udp_socket left;
    mio_udp_socket right;
    char byte = 'x';
    const mio_iovec piece = {&byte, 1};
    struct {
        mio_udp_message known;
        uintptr_t later;
    } longer = {message_of(&piece, 1), 0};
    mio_udp_message *message = &longer.known;
    make_udp_pair(&left, &right);
    expect_not_sent(&left, NULL, EINVAL);
    call_fails(mio_udp_socket_recv_message(&right, NULL), EINVAL);
    for (uint32_t size = 0; size < sizeof *message; size++) {
        message->size = size;
        expect_not_sent(&left, message, EINVAL);
        expect_not_received(&right, message, EINVAL);
    }
    message->size = sizeof longer;
    longer.later = 1;
    expect_not_sent(&left, message, E2BIG);
    expect_not_received(&right, message, E2BIG);
    longer.later = 0;
    call_counts(mio_udp_socket_send_message(&left, message), 1);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv_message(&right, message), 1);
    ck_assert_uint_eq(message->size, sizeof longer);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(message_whose_parts_are_wrong)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_iovec pieces[1025];
    char byte = 'x';
    mio_addr addr = unix_addr();
    for (size_t i = 0; i < 1025; i++) {
        pieces[i] = (mio_iovec){&byte, 1};
    }
    make_udp_pair(&left, &right);
    mio_udp_message message = message_of(NULL, 1);
    expect_not_sent(&left, &message, EINVAL);
    expect_not_received(&left, &message, EINVAL);
    message = message_of(pieces, 1025);
    expect_not_sent(&left, &message, EMSGSIZE);
    expect_not_received(&left, &message, EMSGSIZE);
    message = message_of(pieces, 1);
    message.flags = MIO_MESSAGE_TRUNCATED;
    expect_not_sent(&left, &message, EINVAL);
    message.flags = 0;
    message.addr = &addr;
    expect_not_sent(&left, &message, EAFNOSUPPORT);
    addr = no_addr();
    expect_not_sent(&left, &message, EAFNOSUPPORT);
    scribble(&addr, sizeof addr);
    expect_not_sent(&left, &message, EAFNOSUPPORT);
    call_fails(mio_udp_socket_recv(&right, &byte, 1, NULL), EAGAIN); /* nothing was sent */
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/* ---- ancillary storage ------------------------------------------------------------------------------------------ */

START_TEST(ancillary_values_out_of_range)
{
    mio_ancillary ancillary = {{0}};
    mio_addr path = unix_addr();
    mio_addr none = no_addr();
    mio_addr addr = loopback_v4();
    call_ok(mio_ancillary_set_tos(&ancillary, 7));
    call_fails_keeping(&ancillary, mio_ancillary_set_tos(&ancillary, -1), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_tos(&ancillary, 256), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_ttl(&ancillary, 0), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_ttl(&ancillary, 256), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_segment_size(&ancillary, -1), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_segment_size(&ancillary, 65536), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_source(&ancillary, &path, 0), EAFNOSUPPORT);
    call_fails_keeping(&ancillary, mio_ancillary_set_source(&ancillary, &none, 0), EAFNOSUPPORT);
    call_fails_keeping(&ancillary, mio_ancillary_set_source(&ancillary, &addr, UINT32_C(0x80000000)), EINVAL);
}
END_TEST

/* Sets each kind of ancillary data once. `round` changes the order and the values. */
static void set_everything(mio_ancillary *ancillary, int round)
{
    mio_addr addr = round % 3 == 0 ? loopback_v6() : loopback_v4();
    for (int i = 0; i < 4; i++) {
        switch ((i + round) % 4) {
        case 0:
            call_ok(mio_ancillary_set_tos(ancillary, round % 256));
            break;
        case 1:
            call_ok(mio_ancillary_set_ttl(ancillary, 1 + round % 255));
            break;
        case 2:
            call_ok(mio_ancillary_set_segment_size(ancillary, round));
            break;
        default:
            call_ok(mio_ancillary_set_source(ancillary, &addr, 0));
        }
    }
}

START_TEST(ancillary_set_again_is_instead)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr addr;
    mio_ancillary guarded[3];
    mio_ancillary *ancillary = &guarded[1];
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    make_udp_pair(&left, &right);
    call_ok(mio_udp_socket_local_addr(&right, &addr));
    call_ok(mio_source_set_option(&right.source, MIO_OPTION_RECEIVE_TOS, 1));
    call_ok(mio_source_set_option(&right.source, MIO_OPTION_RECEIVE_TTL, 1));
    memset(guarded, 0, sizeof guarded);
    for (int round = 0; round <= 100; round++) {
        set_everything(ancillary, round);
    }
    call_ok(mio_ancillary_set_tos(ancillary, 104)); /* the other values stay */
    ck_assert(is_zero(&guarded[0], sizeof guarded[0]) && is_zero(&guarded[2], sizeof guarded[2]));
    message.ancillary = ancillary;
    message.addr = &addr;
    for (int round = 0; round < 2; round++) { /* sending keeps the data */
        call_counts(mio_udp_socket_send_message(&left, &message), 0);
    }
    for (int round = 0; round < 2; round++) {
        wait_handle(mio_udp_socket_handle(&right), POLLIN);
        call_counts(mio_udp_socket_recv_message(&right, &message), 0);
        ck_assert_int_eq(mio_ancillary_tos(ancillary), 104);
        ck_assert_int_eq(mio_ancillary_ttl(ancillary), 101);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/* Sends and receives a datagram, so that `ancillary` contains received data. */
static void receive_into(mio_udp_socket *left, mio_udp_socket *right, mio_ancillary *ancillary)
{
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    call_counts(mio_udp_socket_send(left, NULL, 0), 0);
    wait_handle(mio_udp_socket_handle(right), POLLIN);
    message.ancillary = ancillary;
    call_counts(mio_udp_socket_recv_message(right, &message), 0);
}

START_TEST(ancillary_that_was_received_is_cleared_before_it_is_set)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_ancillary ancillary = {{0}};
    mio_addr addr = loopback_v4();
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.ancillary = &ancillary;
    make_udp_pair(&left, &right);
    call_ok(mio_source_set_option(&right.source, MIO_OPTION_RECEIVE_TTL, 1));
    receive_into(&left, &right, &ancillary);
    call_fails_keeping(&ancillary, mio_ancillary_set_tos(&ancillary, 1), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_ttl(&ancillary, 1), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_segment_size(&ancillary, 1), EINVAL);
    call_fails_keeping(&ancillary, mio_ancillary_set_source(&ancillary, &addr, 0), EINVAL);
    expect_not_sent(&left, &message, EINVAL);
    mio_ancillary_clear(&ancillary);
    call_fails(mio_ancillary_ttl(&ancillary), ENODATA);
    call_counts(mio_udp_socket_send_message(&left, &message), 0); /* sends no ancillary data */
    call_ok(mio_ancillary_set_ttl(&ancillary, 7));
    call_fails(mio_ancillary_ttl(&ancillary), ENODATA); /* mio_ancillary_ttl only reads received data */
    receive_into(&left, &right, &ancillary);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(ancillary_storage_full_of_garbage)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_ancillary guarded[3];
    mio_ancillary *ancillary = &guarded[1];
    mio_addr addr = loopback_v4();
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.ancillary = ancillary;
    make_udp_pair(&left, &right);
    call_ok(mio_source_set_option(&right.source, MIO_OPTION_RECEIVE_TTL, 1));
    memset(guarded, 0, sizeof guarded);
    scribble(ancillary, sizeof *ancillary);
    call_fails(mio_ancillary_ttl(ancillary), ENODATA);
    call_fails(mio_ancillary_set_ttl(ancillary, 1), EINVAL);
    expect_not_sent(&left, &message, EINVAL);
    /* Now the first word marks the ancillary data as valid and gives its length. The rest is garbage. */
    for (int received = 0; received < 2; received++) {
        uint64_t first_word;
        mio_ancillary_clear(ancillary);
        if (received) {
            receive_into(&left, &right, ancillary);
        } else {
            call_ok(mio_ancillary_set_ttl(ancillary, 1));
        }
        first_word = ancillary->opaque[0];
        for (uint64_t length = 0; length < 65536; length += 7) {
            scribble(ancillary, sizeof *ancillary);
            ancillary->opaque[0] = (first_word & UINT64_C(0xffff00000000)) | length;
            (void)!mio_ancillary_ttl(ancillary);
            (void)!mio_ancillary_destination(ancillary, &addr, NULL);
            (void)!mio_ancillary_set_ttl(ancillary, 1);
            (void)!mio_ancillary_set_source(ancillary, &addr, 0);
        }
    }
    ck_assert(is_zero(&guarded[0], sizeof guarded[0]) && is_zero(&guarded[2], sizeof guarded[2]));
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/* ---- readiness -------------------------------------------------------------------------------------------------- */

START_TEST(message_until_eagain_and_the_next_one_is_an_event)
{
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    make_udp_pair(&left, &right);
    call_ok(mio_registry_register(mio_poll_registry(poll), &right.source, 1, MIO_READABLE));
    for (int round = 0; round < 3; round++) {
        call_counts(mio_udp_socket_send_message(&left, &message), 0);
        expect_events(poll, {1, MIO_READABLE});
        expect_no_events(poll);
        call_counts(mio_udp_socket_recv_message(&right, &message), 0);
        assert_would_block(kept(mio_udp_socket_recv_message(&right, &message)));
        expect_no_events(poll);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_message");
    TCase *messages = add_tcase(suite, "messages");
    tcase_add_test(messages, message_goes_in_pieces_to_an_address);
    tcase_add_test(messages, message_without_bytes_and_to_the_peer);
    tcase_add_test(messages, truncated_message_is_told_and_no_error);
#ifdef IPV6_RECVDSTOPTS
    tcase_add_test(messages, ancillary_data_that_does_not_fit_is_told);
#endif
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, message_null_sizes_and_what_a_newer_one_asks);
    tcase_add_test(errors, message_whose_parts_are_wrong);
    TCase *storage = add_tcase(suite, "ancillary storage");
    tcase_add_test(storage, ancillary_values_out_of_range);
    tcase_add_test(storage, ancillary_set_again_is_instead);
    tcase_add_test(storage, ancillary_that_was_received_is_cleared_before_it_is_set);
    tcase_add_test(storage, ancillary_storage_full_of_garbage);
    TCase *readiness = add_tcase(suite, "readiness");
    tcase_add_backend_test(readiness, message_until_eagain_and_the_next_one_is_an_event);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
