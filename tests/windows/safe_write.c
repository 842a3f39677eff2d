/* SPDX-License-Identifier: MIT */
/* Tests the errors of mio_safe_write on Windows. */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <windows.h>

START_TEST(a_datagram_gives_the_error_of_a_send)
{
    static char bytes[70000];
    const mio_addr any = loopback_v4();
    mio_addr addr;
    mio_udp_socket socket;
    ck_assert_ok(mio_udp_socket_bind(&socket, &any));
    ck_assert_ok(mio_udp_socket_local_addr(&socket, &addr));
    ck_assert_ok(mio_udp_socket_connect(&socket, &addr));
    ck_assert_int_eq(mio_safe_write(mio_udp_socket_handle(&socket), bytes, sizeof bytes), -EMSGSIZE);
    ck_assert_int_eq(mio_safe_write(mio_udp_socket_handle(&socket), "x", 1), 1);
    mio_udp_socket_close(&socket);
}
END_TEST

START_TEST(a_pipe_without_a_reader_is_broken)
{
    HANDLE reader;
    HANDLE writer;
    ck_assert_int_ne(CreatePipe(&reader, &writer, NULL, 0), 0);
    ck_assert_int_eq(mio_safe_write((mio_handle)writer, "x", 1), 1);
    CloseHandle(reader);
    ck_assert_int_eq(mio_safe_write((mio_handle)writer, "x", 1), -EPIPE);
    CloseHandle(writer);
}
END_TEST

START_TEST(a_handle_that_cannot_be_written_is_bad)
{
    HANDLE reader;
    HANDLE writer;
    ck_assert_int_ne(CreatePipe(&reader, &writer, NULL, 0), 0);
    ck_assert_int_eq(mio_safe_write((mio_handle)reader, "x", 1), -EBADF);
    CloseHandle(reader);
    CloseHandle(writer);
    ck_assert_int_eq(mio_safe_write((mio_handle)writer, "x", 1), -EBADF);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("safe_write");
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, a_datagram_gives_the_error_of_a_send);
    tcase_add_test(errors, a_pipe_without_a_reader_is_broken);
    tcase_add_test(errors, a_handle_that_cannot_be_written_is_bad);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
