/* SPDX-License-Identifier: MIT */
/*
 * Tests errors of binding, listening and connecting with mio_tcp_socket. refused.c tests arguments that are invalid in
 * every situation.
 */
#include "../helpers/sockets.h"

#include <poll.h>

static mio_tcp_socket open_socket(int family)
{
    mio_tcp_socket socket;
    call_ok(mio_tcp_socket_open(&socket, family));
    return socket;
}

/* ---- opening and adopting --------------------------------------------------------------------------------------- */

START_TEST(from_handle_takes_a_fresh_socket_over)
{
    mio_tcp_socket socket;
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    int fd = raw_socket(AF_INET, SOCK_STREAM);
    scribble(&socket, sizeof socket);
    call_ok(mio_tcp_socket_from_handle(&socket, fd));
    ck_assert(is_cloexec(fd));
    call_ok(mio_tcp_socket_bind(&socket, &any));
    int given = (int)kept(mio_tcp_socket_into_handle(&socket));
    ck_assert_int_eq(given, fd);
    ck_assert(is_zero(&socket, sizeof socket));
    call_ok(mio_tcp_socket_from_handle(&socket, fd)); /* the descriptor is already bound */
    call_ok(mio_tcp_socket_listen(&socket, 16, &listener));
    ck_assert(is_nonblocking(fd)); /* on Windows, is_nonblocking works only if the socket listens */
    mio_tcp_listener_close(&listener);
    ck_assert(!is_open(fd));
}
END_TEST

/* ---- binding, listening and connecting -------------------------------------------------------------------------- */

static int bind_privileged_port(void *context)
{
    mio_addr addr = with_port(loopback_v4(), 1);
    mio_tcp_socket socket;
    (void)context;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_tcp_socket_bind(&socket, &addr) == -EACCES);
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

START_TEST(a_socket_that_cannot_listen_stays_and_can_later)
{
    static const int backlogs[] = {0, -2, INT32_MIN};
    mio_tcp_socket first = open_socket(MIO_ADDR_IPV4);
    mio_tcp_socket second = open_socket(MIO_ADDR_IPV4);
    mio_tcp_listener listener;
    mio_tcp_listener other;
    mio_addr addr = loopback_v4();
    call_ok(mio_source_set_option(&first.source, MIO_OPTION_REUSE_ADDR, 1));
    call_ok(mio_source_set_option(&second.source, MIO_OPTION_REUSE_ADDR, 1));
    call_ok(mio_tcp_socket_bind(&first, &addr));
    call_ok(mio_tcp_socket_local_addr(&first, &addr));
    call_ok(mio_tcp_socket_bind(&second, &addr)); /* works because neither socket listens yet */
    for (int i = 0; i < 3; i++) {
        call_fails_keeping(&first, mio_tcp_socket_listen(&first, backlogs[i], &listener), EINVAL);
    }
    call_ok(mio_tcp_socket_listen(&first, 16, &listener));
    scribble(&other, sizeof other);
    call_fails_keeping(&second, mio_tcp_socket_listen(&second, 16, &other), EADDRINUSE);
    call_fails_keeping(&other, mio_tcp_socket_listen(&second, 16, &other), EADDRINUSE);
    mio_tcp_listener_close(&listener);
    call_ok(mio_tcp_socket_listen(&second, 16, &other));
    mio_tcp_listener_close(&other);
}
END_TEST

/* This function runs in a network namespace that has only the loopback interface. */
static int fail_then_connect(void *context)
{
    mio_tcp_socket socket;
    mio_tcp_stream stream;
    mio_addr own = loopback_v4();
    mio_addr addr = loopback_v4();
    mio_addr elsewhere = ipv4(192, 0, 2, 1, 9);
    mio_addr local;
    int64_t value = 0;
    (void)context;
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    int listener = raw_listener(&addr, 4, &addr);
    require(mio_tcp_socket_open(&socket, MIO_ADDR_IPV4) == 0);
    require(mio_source_set_option(&socket.source, MIO_OPTION_NODELAY, 1) == 0);
    require(mio_tcp_socket_connect(&socket, &elsewhere, &stream) == -ENETUNREACH);
    require(mio_tcp_socket_bind(&socket, &own) == 0);
    require(mio_tcp_socket_local_addr(&socket, &own) == 0);
    int64_t failed = kept(mio_tcp_socket_connect(&socket, &elsewhere, &stream));
    /* EINVAL: a socket bound to 127.0.0.1 cannot reach another host. */
    require(failed == -ENETUNREACH || failed == -EINVAL);
    require(mio_tcp_socket_local_addr(&socket, &local) == 0);
    require(mio_addr_compare(&own, &local) == 0);
    require(mio_source_option(&socket.source, MIO_OPTION_NODELAY, &value) == 0 && value == 1);
    require(mio_tcp_socket_connect(&socket, &addr, &stream) == 0);
    wait_handle(mio_tcp_stream_handle(&stream), POLLOUT);
    require(mio_tcp_stream_connect_finish(&stream) == 0);
    local = raw_peer_addr(raw_accept(listener));
    require(mio_addr_compare(&own, &local) == 0);
    return 0;
}

START_TEST(a_socket_that_cannot_connect_stays_and_can_later)
{
    if (run_apart(fail_then_connect, NULL) == SKIPPED) {
        skip("no network of its own");
    }
}
END_TEST

START_TEST(a_refused_connection_is_told_at_once_or_by_the_stream)
{
    mio_tcp_socket socket = open_socket(MIO_ADDR_IPV4);
    mio_tcp_stream stream;
    mio_addr addr;
    mio_addr any = loopback_v4();
    int refusing = raw_refusing_tcp(&addr);
    int64_t rc = kept(mio_tcp_socket_connect(&socket, &addr, &stream));
    if (rc == 0) {
        wait_handle(mio_tcp_stream_handle(&stream), POLLOUT);
        call_fails(mio_tcp_stream_connect_finish(&stream), ECONNREFUSED);
        /* The previous call has fetched the error, so the stream no longer has an error. */
        call_fails(mio_tcp_stream_connect_finish(&stream), ENOTCONN);
        mio_tcp_stream_close(&stream);
    } else {
        ck_assert_errno(rc, -ECONNREFUSED);
        int listener = raw_listener(&any, 4, &addr);
        call_ok(mio_tcp_socket_connect(&socket, &addr, &stream));
        wait_handle(mio_tcp_stream_handle(&stream), POLLOUT);
        call_ok(mio_tcp_stream_connect_finish(&stream));
        mio_tcp_stream_close(&stream);
        close_fd(listener);
    }
    close_fd(refusing);
}
END_TEST

START_TEST(a_socket_that_was_connecting_when_adopted_says_so)
{
    mio_tcp_listener listener;
    mio_tcp_listener other;
    mio_tcp_stream full[8];
    mio_tcp_stream stream;
    mio_tcp_socket socket;
    mio_addr addr;
    mio_addr any = loopback_v4();
    call_ok(mio_tcp_listener_bind(&listener, &any, 1));
    call_ok(mio_tcp_listener_local_addr(&listener, &addr));
    for (int i = 0; i < 8; i++) { /* more connects than the backlog can hold: the last connects stay in progress */
        call_ok(mio_tcp_stream_connect(&full[i], &addr));
    }
    call_fails(mio_tcp_stream_connect_finish(&full[7]), EINPROGRESS);
    call_ok(mio_tcp_socket_from_handle(&socket, mio_tcp_stream_into_handle(&full[7])));
    call_fails_keeping(&socket, mio_tcp_socket_connect(&socket, &addr, &stream), EALREADY);
    call_fails_keeping(&socket, mio_tcp_socket_listen(&socket, 16, &other), EINVAL);
    mio_tcp_socket_close(&socket);
    for (int i = 0; i < 7; i++) {
        mio_tcp_stream_close(&full[i]);
    }
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(a_socket_that_had_failed_when_adopted_says_so_once)
{
    mio_tcp_stream stream;
    mio_tcp_socket socket;
    mio_addr addr;
    mio_addr any = loopback_v4();
    int refusing = raw_refusing_tcp(&addr);
    if (kept(mio_tcp_stream_connect(&stream, &addr)) != 0) {
        skip("a connect to this machine is refused at once");
        close_fd(refusing);
        return;
    }
    wait_handle(mio_tcp_stream_handle(&stream), POLLERR);
    assert_pending(mio_tcp_stream_take_error, &stream, -ECONNREFUSED);
    int listener = raw_listener(&any, 4, &addr);
    call_ok(mio_tcp_socket_from_handle(&socket, mio_tcp_stream_into_handle(&stream)));
    call_fails_keeping(&socket, mio_tcp_socket_connect(&socket, &addr, &stream), ECONNABORTED);
    call_ok(mio_tcp_socket_connect(&socket, &addr, &stream));
    wait_handle(mio_tcp_stream_handle(&stream), POLLOUT);
    call_ok(mio_tcp_stream_connect_finish(&stream));
    mio_tcp_stream_close(&stream);
    close_fd(listener);
    close_fd(refusing);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_socket_errors");
    TCase *opening = add_tcase(suite, "opening and adopting");
    tcase_add_test(opening, from_handle_takes_a_fresh_socket_over);
    TCase *using = add_tcase(suite, "binding, listening and connecting");
    tcase_add_test(using, binding_to_a_privileged_port_fails);
    tcase_add_test(using, a_socket_that_cannot_listen_stays_and_can_later);
    tcase_add_test(using, a_socket_that_cannot_connect_stays_and_can_later);
    tcase_add_test(using, a_refused_connection_is_told_at_once_or_by_the_stream);
    tcase_add_test(using, a_socket_that_was_connecting_when_adopted_says_so);
    tcase_add_test(using, a_socket_that_had_failed_when_adopted_says_so_once);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
