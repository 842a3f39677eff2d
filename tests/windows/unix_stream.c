/* SPDX-License-Identifier: MIT */
/* Tests Unix sockets on Windows: streams and listeners with a path. */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <mio/unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

enum { LISTENER = 1, CLIENT = 2, SERVED = 3 };

/* Returns the address of a path in the directory for temporary files. Each process has its own path. */
static mio_addr path_of_test(char path[MAX_PATH])
{
    char directory[MAX_PATH];
    mio_addr addr;
    ck_assert_uint_ne(GetTempPathA(sizeof directory, directory), 0);
    snprintf(path, MAX_PATH, "%.60smio-%lu", directory, GetCurrentProcessId());
    (void)DeleteFileA(path);
    ck_assert_ok(mio_addr_from_path(&addr, path, strlen(path)));
    return addr;
}

START_TEST(a_stream_serves_on_a_path)
{
    char path[MAX_PATH];
    char byte = 0;
    const mio_addr addr = path_of_test(path);
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_unix_stream served;
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    ck_assert_ok(mio_unix_listener_bind(&listener, &addr, MIO_BACKLOG_MAX, 0));
    ck_assert_ok(mio_registry_register(registry, &listener.source, LISTENER, MIO_READABLE));
    ck_assert_ok(mio_unix_stream_connect(&client, &addr, 0));
    ck_assert_ok(mio_registry_register(registry, &client.source, CLIENT, MIO_READABLE));
    (void)wait_for_event(poll, LISTENER);
    ck_assert_ok(mio_unix_listener_accept(&listener, &served, NULL));
    ck_assert_count(mio_unix_stream_write(&served, "x", 1), 1);
    (void)wait_for_event(poll, CLIENT);
    ck_assert_count(mio_unix_stream_read(&client, &byte, 1), 1);
    ck_assert_int_eq(byte, 'x');
    mio_unix_stream_close(&served);
    mio_unix_stream_close(&client);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
    ck_assert_int_ne(DeleteFileA(path), 0);
}
END_TEST

START_TEST(a_path_belongs_to_one_listener)
{
    char path[MAX_PATH];
    const mio_addr addr = path_of_test(path);
    mio_unix_listener listener;
    mio_unix_listener second = {{{0}}};
    ck_assert_ok(mio_unix_listener_bind(&listener, &addr, MIO_BACKLOG_MAX, 0));
    ck_assert_errno(mio_unix_listener_bind(&second, &addr, MIO_BACKLOG_MAX, 0), -EADDRINUSE);
    mio_unix_listener_close(&listener);
    ck_assert_int_ne(DeleteFileA(path), 0);
}
END_TEST

START_TEST(other_kinds_and_flags_are_not_supported)
{
    char path[MAX_PATH];
    const mio_addr addr = path_of_test(path);
    mio_unix_listener listener = {{{0}}};
    mio_unix_stream left = {{{0}}};
    mio_unix_stream right = {{{0}}};
    mio_unix_datagram datagram = {{{0}}};
    ck_assert_errno(mio_unix_listener_bind(&listener, &addr, MIO_BACKLOG_MAX, MIO_UNIX_SEQPACKET), -ENOTSUP);
    ck_assert_errno(mio_unix_listener_bind(&listener, &addr, MIO_BACKLOG_MAX, MIO_UNIX_REPLACE), -ENOTSUP);
    ck_assert_errno(mio_unix_listener_bind(&listener, &addr, MIO_BACKLOG_MAX, MIO_UNIX_MODE(0600)), -ENOTSUP);
    ck_assert_errno(mio_unix_stream_pair(&left, &right, 0), -ENOTSUP);
    ck_assert_errno(mio_unix_datagram_bind(&datagram, &addr, 0), -ENOTSUP);
    ck_assert_uint_eq(GetFileAttributesA(path), INVALID_FILE_ATTRIBUTES);
}
END_TEST

START_TEST(a_socket_of_another_family_is_refused)
{
    const mio_addr any = loopback_v4();
    mio_tcp_listener tcp;
    mio_unix_listener listener = {{{0}}};
    mio_unix_stream stream = {{{0}}};
    ck_assert_ok(mio_tcp_listener_bind(&tcp, &any, MIO_BACKLOG_MAX));
    const mio_handle handle = mio_source_handle(&tcp.source);
    ck_assert_errno(mio_unix_listener_from_handle(&listener, handle), -EPROTOTYPE);
    ck_assert_errno(mio_unix_stream_from_handle(&stream, handle), -EPROTOTYPE);
    ck_assert_errno(mio_source_handle(&stream.source), -EBADF);
    mio_tcp_listener_close(&tcp);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_stream");
    TCase *streams = add_tcase(suite, "streams");
    tcase_add_backend_test(streams, a_stream_serves_on_a_path);
    tcase_add_test(streams, a_path_belongs_to_one_listener);
    tcase_add_test(streams, other_kinds_and_flags_are_not_supported);
    tcase_add_test(streams, a_socket_of_another_family_is_refused);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
