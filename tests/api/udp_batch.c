/* SPDX-License-Identifier: MIT */
/*
 * Tests batches of UDP datagrams. One call moves many datagrams in order. The tests check the errors that end a batch
 * early. One test checks that a call that moves fewer datagrams than requested uses up the readiness of the socket.
 * syscalls.c tests that a batch is one system call.
 */
#include "../helpers/sockets.h"
#include "../helpers/system_calls.h"

#include <poll.h>

enum { MOST = 100 };

/* The arrays of a batch. Message i uses the element i of each array. */
typedef struct batch {
    mio_udp_message messages[MOST];
    mio_iovec pieces[MOST];
    char bytes[MOST][8];
    mio_addr addrs[MOST];
    mio_ancillary ancillary[MOST];
} batch;

static void init_batch(batch *b)
{
    memset(b, 0, sizeof *b);
    for (size_t i = 0; i < MOST; i++) {
        b->pieces[i] = (mio_iovec){b->bytes[i], sizeof b->bytes[i]};
        b->messages[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
        b->messages[i].pieces = &b->pieces[i];
        b->messages[i].piece_count = 1;
    }
}

/*
 * Gives message `i` a length between 1 and 8 bytes, and returns this length. The last byte of the message has the value
 * `i`.
 */
static size_t number_message(batch *b, size_t i)
{
    size_t length = 1 + i % 8;
    memset(b->bytes[i], '.', length);
    b->bytes[i][length - 1] = (char)i;
    b->pieces[i].length = length;
    return length;
}

static void number_batch(batch *b)
{
    init_batch(b);
    for (size_t i = 0; i < MOST; i++) {
        number_message(b, i);
    }
}

/* Checks `count` received messages, from index `first`. The numbers of these messages must be consecutive, and begin
 * with `number`. */
static void expect_numbers(const batch *b, size_t first, size_t number, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const mio_udp_message *message = &b->messages[first + i];
        size_t length = 1 + (number + i) % 8;
        ck_assert_uint_eq(message->length, length);
        ck_assert_uint_eq(message->flags, 0);
        ck_assert_int_eq(b->bytes[first + i][length - 1], (char)(number + i));
    }
}

static void send_numbers(mio_udp_socket *socket, size_t first, size_t count)
{
    static batch out;
    number_batch(&out);
    for (size_t i = first; i < first + count; i++) {
        call_counts(mio_udp_socket_send(socket, out.bytes[i], out.pieces[i].length), out.pieces[i].length);
    }
}

/* ---- many datagrams in one call --------------------------------------------------------------------------------- */

START_TEST(batch_goes_and_comes_whole_and_in_order)
{
    static batch out;
    static batch in;
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr left_addr;
    stay_on_one_cpu();
    make_udp_pair(&left, &right);
    call_ok(mio_udp_socket_local_addr(&left, &left_addr));
    for (size_t count = 1; count <= MIO_UDP_BATCH_MAX; count += 21) {
        number_batch(&out);
        init_batch(&in);
        for (size_t i = 0; i < MOST; i++) {
            in.messages[i].addr = &in.addrs[i];
            in.messages[i].flags = 99;
        }
        call_counts(mio_udp_socket_send_batch(&left, out.messages, count), count);
        wait_handle(mio_udp_socket_handle(&right), POLLIN);
        call_counts(mio_udp_socket_recv_batch(&right, in.messages, count + 1), count);
        expect_numbers(&in, 0, 0, count);
        for (size_t i = 0; i < count; i++) {
            assert_addr_eq(&in.addrs[i], &left_addr);
        }
        /* No datagram has arrived for this message, so the call has not changed the message. */
        ck_assert_uint_eq(in.messages[count].flags, 99);
        assert_would_block(kept(mio_udp_socket_recv_batch(&right, in.messages, count)));
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(batch_to_many_with_ancillary_data_of_each)
{
    enum { PEERS = 5 };
    static batch out;
    static batch in;
    mio_udp_socket left;
    mio_udp_socket peers[PEERS];
    mio_addr any = loopback_v4();
    number_batch(&out);
    init_batch(&in);
    call_ok(mio_udp_socket_bind(&left, &any));
    for (size_t i = 0; i < PEERS; i++) {
        call_ok(mio_udp_socket_bind(&peers[i], &any));
        call_ok(mio_source_set_option(&peers[i].source, MIO_OPTION_RECEIVE_TTL, 1));
        call_ok(mio_udp_socket_local_addr(&peers[i], &out.addrs[i]));
        call_ok(mio_ancillary_set_ttl(&out.ancillary[i], 10 + (int)i));
        out.messages[i].addr = &out.addrs[i];
        out.messages[i].ancillary = &out.ancillary[i];
        in.messages[i].ancillary = &in.ancillary[i];
    }
    call_counts(mio_udp_socket_send_batch(&left, out.messages, PEERS), PEERS);
    for (size_t i = 0; i < PEERS; i++) {
        wait_handle(mio_udp_socket_handle(&peers[i]), POLLIN);
        call_counts(mio_udp_socket_recv_batch(&peers[i], &in.messages[i], PEERS - i), 1);
        ck_assert_int_eq(mio_ancillary_ttl(&in.ancillary[i]), 10 + (int)i);
        mio_udp_socket_close(&peers[i]);
    }
    expect_numbers(&in, 0, 0, PEERS);
    mio_udp_socket_close(&left);
}
END_TEST

START_TEST(batch_takes_no_more_than_the_most)
{
    static batch out;
    static batch in;
    mio_udp_socket left;
    mio_udp_socket right;
    stay_on_one_cpu();
    number_batch(&out);
    init_batch(&in);
    make_udp_pair(&left, &right);
    call_counts(mio_udp_socket_send_batch(&left, out.messages, MOST), MIO_UDP_BATCH_MAX);
    call_counts(mio_udp_socket_send_batch(&left, out.messages + MIO_UDP_BATCH_MAX, MOST - MIO_UDP_BATCH_MAX),
                MOST - MIO_UDP_BATCH_MAX);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv_batch(&right, in.messages, MOST), MIO_UDP_BATCH_MAX);
    call_counts(mio_udp_socket_recv_batch(&right, in.messages + MIO_UDP_BATCH_MAX, SIZE_MAX), MOST - MIO_UDP_BATCH_MAX);
    expect_numbers(&in, 0, 0, MOST);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(truncation_is_told_of_the_message_that_is_cut)
{
    static batch in;
    mio_udp_socket left;
    mio_udp_socket right;
    stay_on_one_cpu();
    init_batch(&in);
    make_udp_pair(&left, &right);
    in.pieces[1].length = 1;
    send_numbers(&left, 0, 3);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv_batch(&right, in.messages, 3), 3);
    ck_assert_uint_eq(in.messages[0].flags, 0);
    ck_assert_uint_eq(in.messages[1].flags, MIO_MESSAGE_TRUNCATED);
    ck_assert_uint_eq(in.messages[1].length, 1);
    ck_assert_uint_eq(in.messages[2].flags, 0);
    ck_assert_uint_eq(in.messages[2].length, 3);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/*
 * A later release may have a longer mio_udp_message. If a program was compiled with the later release, the messages in
 * its array are further apart.
 */
START_TEST(longer_messages_of_a_later_version)
{
    struct {
        mio_udp_message known;
        uintptr_t later[2];
    } longer[4];
    static batch out;
    mio_udp_socket left;
    mio_udp_socket right;
    stay_on_one_cpu();
    number_batch(&out);
    make_udp_pair(&left, &right);
    for (size_t i = 0; i < 4; i++) {
        longer[i].known = out.messages[i];
        longer[i].known.size = sizeof longer[i];
        longer[i].later[0] = 0;
        longer[i].later[1] = i == 3; /* the last message sets a member that this library does not know */
    }
    call_counts(mio_udp_socket_send_batch(&left, &longer[0].known, 4), 3);
    call_fails(mio_udp_socket_send_batch(&left, &longer[3].known, 1), E2BIG);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv_batch(&right, &longer[0].known, 4), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(longer[i].known.size, sizeof longer[i]);
        ck_assert_uint_eq(longer[i].known.length, i + 1);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/*
 * All structs in one batch must have the same size. So a batch ends before a struct of another size. A second call
 * sends the message in that struct.
 */
START_TEST(messages_of_different_sizes_are_different_batches)
{
    struct {
        mio_udp_message short_one;
        mio_udp_message long_one;
        uintptr_t later;
    } both = {MIO_UDP_MESSAGE_INIT, MIO_UDP_MESSAGE_INIT, 0};
    mio_udp_socket left;
    mio_udp_socket right;
    stay_on_one_cpu();
    make_udp_pair(&left, &right);
    both.long_one.size += sizeof both.later;
    call_counts(mio_udp_socket_send_batch(&left, &both.short_one, 2), 1);
    call_counts(mio_udp_socket_send_batch(&left, &both.long_one, 1), 1);
    wait_handle(mio_udp_socket_handle(&right), POLLIN);
    call_counts(mio_udp_socket_recv_batch(&right, &both.short_one, 2), 1);
    call_counts(mio_udp_socket_recv_batch(&right, &both.long_one, 1), 1);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/* ---- errors ----------------------------------------------------------------------------------------------------- */

START_TEST(batch_null_nothing_and_closed)
{
    static batch b;
    mio_udp_socket left;
    mio_udp_socket right;
    mio_udp_socket closed;
    init_batch(&b);
    memset(&closed, 0, sizeof closed);
    make_udp_pair(&left, &right);
    call_fails(mio_udp_socket_send_batch(NULL, b.messages, 1), EINVAL);
    call_fails(mio_udp_socket_recv_batch(NULL, b.messages, 1), EINVAL);
    call_fails(mio_udp_socket_send_batch(&left, NULL, 1), EINVAL);
    call_fails(mio_udp_socket_recv_batch(&left, NULL, 1), EINVAL);
    call_counts(mio_udp_socket_send_batch(&left, NULL, 0), 0);
    call_counts(mio_udp_socket_recv_batch(&left, NULL, 0), 0);
    call_counts(mio_udp_socket_recv_batch(&left, b.messages, 0), 0);
    for (size_t count = 0; count < 2; count++) {
        call_fails(mio_udp_socket_send_batch(&closed, b.messages, count), EBADF);
        call_fails_keeping(&b.messages[0], mio_udp_socket_recv_batch(&closed, b.messages, count), EBADF);
    }
    call_fails_keeping(&b.messages[0], mio_udp_socket_recv_batch(&left, b.messages, 9), EAGAIN);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

static void spoil_size(mio_udp_message *message)
{
    message->size--;
}
static void spoil_pieces(mio_udp_message *message)
{
    message->pieces = NULL;
}
static void spoil_flags(mio_udp_message *message)
{
    message->flags = MIO_MESSAGE_TRUNCATED;
}
static void spoil_addr(mio_udp_message *message)
{
    static mio_addr none;
    message->addr = &none;
}
static void spoil_ancillary(mio_udp_message *message)
{
    static mio_ancillary garbage;
    scribble(&garbage, sizeof garbage);
    message->ancillary = &garbage;
}
static void spoil_length(mio_udp_message *message)
{
    static char bytes[65536];
    static mio_iovec piece = {bytes, sizeof bytes};
    message->pieces = &piece;
}
static void spoil_count(mio_udp_message *message)
{
    static mio_iovec pieces[1025];
    message->pieces = pieces;
    message->piece_count = 1025;
}

/*
 * `spoil` makes a message invalid. If the first message of a batch is invalid, sending the batch fails with `code`. If
 * `receiving` is true, receiving the batch also fails with `code`.
 */
static const struct {
    void (*spoil)(mio_udp_message *message);
    int code;
    bool receiving;
} wrongs[] = {
    {spoil_size, EINVAL, true},        {spoil_pieces, EINVAL, true},     {spoil_flags, EINVAL, false},
    {spoil_addr, EAFNOSUPPORT, false}, {spoil_ancillary, EINVAL, false}, {spoil_length, EMSGSIZE, false},
    {spoil_count, EMSGSIZE, true},
};

START_TEST(wrong_message_ends_the_batch_and_is_the_next_ones_error)
{
    static batch out;
    static batch in;
    mio_udp_socket left;
    mio_udp_socket right;
    stay_on_one_cpu();
    make_udp_pair(&left, &right);
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        number_batch(&out);
        init_batch(&in);
        wrongs[i].spoil(&out.messages[3]);
        call_counts(mio_udp_socket_send_batch(&left, out.messages, 6), 3);
        call_fails(mio_udp_socket_send_batch(&left, out.messages + 3, 3), wrongs[i].code);
        wait_handle(mio_udp_socket_handle(&right), POLLIN);
        if (wrongs[i].receiving) {
            wrongs[i].spoil(&in.messages[2]);
            call_counts(mio_udp_socket_recv_batch(&right, in.messages, 6), 2);
            call_counts(mio_udp_socket_send(&right, "x", 1), 1); /* the wrong message leaves no error in the socket */
            call_fails_keeping(&in.messages[2], mio_udp_socket_recv_batch(&right, in.messages + 2, 3), wrongs[i].code);
            call_counts(mio_udp_socket_recv_batch(&right, in.messages + 3, 3), 1);
            in.messages[2] = in.messages[3];
        } else {
            call_counts(mio_udp_socket_recv_batch(&right, in.messages, 6), 3);
        }
        ck_assert_uint_eq(in.messages[2].length, 3);
        assert_would_block(kept(mio_udp_socket_recv_batch(&right, in.messages, 6)));
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

/*
 * If an ICMP error is pending, a batch first returns this error, although datagrams are in the queue. The datagrams
 * stay in the queue for the next call.
 */
START_TEST(pending_error_is_told_and_the_datagrams_come_after_it)
{
    static batch in;
    mio_udp_socket socket;
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_addr own;
    int peer = raw_refusing_udp(&addr);
    init_batch(&in);
    call_ok(mio_udp_socket_bind(&socket, &any));
    call_ok(mio_udp_socket_local_addr(&socket, &own));
    call_ok(mio_udp_socket_connect(&socket, &addr));
    call_counts(mio_udp_socket_send(&socket, "x", 1), 1);
    wait_handle(mio_udp_socket_handle(&socket), POLLERR);
    raw_point(peer, &own);
    raw_write(peer, "1", 1);
    raw_write(peer, "22", 2);
    call_fails_keeping(&in.messages[0], mio_udp_socket_recv_batch(&socket, in.messages, 4), ECONNREFUSED);
    call_counts(mio_udp_socket_recv_batch(&socket, in.messages, 4), 2);
    ck_assert_uint_eq(in.messages[1].length, 2);
    close_fd(peer);
    mio_udp_socket_close(&socket);
}
END_TEST

/* ---- systems that refuse sendmmsg(2) or recvmmsg(2) -------------------------------------------------------------- */

static int one_at_a_time(void *context)
{
    static batch out;
    static batch in;
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr any = loopback_v4();
    mio_addr addr;
    (void)context;
    stay_on_one_cpu();
    number_batch(&out);
    init_batch(&in);
    require(mio_udp_socket_bind(&left, &any) == 0 && mio_udp_socket_bind(&right, &any) == 0);
    require(mio_udp_socket_local_addr(&right, &addr) == 0 && mio_udp_socket_connect(&left, &addr) == 0);
    if (!refuse_system_call(SYS_sendmmsg, ENOSYS) || !refuse_system_call(SYS_recvmmsg, ENOSYS)) {
        return SKIPPED;
    }
    require(mio_udp_socket_recv_batch(&right, in.messages, 9) == -EAGAIN);
    for (size_t i = 0; i < 9; i++) {
        require(mio_udp_socket_send_batch(&left, out.messages + i, 9 - i) == 1);
    }
    spoil_length(&out.messages[9]);
    require(mio_udp_socket_send_batch(&left, out.messages + 9, 1) == -EMSGSIZE);
    for (size_t i = 0; i < 9; i++) {
        require(mio_udp_socket_recv_batch(&right, in.messages + i, 20) == 1);
        require(in.messages[i].length == 1 + i % 8 && in.bytes[i][i % 8] == (char)i);
    }
    require(mio_udp_socket_recv_batch(&right, in.messages, 9) == -EAGAIN);
    require(mio_udp_socket_send_batch(&left, out.messages, 0) == 0);
    require(mio_udp_socket_recv_batch(&right, in.messages, 0) == 0);
    return 0;
}

START_TEST(batch_without_the_system_calls_is_one_at_a_time)
{
    if (run_apart(one_at_a_time, NULL) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

/* ---- readiness -------------------------------------------------------------------------------------------------- */

START_TEST(short_batch_uses_the_readiness_up_and_a_full_one_does_not)
{
    static batch in;
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    stay_on_one_cpu();
    init_batch(&in);
    make_udp_pair(&left, &right);
    call_ok(mio_registry_register(mio_poll_registry(poll), &right.source, 1, MIO_READABLE));
    for (int round = 0; round < 3; round++) {
        send_numbers(&left, 0, 5);
        expect_events(poll, {1, MIO_READABLE});
        expect_no_events(poll);
        call_counts(mio_udp_socket_recv_batch(&right, in.messages, 3), 3);
        expect_no_events(poll);
        call_counts(mio_udp_socket_recv_batch(&right, in.messages, 3), 2);
        if (round == 1) {
            assert_would_block(kept(mio_udp_socket_recv_batch(&right, in.messages, 3)));
        }
        expect_no_events(poll);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_batch");
    TCase *many = add_tcase(suite, "many at a time");
    tcase_add_test(many, batch_goes_and_comes_whole_and_in_order);
    tcase_add_test(many, batch_to_many_with_ancillary_data_of_each);
    tcase_add_test(many, batch_takes_no_more_than_the_most);
    tcase_add_test(many, truncation_is_told_of_the_message_that_is_cut);
    tcase_add_test(many, longer_messages_of_a_later_version);
    tcase_add_test(many, messages_of_different_sizes_are_different_batches);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, batch_null_nothing_and_closed);
    tcase_add_test(errors, wrong_message_ends_the_batch_and_is_the_next_ones_error);
    tcase_add_test(errors, pending_error_is_told_and_the_datagrams_come_after_it);
    tcase_add_test(errors, batch_without_the_system_calls_is_one_at_a_time);
    TCase *readiness = add_tcase(suite, "readiness");
    tcase_add_backend_test(readiness, short_batch_uses_the_readiness_up_and_a_full_one_does_not);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
