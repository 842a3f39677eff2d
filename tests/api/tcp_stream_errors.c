/* SPDX-License-Identifier: MIT */
/*
 * TCP streams: errors of reading and writing, which change nothing. tcp_connect.c has the errors of connecting,
 * objects.c those of adopting.
 */
#include "../helpers/sockets.h"

#include <poll.h>

/* A stream and the raw socket at its other end. */
static int open_stream(mio_tcp_stream *stream)
{
    mio_addr any = loopback_v4();
    return connect_to_raw(stream, &any);
}

/* ---- broken connections ----------------------------------------------------------------------------------------- */

/* Writes, by turns in one piece and vectored, until that fails, and returns the error. */
static int64_t write_until_error(mio_tcp_stream *stream)
{
    static char data[1024];
    const mio_iovec piece = {data, sizeof data};
    for (int vectored = 0;; vectored = !vectored) {
        int64_t count = vectored ? kept(mio_tcp_stream_writev(stream, &piece, 1))
                                 : kept(mio_tcp_stream_write(stream, data, sizeof data));
        if (count == -EAGAIN) {
            wait_handle(mio_tcp_stream_handle(stream), POLLOUT);
        } else if (count < 0) {
            return count;
        }
    }
}

START_TEST(writing_to_a_closed_peer_is_epipe_without_sigpipe)
{
    mio_tcp_stream stream;
    char byte = 0;
    const mio_iovec piece = {&byte, 1};
    make_sigpipe_deadly();
    close_fd(open_stream(&stream));
    int64_t error = write_until_error(&stream);
    ck_assert_msg(error == -EPIPE || error == -ECONNRESET, "%s", errno_name(error));
    call_fails(mio_tcp_stream_write(&stream, &byte, 1), EPIPE);
    call_fails(mio_tcp_stream_writev(&stream, &piece, 1), EPIPE);
    mio_tcp_stream_close(&stream);
}
END_TEST

START_TEST(reading_after_a_reset_is_econnreset_once_then_0)
{
    mio_tcp_stream stream;
    char buffer[16] = "as it was";
    for (int way = 0; way < 3; way++) {
        const mio_iovec piece = {buffer, sizeof buffer};
        raw_reset(open_stream(&stream));
        wait_handle(mio_tcp_stream_handle(&stream), POLLERR);
        call_fails_keeping(&buffer,
                           way == 0   ? mio_tcp_stream_read(&stream, buffer, sizeof buffer)
                           : way == 1 ? mio_tcp_stream_readv(&stream, &piece, 1)
                                      : mio_tcp_stream_peek(&stream, buffer, sizeof buffer),
                           ECONNRESET);
        call_counts(mio_tcp_stream_read(&stream, buffer, sizeof buffer), 0);
        assert_pending(mio_tcp_stream_take_error, &stream, 0);
        mio_tcp_stream_close(&stream);
    }
}
END_TEST

START_TEST(a_stream_that_was_never_connected_is_enotconn)
{
    mio_tcp_stream stream;
    char byte = 0;
    const mio_iovec piece = {&byte, 1};
    mio_addr addr = unix_addr();
    make_sigpipe_deadly();
    call_ok(mio_tcp_stream_from_handle(&stream, raw_socket(AF_INET, SOCK_STREAM)));
    call_fails(mio_tcp_stream_read(&stream, &byte, 1), ENOTCONN);
    call_fails(mio_tcp_stream_readv(&stream, &piece, 1), ENOTCONN);
    call_fails(mio_tcp_stream_peek(&stream, &byte, 1), ENOTCONN);
    call_fails_keeping(&addr, mio_tcp_stream_peer_addr(&stream, &addr), ENOTCONN);
    for (int how = MIO_SHUTDOWN_READ; how <= MIO_SHUTDOWN_BOTH; how++) {
        call_fails(mio_tcp_stream_shutdown(&stream, how), ENOTCONN);
    }
    int64_t count = kept(mio_tcp_stream_write(&stream, &byte, 1));
    ck_assert_msg(count == -EPIPE || count == -ENOTCONN, "%s", errno_name(count));
    count = kept(mio_tcp_stream_writev(&stream, &piece, 1));
    ck_assert_msg(count == -EPIPE || count == -ENOTCONN, "%s", errno_name(count));
    mio_tcp_stream_close(&stream);
}
END_TEST

/* ---- arguments -------------------------------------------------------------------------------------------------- */

START_TEST(nothing_to_read_keeps_the_buffer)
{
    mio_tcp_stream stream;
    char buffer[16] = "as it was";
    const mio_iovec pieces[2] = {{buffer, 8}, {buffer + 8, 8}};
    int peer = open_stream(&stream);
    call_fails_keeping(&buffer, mio_tcp_stream_read(&stream, buffer, sizeof buffer), EAGAIN);
    call_fails_keeping(&buffer, mio_tcp_stream_readv(&stream, pieces, 2), EAGAIN);
    call_fails_keeping(&buffer, mio_tcp_stream_peek(&stream, buffer, sizeof buffer), EAGAIN);
    close_fd(peer);
    mio_tcp_stream_close(&stream);
}
END_TEST

START_TEST(more_than_1024_pieces_are_too_many)
{
    enum { PIECES = 1025 };
    static mio_iovec pieces[PIECES];
    static uint8_t bytes[PIECES];
    mio_tcp_stream stream;
    char byte;
    int peer = open_stream(&stream);
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = (mio_iovec){&bytes[i], 1};
    }
    raw_write(peer, "x", 1);
    wait_handle(mio_tcp_stream_handle(&stream), POLLIN);
    call_fails(mio_tcp_stream_readv(&stream, pieces, PIECES), EINVAL);
    call_fails(mio_tcp_stream_writev(&stream, pieces, PIECES), EMSGSIZE);
    if (!under_valgrind()) { /* which follows the count wherever it leads */
        call_fails(mio_tcp_stream_readv(&stream, pieces, SIZE_MAX), EINVAL);
        call_fails(mio_tcp_stream_writev(&stream, pieces, SIZE_MAX), EMSGSIZE);
        call_fails(mio_tcp_stream_readv(&stream, pieces, beyond_32_bits(1)), EINVAL);
        call_fails(mio_tcp_stream_writev(&stream, pieces, beyond_32_bits(1)), EMSGSIZE);
    }
    call_counts(mio_tcp_stream_read(&stream, &byte, 1), 1); /* nothing was taken */
    close_fd(peer);
    mio_tcp_stream_close(&stream);
}
END_TEST

START_TEST(bad_memory_is_efault_and_nothing_is_taken)
{
    if (under_valgrind()) {
        skip("valgrind reports what this does on purpose");
        return;
    }
    mio_tcp_stream stream;
    char buffer[16];
    int peer = open_stream(&stream);
    void *bad = bad_memory();
    const mio_iovec piece = {bad, 16};
    raw_write(peer, "hello", 5);
    wait_handle(mio_tcp_stream_handle(&stream), POLLIN);
    call_fails(mio_tcp_stream_read(&stream, bad, 16), EFAULT);
    call_fails(mio_tcp_stream_peek(&stream, bad, 16), EFAULT);
    call_fails(mio_tcp_stream_readv(&stream, &piece, 1), EFAULT);
    call_fails(mio_tcp_stream_readv(&stream, bad, 1), EFAULT);
    call_fails(mio_tcp_stream_read(&stream, NULL, 16), EFAULT);
    call_fails(mio_tcp_stream_peek(&stream, NULL, 16), EFAULT);
    call_fails(mio_tcp_stream_write(&stream, bad, 16), EFAULT);
    call_fails(mio_tcp_stream_write(&stream, NULL, 16), EFAULT);
    call_fails(mio_tcp_stream_writev(&stream, &piece, 1), EFAULT);
    call_fails(mio_tcp_stream_writev(&stream, bad, 1), EFAULT);
    call_counts(mio_tcp_stream_read(&stream, buffer, sizeof buffer), 5);
    ck_assert_mem_eq(buffer, "hello", 5);
    call_counts(mio_tcp_stream_write(&stream, "after", 5), 5);
    raw_read(peer, buffer, 5);
    ck_assert_mem_eq(buffer, "after", 5); /* the first that the peer gets */
    close_fd(peer);
    mio_tcp_stream_close(&stream);
}
END_TEST

START_TEST(shutdown_knows_three_ways)
{
    mio_tcp_stream stream;
    char byte = 0;
    int peer = open_stream(&stream);
    call_fails(mio_tcp_stream_shutdown(&stream, 3), EINVAL);
    call_fails(mio_tcp_stream_shutdown(&stream, -1), EINVAL);
    call_fails(mio_tcp_stream_shutdown(&stream, INT32_MAX), EINVAL);
    call_counts(mio_tcp_stream_write(&stream, &byte, 1), 1);
    assert_would_block(kept(mio_tcp_stream_read(&stream, &byte, 1)));
    close_fd(peer);
    mio_tcp_stream_close(&stream);
}
END_TEST

/* ---- closed, garbage and null ----------------------------------------------------------------------------------- */

START_TEST(null_arguments_are_einval)
{
    int error = 0;
    mio_tcp_stream stream;
    char byte = 0;
    const mio_iovec piece = {&byte, 1};
    mio_addr addr = unix_addr();
    int peer = open_stream(&stream);
    call_fails(mio_tcp_stream_handle(NULL), EINVAL);
    call_fails(mio_tcp_stream_into_handle(NULL), EINVAL);
    call_fails(mio_tcp_stream_connect_finish(NULL), EINVAL);
    call_fails(mio_tcp_stream_read(NULL, &byte, 1), EINVAL);
    call_fails(mio_tcp_stream_peek(NULL, &byte, 1), EINVAL);
    call_fails(mio_tcp_stream_write(NULL, &byte, 1), EINVAL);
    call_fails(mio_tcp_stream_readv(NULL, &piece, 1), EINVAL);
    call_fails(mio_tcp_stream_writev(NULL, &piece, 1), EINVAL);
    call_fails(mio_tcp_stream_readv(&stream, NULL, 1), EINVAL);
    call_fails(mio_tcp_stream_writev(&stream, NULL, 1), EINVAL);
    call_fails(mio_tcp_stream_shutdown(NULL, MIO_SHUTDOWN_BOTH), EINVAL);
    call_fails_keeping(&addr, mio_tcp_stream_local_addr(NULL, &addr), EINVAL);
    call_fails_keeping(&addr, mio_tcp_stream_peer_addr(NULL, &addr), EINVAL);
    call_fails(mio_tcp_stream_local_addr(&stream, NULL), EINVAL);
    call_fails(mio_tcp_stream_peer_addr(&stream, NULL), EINVAL);
    call_fails(mio_tcp_stream_take_error(NULL, &error), EINVAL);
    close_fd(peer);
    mio_tcp_stream_close(&stream);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_stream_errors");
    TCase *broken = add_tcase(suite, "broken connections");
    tcase_add_test(broken, writing_to_a_closed_peer_is_epipe_without_sigpipe);
    tcase_add_test(broken, reading_after_a_reset_is_econnreset_once_then_0);
    tcase_add_test(broken, a_stream_that_was_never_connected_is_enotconn);
    TCase *arguments = add_tcase(suite, "arguments");
    tcase_add_test(arguments, nothing_to_read_keeps_the_buffer);
    tcase_add_test(arguments, more_than_1024_pieces_are_too_many);
    tcase_add_test(arguments, bad_memory_is_efault_and_nothing_is_taken);
    tcase_add_test(arguments, shutdown_knows_three_ways);
    TCase *bad = add_tcase(suite, "closed, garbage and null");
    tcase_add_test(bad, null_arguments_are_einval);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
