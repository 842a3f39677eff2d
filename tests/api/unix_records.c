/* SPDX-License-Identifier: MIT */
/*
 * Tests datagrams, and the records of seqpacket sockets. Each call that receives must return a single datagram or
 * record, and report whether the datagram or record was truncated.
 */
#include "../helpers/unix_sockets.h"

#include <sys/socket.h>

/* ---- records ---------------------------------------------------------------------------------------------------- */

START_TEST(seqpacket_keeps_records_apart)
{
    mio_unix_stream pair[2];
    char buffer[64];
    uint32_t flags = 99;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], MIO_UNIX_SEQPACKET));
    ck_assert_int_eq(raw_option(mio_unix_stream_handle(&pair[0]), SOL_SOCKET, SO_TYPE), SOCK_SEQPACKET);
    call_counts(mio_unix_stream_write(&pair[0], "first", 5), 5);
    call_counts(mio_unix_stream_write(&pair[0], "second", 6), 6);
    call_counts(mio_unix_stream_peek(&pair[1], buffer, sizeof buffer), 5);
    call_counts(mio_unix_stream_read(&pair[1], buffer, sizeof buffer), 5);
    call_counts(mio_unix_stream_recv(&pair[1], buffer, sizeof buffer, &flags), 6);
    ck_assert_mem_eq(buffer, "second", 6);
    ck_assert_uint_eq(flags, 0);
    assert_would_block(kept(mio_unix_stream_recv(&pair[1], buffer, sizeof buffer, &flags)));
    mio_unix_stream_close(&pair[0]);
    call_counts(mio_unix_stream_recv(&pair[1], buffer, sizeof buffer, &flags), 0);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(record_that_does_not_fit_is_told)
{
    mio_unix_stream pair[2];
    char buffer[8] = "........";
    uint32_t flags = 99;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], MIO_UNIX_SEQPACKET));
    for (int i = 0; i < 3; i++) {
        call_counts(mio_unix_stream_write(&pair[0], "record", 6), 6);
    }
    call_counts(mio_unix_stream_recv(&pair[1], buffer, 5, &flags), 5);
    ck_assert_mem_eq(buffer, "recor...", 8);
    ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
    call_fails(mio_unix_stream_recv(&pair[1], buffer, 4, NULL), EMSGSIZE);
    call_counts(mio_unix_stream_recv(&pair[1], buffer, 6, NULL), 6);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(without_room_read_leaves_a_record_and_recv_takes_it)
{
    mio_unix_stream pair[2];
    char buffer[8];
    uint32_t flags = 99;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], MIO_UNIX_SEQPACKET));
    call_counts(mio_unix_stream_read(&pair[1], buffer, 0), 0);
    assert_would_block(kept(mio_unix_stream_recv(&pair[1], buffer, 0, &flags)));
    call_counts(mio_unix_stream_write(&pair[0], "record", 6), 6);
    call_counts(mio_unix_stream_read(&pair[1], buffer, 0), 0);
    call_counts(mio_unix_stream_recv(&pair[1], buffer, 0, &flags), 0);
    ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
    assert_would_block(kept(mio_unix_stream_read(&pair[1], buffer, sizeof buffer)));
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

START_TEST(recv_of_bytes_is_read)
{
    mio_unix_stream pair[2];
    char buffer[8];
    uint32_t flags = 99;
    call_ok(mio_unix_stream_pair(&pair[0], &pair[1], 0));
    call_counts(mio_unix_stream_write(&pair[0], "stream", 6), 6);
    call_counts(mio_unix_stream_recv(&pair[1], buffer, 4, &flags), 4);
    ck_assert_uint_eq(flags, 0);
    call_counts(mio_unix_stream_recv(&pair[1], buffer, 4, NULL), 2);
    mio_unix_stream_close(&pair[0]);
    mio_unix_stream_close(&pair[1]);
}
END_TEST

/* ---- datagrams -------------------------------------------------------------------------------------------------- */

START_TEST(datagram_that_does_not_fit_is_told_or_an_error)
{
    mio_unix_datagram pair[2];
    char buffer[8] = "........";
    uint32_t flags = 99;
    mio_addr addr;
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    for (int i = 0; i < 2; i++) {
        call_counts(mio_unix_datagram_send(&pair[0], "datagram", 8), 8);
    }
    call_counts(mio_unix_datagram_peek(&pair[1], buffer, 3, &flags), 3);
    ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
    ck_assert_mem_eq(buffer, "dat.....", 8);
    call_fails(mio_unix_datagram_peek(&pair[1], buffer, 4, NULL), EMSGSIZE);
    call_counts(mio_unix_datagram_peek_from(&pair[1], buffer, 8, &addr, &flags), 8);
    ck_assert_uint_eq(flags, 0);
    call_counts(mio_unix_datagram_recv_from(&pair[1], buffer, 7, &addr, &flags), 7);
    ck_assert_uint_eq(flags, MIO_MESSAGE_TRUNCATED);
    call_fails(mio_unix_datagram_recv(&pair[1], buffer, 7, NULL), EMSGSIZE);
    assert_would_block(kept(mio_unix_datagram_recv(&pair[1], buffer, 7, NULL)));
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}
END_TEST

START_TEST(empty_datagram_is_one)
{
    mio_unix_datagram pair[2];
    uint32_t flags = 99;
    char byte = 'x';
    mio_poll *poll = open_poll(_i);
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    call_ok(mio_registry_register(mio_poll_registry(poll), &pair[1].source, 1, MIO_READABLE));
    call_counts(mio_unix_datagram_send(&pair[0], NULL, 0), 0);
    expect_events(poll, {1, MIO_READABLE});
    call_counts(mio_unix_datagram_recv(&pair[1], &byte, 1, &flags), 0);
    ck_assert_uint_eq(flags, 0);
    assert_would_block(kept(mio_unix_datagram_recv(&pair[1], &byte, 1, &flags)));
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_records");
    TCase *tcase = add_tcase(suite, "records");
    tcase_add_test(tcase, seqpacket_keeps_records_apart);
    tcase_add_test(tcase, record_that_does_not_fit_is_told);
    tcase_add_test(tcase, without_room_read_leaves_a_record_and_recv_takes_it);
    tcase_add_test(tcase, recv_of_bytes_is_read);
    tcase = add_tcase(suite, "datagrams");
    tcase_add_test(tcase, datagram_that_does_not_fit_is_told_or_an_error);
    tcase_add_backend_test(tcase, empty_datagram_is_one);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
