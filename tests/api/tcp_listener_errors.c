/* SPDX-License-Identifier: MIT */
/* TCP listeners: errors of opening, adopting and accepting, which change and leak nothing. */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

/* A bind that must fail with `code`, leaving the storage alone and nothing open. */
static void expect_bind_fails(const mio_addr *addr, int backlog, int code)
{
    mio_tcp_listener listener;
    int before = count_descriptors();
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_tcp_listener_bind(&listener, addr, backlog), code);
    ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(bind_needs_a_listener_and_an_address)
{
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    memset(&listener, 0, sizeof listener);
    call_fails(mio_tcp_listener_bind(NULL, &any, 16), EINVAL);
    call_fails(mio_tcp_listener_bind(NULL, NULL, 16), EINVAL);
    expect_bind_fails(NULL, 16, EINVAL);
}
END_TEST

START_TEST(bind_refuses_a_backlog_of_0_and_below_minus_1)
{
    mio_addr any = loopback_v4();
    expect_bind_fails(&any, 0, EINVAL);
    expect_bind_fails(&any, -2, EINVAL);
    expect_bind_fails(&any, INT32_MIN, EINVAL);
}
END_TEST

START_TEST(bind_refuses_what_is_not_an_ip_address)
{
    mio_addr none = no_addr();
    mio_addr path = unix_addr();
    mio_addr garbage;
    scribble(&garbage, sizeof garbage);
    expect_bind_fails(&none, 16, EAFNOSUPPORT);
    expect_bind_fails(&path, 16, EAFNOSUPPORT);
    expect_bind_fails(&garbage, 16, EAFNOSUPPORT);
}
END_TEST

START_TEST(binding_to_an_address_in_use_fails)
{
    mio_tcp_listener listener;
    mio_addr addr;
    make_listener(&listener, &addr);
    expect_bind_fails(&addr, 16, EADDRINUSE);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(binding_to_an_address_of_another_machine_fails)
{
    mio_addr foreign = foreign_v4();
    if (system_setting("/proc/sys/net/ipv4/ip_nonlocal_bind") != 0) {
        skip("ip_nonlocal_bind is set");
        return;
    }
    expect_bind_fails(&foreign, 16, EADDRNOTAVAIL);
}
END_TEST

static int bind_privileged_port(void *context)
{
    mio_addr addr = with_port(loopback_v4(), 1);
    mio_tcp_listener listener = {{{0}}};
    mio_udp_socket socket = {{{0}}};
    (void)context;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_tcp_listener_bind(&listener, &addr, 16) == -EACCES);
    require(mio_udp_socket_bind(&socket, &addr) == -EACCES);
    return 0;
}

START_TEST(binding_to_a_privileged_port_fails)
{
    if (system_setting("/proc/sys/net/ipv4/ip_unprivileged_port_start") <= 1) {
        skip("no port is privileged");
    } else if (run_apart(bind_privileged_port, NULL) == SKIPPED) {
        skip("cannot drop privileges");
    }
}
END_TEST

START_TEST(bind_without_descriptors_fails)
{
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    int before = count_descriptors();
    scribble(&listener, sizeof listener);
    refuse_descriptors();
    call_fails_keeping(&listener, mio_tcp_listener_bind(&listener, &any, 16), EMFILE);
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(accept_without_descriptors_fails_and_the_connection_waits)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    mio_addr peer = unix_addr();
    make_listener(&listener, &addr);
    int client = raw_connect(&addr);
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    int before = count_descriptors();
    scribble(&stream, sizeof stream);
    refuse_descriptors();
    call_fails_keeping(&stream, mio_tcp_listener_accept(&listener, &stream, NULL), EMFILE);
    if (!under_valgrind()) { /* which accepts first, and closes what is above the limit */
        call_fails_keeping(&peer, mio_tcp_listener_accept(&listener, &stream, &peer), EMFILE);
    }
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
    if (!under_valgrind()) {
        call_ok(mio_tcp_listener_accept(&listener, &stream, &peer));
        addr = raw_local_addr(client);
        assert_addr_eq(&peer, &addr);
        mio_tcp_stream_close(&stream);
    }
    close_fd(client);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(accept_with_nothing_waiting_keeps_its_arguments)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr peer = unix_addr();
    make_listener(&listener, NULL);
    scribble(&stream, sizeof stream);
    call_fails_keeping(&stream, mio_tcp_listener_accept(&listener, &stream, NULL), EAGAIN);
    call_fails_keeping(&peer, mio_tcp_listener_accept(&listener, &stream, &peer), EAGAIN);
    call_fails_keeping(&listener, mio_tcp_listener_accept(&listener, NULL, &peer), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(accept_of_a_listener_that_was_shut_down_fails)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr peer = unix_addr();
    make_listener(&listener, NULL);
    scribble(&stream, sizeof stream);
    ck_assert_int_eq(shutdown(mio_tcp_listener_handle(&listener), SHUT_RD), 0);
    call_fails_keeping(&stream, mio_tcp_listener_accept(&listener, &stream, &peer), EINVAL);
    call_fails_keeping(&peer, mio_tcp_listener_accept(&listener, &stream, &peer), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

/* ---- from_handle ------------------------------------------------------------------------------------------------ */

/* from_handle must fail and leave the handle open, with its flags as they were, and the storage as it was. */
static void expect_adoption_fails(int fd, int code)
{
    mio_tcp_listener listener;
    int status_flags = fcntl(fd, F_GETFL);
    int fd_flags = fcntl(fd, F_GETFD);
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_tcp_listener_from_handle(&listener, fd), code);
    ck_assert_int_eq(fcntl(fd, F_GETFL), status_flags);
    ck_assert_int_eq(fcntl(fd, F_GETFD), fd_flags);
}

START_TEST(from_handle_makes_the_handle_nonblocking_and_cloexec)
{
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    int fd = raw_listener(&any, 4, NULL);
    ck_assert(!is_nonblocking(fd));
    ck_assert(!is_cloexec(fd));
    call_ok(mio_tcp_listener_from_handle(&listener, fd));
    ck_assert(is_nonblocking(fd));
    ck_assert(is_cloexec(fd));
    mio_tcp_listener_close(&listener);
    ck_assert(!is_open(fd));
}
END_TEST

START_TEST(from_handle_refuses_what_is_not_open)
{
    mio_tcp_listener listener;
    int fd = raw_socket(AF_INET, SOCK_STREAM);
    close_fd(fd);
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_tcp_listener_from_handle(&listener, fd), EBADF);
    call_fails_keeping(&listener, mio_tcp_listener_from_handle(&listener, MIO_HANDLE_NONE), EBADF);
    call_fails_keeping(&listener, mio_tcp_listener_from_handle(&listener, INT32_MIN), EBADF);
    call_fails_keeping(&listener, mio_tcp_listener_from_handle(&listener, INT32_MAX), EBADF);
}
END_TEST

START_TEST(from_handle_refuses_what_is_not_a_socket)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    expect_adoption_fails(fds[0], ENOTSOCK);
    expect_adoption_fails(fds[1], ENOTSOCK);
    close_fd(fds[0]);
    close_fd(fds[1]);
    int file = open("/dev/null", O_RDWR);
    ck_assert_int_ne(file, -1);
    expect_adoption_fails(file, ENOTSOCK);
    close_fd(file);
}
END_TEST

START_TEST(from_handle_of_null_is_invalid_and_the_handle_stays)
{
    mio_addr any = loopback_v4();
    int fd = raw_listener(&any, 4, NULL);
    call_fails(mio_tcp_listener_from_handle(NULL, fd), EINVAL);
    ck_assert(is_open(fd));
    ck_assert(!is_nonblocking(fd));
    ck_assert(!is_cloexec(fd));
    close_fd(fd);
}
END_TEST

START_TEST(from_handle_refuses_sockets_of_another_kind)
{
    const struct sockaddr_un name = {.sun_family = AF_UNIX};
    int local = raw_socket(AF_UNIX, SOCK_STREAM);
    ck_assert_int_eq(bind(local, (const struct sockaddr *)&name, sizeof name.sun_family), 0); /* any abstract name */
    ck_assert_int_eq(listen(local, 1), 0);
    expect_adoption_fails(local, EPROTOTYPE);
    close_fd(local);
}
END_TEST

START_TEST(from_handle_refuses_a_socket_that_does_not_listen)
{
    mio_addr any = loopback_v4();
    mio_addr addr;
    int fd = raw_socket(AF_INET, SOCK_STREAM);
    expect_adoption_fails(fd, EINVAL);
    raw_bind(fd, &any, NULL);
    expect_adoption_fails(fd, EINVAL);
    close_fd(fd);
    fd = raw_socket(AF_INET, SOCK_DGRAM);
    expect_adoption_fails(fd, EINVAL);
    close_fd(fd);
    int listener = raw_listener(&any, 4, &addr);
    fd = raw_connect(&addr);
    expect_adoption_fails(fd, EINVAL);
    close_fd(fd);
    close_fd(listener);
}
END_TEST

/* ---- closed, garbage and null ----------------------------------------------------------------------------------- */

/* Every call on a listener that is not open: -EBADF, and nothing is changed. */
static void expect_all_bad(mio_tcp_listener *listener)
{
    int error = 0;
    mio_tcp_stream stream;
    mio_addr addr = unix_addr();
    scribble(&stream, sizeof stream);
    call_fails_keeping(listener, mio_tcp_listener_handle(listener), EBADF);
    call_fails_keeping(listener, mio_tcp_listener_into_handle(listener), EBADF);
    call_fails_keeping(&stream, mio_tcp_listener_accept(listener, &stream, NULL), EBADF);
    call_fails_keeping(&addr, mio_tcp_listener_accept(listener, &stream, &addr), EBADF);
    call_fails_keeping(&addr, mio_tcp_listener_local_addr(listener, &addr), EBADF);
    call_fails_keeping(listener, mio_tcp_listener_take_error(listener, &error), EBADF);
}

START_TEST(calls_on_a_closed_listener_are_ebadf)
{
    mio_tcp_listener listener;
    memset(&listener, 0, sizeof listener);
    expect_all_bad(&listener);
    make_listener(&listener, NULL);
    mio_tcp_listener_close(&listener);
    expect_all_bad(&listener);
}
END_TEST

START_TEST(calls_on_garbage_are_ebadf_and_close_closes_nothing)
{
    int error = 0;
    static const int fillings[] = {0xff, 0xa5, 0x80, 0x7f};
    int before = count_descriptors();
    for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
        mio_tcp_listener listener;
        mio_tcp_stream stream;
        mio_addr addr;
        memset(&listener, fillings[i], sizeof listener);
        call_fails(mio_tcp_listener_accept(&listener, &stream, &addr), EBADF);
        call_fails(mio_tcp_listener_local_addr(&listener, &addr), EBADF);
        call_fails(mio_tcp_listener_take_error(&listener, &error), EBADF);
        kept_void(mio_tcp_listener_close(&listener));
        ck_assert(is_zero(&listener, sizeof listener));
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(null_arguments_are_einval)
{
    int error = 0;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr = unix_addr();
    make_listener(&listener, NULL);
    scribble(&stream, sizeof stream);
    call_fails(mio_tcp_listener_handle(NULL), EINVAL);
    call_fails(mio_tcp_listener_into_handle(NULL), EINVAL);
    call_fails_keeping(&stream, mio_tcp_listener_accept(NULL, &stream, NULL), EINVAL);
    call_fails_keeping(&addr, mio_tcp_listener_accept(NULL, &stream, &addr), EINVAL);
    call_fails(mio_tcp_listener_accept(&listener, NULL, NULL), EINVAL);
    call_fails(mio_tcp_listener_accept(NULL, NULL, NULL), EINVAL);
    call_fails_keeping(&addr, mio_tcp_listener_local_addr(NULL, &addr), EINVAL);
    call_fails(mio_tcp_listener_local_addr(&listener, NULL), EINVAL);
    call_fails(mio_tcp_listener_local_addr(NULL, NULL), EINVAL);
    call_fails(mio_tcp_listener_take_error(NULL, &error), EINVAL);
    mio_tcp_listener_close(&listener);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_listener_errors");
    TCase *opening = add_tcase(suite, "bind and accept");
    tcase_add_test(opening, bind_needs_a_listener_and_an_address);
    tcase_add_test(opening, bind_refuses_a_backlog_of_0_and_below_minus_1);
    tcase_add_test(opening, bind_refuses_what_is_not_an_ip_address);
    tcase_add_test(opening, binding_to_an_address_in_use_fails);
    tcase_add_test(opening, binding_to_an_address_of_another_machine_fails);
    tcase_add_test(opening, binding_to_a_privileged_port_fails);
    tcase_add_test(opening, bind_without_descriptors_fails);
    tcase_add_test(opening, accept_without_descriptors_fails_and_the_connection_waits);
    tcase_add_test(opening, accept_with_nothing_waiting_keeps_its_arguments);
    tcase_add_test(opening, accept_of_a_listener_that_was_shut_down_fails);
    TCase *adopting = add_tcase(suite, "from_handle");
    tcase_add_test(adopting, from_handle_makes_the_handle_nonblocking_and_cloexec);
    tcase_add_test(adopting, from_handle_refuses_what_is_not_open);
    tcase_add_test(adopting, from_handle_refuses_what_is_not_a_socket);
    tcase_add_test(adopting, from_handle_of_null_is_invalid_and_the_handle_stays);
    tcase_add_test(adopting, from_handle_refuses_sockets_of_another_kind);
    tcase_add_test(adopting, from_handle_refuses_a_socket_that_does_not_listen);
    TCase *bad = add_tcase(suite, "closed, garbage and null");
    tcase_add_test(bad, calls_on_a_closed_listener_are_ebadf);
    tcase_add_test(bad, calls_on_garbage_are_ebadf_and_close_closes_nothing);
    tcase_add_test(bad, null_arguments_are_einval);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
