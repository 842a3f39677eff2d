/* SPDX-License-Identifier: MIT */
/*
 * Tests UDP datagrams that are longer than the buffer. Every receive function reports the truncation in `flags`, or
 * returns an error if `flags` is null.
 */
#include "../helpers/sockets.h"

#include <poll.h>

/* The four functions that receive. */
enum way { RECV, PEEK, RECV_FROM, PEEK_FROM, WAYS };

static bool is_peek(int way)
{
    return way == PEEK || way == PEEK_FROM;
}

/* Waits for a datagram, and receives it with the function that `way` selects. */
static int64_t receive(mio_udp_socket *socket, int way, void *buffer, size_t length, mio_addr *from, uint32_t *flags)
{
    wait_handle(mio_udp_socket_handle(socket), POLLIN);
    switch (way) {
    case RECV:
        return kept(mio_udp_socket_recv(socket, buffer, length, flags));
    case PEEK:
        return kept(mio_udp_socket_peek(socket, buffer, length, flags));
    case RECV_FROM:
        return kept(mio_udp_socket_recv_from(socket, buffer, length, from, flags));
    default:
        return kept(mio_udp_socket_peek_from(socket, buffer, length, from, flags));
    }
}

/*
 * A test calls this function after it has received a truncated datagram. After a peek, the function checks that the
 * test can still receive the whole datagram. After a receive, the function checks that the
 * rest of the datagram is lost.
 */
static void expect_rest(mio_udp_socket *socket, int way)
{
    char all[10];
    if (is_peek(way)) {
        call_counts(receive(socket, RECV, all, sizeof all, NULL, NULL), 10);
        ck_assert_mem_eq(all, "0123456789", 10);
    }
    assert_would_block(kept(mio_udp_socket_recv(socket, all, sizeof all, NULL)));
}

START_TEST(truncation_is_reported_in_flags)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr left_addr;
    make_udp_pair(&left, &right);
    call_ok(mio_udp_socket_local_addr(&left, &left_addr));
    for (int way = 0; way < WAYS; way++) {
        char buffer[6] = "......";
        mio_addr from = left_addr;
        uint32_t flags = 77;
        call_counts(mio_udp_socket_send(&left, "0123456789", 10), 10);
        call_counts(receive(&right, way, buffer, 5, &from, &flags), 5);
        ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
        ck_assert_mem_eq(buffer, "01234.", 6);
        assert_addr_eq(&from, &left_addr);
        expect_rest(&right, way);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(truncation_without_flags_is_emsgsize_with_the_buffer_and_the_sender_filled)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_addr left_addr;
    make_udp_pair(&left, &right);
    call_ok(mio_udp_socket_local_addr(&left, &left_addr));
    for (int way = 0; way < WAYS; way++) {
        char buffer[6] = "......";
        mio_addr from = no_addr();
        call_counts(mio_udp_socket_send(&left, "0123456789", 10), 10);
        ck_assert_errno(receive(&right, way, buffer, 5, &from, NULL), -EMSGSIZE);
        ck_assert_mem_eq(buffer, "01234.", 6);
        if (way == RECV_FROM || way == PEEK_FROM) {
            assert_addr_eq(&from, &left_addr);
        }
        expect_rest(&right, way);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(a_datagram_that_just_fits_is_not_truncated)
{
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    for (int way = 0; way < WAYS; way++) {
        for (int with_flags = 0; with_flags < 2; with_flags++) {
            char buffer[10];
            mio_addr from;
            uint32_t flags = 77;
            call_counts(mio_udp_socket_send(&left, "0123456789", 10), 10);
            call_counts(receive(&right, way, buffer, sizeof buffer, &from, with_flags ? &flags : NULL), 10);
            ck_assert_uint_eq(flags, with_flags ? 0 : 77);
            expect_rest(&right, way);
        }
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(no_room_at_all_is_truncation_too)
{
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    for (int way = 0; way < WAYS; way++) {
        mio_addr from;
        uint32_t flags = 77;
        call_counts(mio_udp_socket_send(&left, "0123456789", 10), 10);
        call_counts(receive(&right, way, NULL, 0, &from, &flags), 0);
        ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
        expect_rest(&right, way);
        call_counts(mio_udp_socket_send(&left, "0123456789", 10), 10);
        ck_assert_errno(receive(&right, way, NULL, 0, &from, NULL), -EMSGSIZE);
        expect_rest(&right, way);
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

START_TEST(the_longest_datagram_goes_through)
{
    enum { LONGEST = 65535 - 20 - 8 };
    static uint8_t out[LONGEST];
    static uint8_t in[LONGEST];
    mio_udp_socket left;
    mio_udp_socket right;
    uint32_t flags = 77;
    make_udp_pair(&left, &right);
    fill_pattern(out, sizeof out, 0);
    call_counts(mio_udp_socket_send(&left, out, sizeof out), LONGEST);
    call_counts(receive(&right, RECV, in, sizeof in, NULL, &flags), LONGEST);
    ck_assert_uint_eq(flags, 0);
    assert_pattern(in, sizeof in, 0);
    call_counts(mio_udp_socket_send(&left, out, sizeof out), LONGEST);
    call_counts(receive(&right, RECV, in, sizeof in - 1, NULL, &flags), LONGEST - 1);
    ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("udp_truncation");
    TCase *tcase = add_tcase(suite, "truncation");
    tcase_add_test(tcase, truncation_is_reported_in_flags);
    tcase_add_test(tcase, truncation_without_flags_is_emsgsize_with_the_buffer_and_the_sender_filled);
    tcase_add_test(tcase, a_datagram_that_just_fits_is_not_truncated);
    tcase_add_test(tcase, no_room_at_all_is_truncation_too);
    tcase_add_test(tcase, the_longest_datagram_goes_through);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
