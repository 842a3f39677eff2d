/* SPDX-License-Identifier: MIT */
/*
 * Tests errors of broken TCP connections. tcp_connect.c tests errors of connecting, and objects.c tests errors of
 * adopting descriptors. refused.c tests arguments that are always invalid.
 */
#include "../helpers/sockets.h"

#include <poll.h>

/* Connects a stream, and returns the descriptor at the other end. */
static int open_stream(mio_tcp_stream *stream)
{
    mio_addr any = loopback_v4();
    return connect_to_raw(stream, &any);
}

/* Calls write and writev alternately until a call fails. Returns the error. */
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

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_stream_errors");
    TCase *broken = add_tcase(suite, "broken connections");
    tcase_add_test(broken, writing_to_a_closed_peer_is_epipe_without_sigpipe);
    tcase_add_test(broken, reading_after_a_reset_is_econnreset_once_then_0);
    tcase_add_test(broken, a_stream_that_was_never_connected_is_enotconn);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
