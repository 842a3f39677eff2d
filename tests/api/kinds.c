/* SPDX-License-Identifier: MIT */
/*
 * The kind of a source: every kind supports the functions for any source; functions for streams or listeners accept
 * both kinds of those and refuse all others; a function for one type refuses a source of another type.
 */
#include "../helpers/sockets.h"

#include <signal.h>

enum kind {
    TCP_SOCKET,
    TCP_LISTENER,
    TCP_STREAM,
    UDP_SOCKET,
    UNIX_LISTENER,
    UNIX_STREAM,
    UNIX_RECORDS,
    UNIX_DATAGRAM,
    PIPE_SENDER,
    PIPE_RECEIVER,
    SIGNALS,
    KINDS
};

/* All types begin with their source. */
typedef union any {
    mio_source source;
    mio_tcp_socket tcp_socket;
    mio_tcp_listener tcp_listener;
    mio_tcp_stream tcp_stream;
    mio_udp_socket udp_socket;
    mio_unix_listener unix_listener;
    mio_unix_stream unix_stream;
    mio_unix_datagram unix_datagram;
    mio_pipe_sender pipe_sender;
    mio_pipe_receiver pipe_receiver;
    mio_signals signals;
} any;

/* A connection of TCP whose other end is closed again. */
static void open_tcp_stream(mio_tcp_stream *stream)
{
    mio_addr addr = loopback_v4();
    mio_tcp_listener listener;
    call_ok(mio_tcp_listener_bind(&listener, &addr, 1));
    call_ok(mio_tcp_listener_local_addr(&listener, &addr));
    call_ok(mio_tcp_stream_connect(stream, &addr));
    mio_tcp_listener_close(&listener);
}

static void open_pipe(any *kept_end, bool sender)
{
    mio_pipe_sender in;
    mio_pipe_receiver out;
    call_ok(mio_pipe_pair(&in, &out));
    if (sender) {
        kept_end->pipe_sender = in;
        mio_pipe_receiver_close(&out);
    } else {
        kept_end->pipe_receiver = out;
        mio_pipe_sender_close(&in);
    }
}

static void open_any(any *it, enum kind kind)
{
    const int number = SIGUSR1;
    mio_addr addr = loopback_v4();
    mio_addr unnamed = unix_addr();
    mio_unix_stream other;
    scribble(it, sizeof *it);
    ck_assert_ok(mio_addr_unnamed(&unnamed));
    switch (kind) {
    case TCP_SOCKET:
        call_ok(mio_tcp_socket_open(&it->tcp_socket, MIO_ADDR_IPV4));
        break;
    case TCP_LISTENER:
        call_ok(mio_tcp_listener_bind(&it->tcp_listener, &addr, 1));
        break;
    case TCP_STREAM:
        open_tcp_stream(&it->tcp_stream);
        break;
    case UDP_SOCKET:
        call_ok(mio_udp_socket_bind(&it->udp_socket, &addr));
        break;
    case UNIX_LISTENER:
        call_ok(mio_unix_listener_bind(&it->unix_listener, &unnamed, 1, 0));
        break;
    case UNIX_STREAM:
    case UNIX_RECORDS:
        call_ok(mio_unix_stream_pair(&it->unix_stream, &other, kind == UNIX_RECORDS ? MIO_UNIX_SEQPACKET : 0));
        mio_unix_stream_close(&other);
        break;
    case UNIX_DATAGRAM:
        call_ok(mio_unix_datagram_open(&it->unix_datagram));
        break;
    case PIPE_SENDER:
    case PIPE_RECEIVER:
        open_pipe(it, kind == PIPE_SENDER);
        break;
    default:
        call_ok(mio_signals_open(&it->signals, &number, 1, 0));
    }
}

static bool is_stream(int kind)
{
    return kind == TCP_STREAM || kind == UNIX_STREAM || kind == UNIX_RECORDS;
}

static bool is_listener(int kind)
{
    return kind == TCP_LISTENER || kind == UNIX_LISTENER;
}

static bool is_usr1_blocked(void)
{
    sigset_t mask;
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    return sigismember(&mask, SIGUSR1) == 1;
}

START_TEST(each_kind_is_closed_by_its_source)
{
    any it;
    int before = count_descriptors();
    open_any(&it, (enum kind)_i);
    ck_assert_int_ge(mio_source_handle(&it.source), 0);
    ck_assert_int_eq(is_usr1_blocked(), _i == SIGNALS);
    mio_source_close(&it.source);
    ck_assert(is_zero(&it.source, sizeof it.source));
    ck_assert(!is_usr1_blocked());
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert(_i != SIGNALS || is_zero(&it.signals, sizeof it.signals));
    call_fails(mio_source_handle(&it.source), EBADF);
    mio_source_close(&it.source);
    mio_source_close(NULL);
}
END_TEST

START_TEST(a_source_that_is_closed_is_deregistered)
{
    for (int kind = 0; kind < KINDS; kind++) {
        any it;
        mio_event event;
        mio_poll *poll = open_poll(_i);
        mio_registry *registry = mio_poll_registry(poll);
        open_any(&it, (enum kind)kind);
        ck_assert_ok(mio_registry_register(registry, &it.source, 1, MIO_READABLE | MIO_WRITABLE));
        mio_source_close(&it.source);
        ck_assert_count(mio_poll_wait(poll, &event, 1, 0), 0);
        mio_poll_free(poll);
    }
}
END_TEST

START_TEST(a_handle_is_given_away_but_not_that_of_a_set_of_signals)
{
    any it;
    open_any(&it, (enum kind)_i);
    mio_handle handle = mio_source_handle(&it.source);
    if (_i == SIGNALS) {
        call_fails_keeping(&it, mio_source_into_handle(&it.source), EINVAL);
        mio_source_close(&it.source);
        return;
    }
    ck_assert_int_eq(mio_source_into_handle(&it.source), handle);
    ck_assert(is_zero(&it.source, sizeof it.source));
    call_fails(mio_source_into_handle(&it.source), EBADF);
    close_fd(handle);
}
END_TEST

START_TEST(addresses_and_errors_are_those_of_sockets)
{
    any it;
    int error = 77;
    mio_addr addr = no_addr();
    open_any(&it, (enum kind)_i);
    if (_i == PIPE_SENDER || _i == PIPE_RECEIVER || _i == SIGNALS) {
        call_fails_keeping(&addr, mio_source_local_addr(&it.source, &addr), ENOTSOCK);
        call_fails_keeping(&addr, mio_source_peer_addr(&it.source, &addr), ENOTSOCK);
        call_fails(mio_source_take_error(&it.source, &error), ENOTSOCK);
        ck_assert_int_eq(error, 77);
    } else {
        int wanted = _i <= UDP_SOCKET ? MIO_ADDR_IPV4 : MIO_ADDR_UNIX;
        call_ok(mio_source_local_addr(&it.source, &addr));
        ck_assert_int_eq(mio_addr_family(&addr), wanted);
        if (!is_stream(_i)) {
            call_fails_keeping(&addr, mio_source_peer_addr(&it.source, &addr), ENOTCONN);
        }
        if (_i != TCP_STREAM) { /* whose peer has closed; the error may already be pending */
            call_ok(mio_source_take_error(&it.source, &error));
            ck_assert_int_eq(error, 0);
        }
    }
    mio_source_close(&it.source);
}
END_TEST

START_TEST(what_a_stream_does_is_refused_of_every_other_kind)
{
    any it;
    char bytes[4] = "";
    mio_iovec piece = {bytes, 1};
    unsigned char byte;
    open_any(&it, (enum kind)_i);
    mio_source *source = &it.source;
    if (is_stream(_i)) {
        ck_assert_int_ne(mio_stream_connect_finish(source), -EINVAL);
        ck_assert_int_ne(mio_stream_shutdown(source, MIO_SHUTDOWN_WRITE), -EINVAL);
    } else {
        call_fails(mio_stream_connect_finish(source), EINVAL);
        call_fails_keeping(&bytes, mio_stream_read(source, bytes, sizeof bytes), EINVAL);
        call_fails(mio_stream_readv(source, &piece, 1), EINVAL);
        call_fails(mio_stream_peek(source, bytes, sizeof bytes), EINVAL);
        call_fails(mio_stream_write(source, bytes, 1), EINVAL);
        call_fails(mio_stream_writev(source, &piece, 1), EINVAL);
        call_fails(mio_stream_send(source, bytes, 1, 0), EINVAL);
        call_fails(mio_stream_recv_oob(source, &byte), EINVAL);
        call_fails(mio_stream_at_mark(source), EINVAL);
        call_fails(mio_stream_shutdown(source, MIO_SHUTDOWN_BOTH), EINVAL);
        call_fails(mio_tcp_stream_read(&it.tcp_stream, bytes, sizeof bytes), EINVAL);
        call_fails(mio_unix_stream_write(&it.unix_stream, bytes, 1), EINVAL);
    }
    mio_source_close(source);
}
END_TEST

START_TEST(what_a_listener_does_is_refused_of_every_other_kind)
{
    any it;
    mio_accept_reserve reserve;
    mio_source stream;
    scribble(&stream, sizeof stream);
    call_ok(mio_accept_reserve_open(&reserve));
    open_any(&it, (enum kind)_i);
    int code = is_listener(_i) ? EAGAIN : EINVAL;
    call_fails_keeping(&stream, mio_listener_accept(&it.source, &stream, NULL), code);
    call_fails_keeping(&stream, mio_listener_accept_or_shed(&it.source, &reserve, &stream, NULL), code);
    mio_source_close(&it.source);
    mio_accept_reserve_close(&reserve);
}
END_TEST

/* The calls for one kind only; `it` is of another kind. */
static void calls_of_tcp_sockets(any *it)
{
    mio_addr addr = loopback_v4();
    any made;
    scribble(&made, sizeof made);
    call_fails(mio_tcp_socket_bind(&it->tcp_socket, &addr), EINVAL);
    call_fails_keeping(&made, mio_tcp_socket_listen(&it->tcp_socket, 1, &made.tcp_listener), EINVAL);
    call_fails_keeping(&made, mio_tcp_socket_connect(&it->tcp_socket, &addr, &made.tcp_stream), EINVAL);
}

static void calls_of_udp_sockets(any *it)
{
    char bytes[4] = "";
    mio_addr addr = with_port(loopback_v4(), 9);
    mio_addr group = ipv4(239, 1, 2, 3, 0);
    mio_addr group_v6 = ipv6("ff12::1", 0);
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    mio_udp_socket *socket = &it->udp_socket;
    call_fails(mio_udp_socket_connect(socket, &addr), EINVAL);
    call_fails(mio_udp_socket_connect(socket, NULL), EINVAL);
    call_fails(mio_udp_socket_send(socket, bytes, 1), EINVAL);
    call_fails(mio_udp_socket_send_to(socket, bytes, 1, &addr), EINVAL);
    call_fails(mio_udp_socket_recv(socket, bytes, 1, NULL), EINVAL);
    call_fails(mio_udp_socket_recv_from(socket, bytes, 1, &addr, NULL), EINVAL);
    call_fails(mio_udp_socket_peek(socket, bytes, 1, NULL), EINVAL);
    call_fails(mio_udp_socket_peek_from(socket, bytes, 1, &addr, NULL), EINVAL);
    call_fails(mio_udp_socket_send_message(socket, &message), EINVAL);
    call_fails(mio_udp_socket_recv_message(socket, &message), EINVAL);
    call_fails(mio_udp_socket_send_batch(socket, &message, 1), EINVAL);
    call_fails(mio_udp_socket_send_batch(socket, NULL, 0), EINVAL);
    call_fails(mio_udp_socket_recv_batch(socket, &message, 1), EINVAL);
    call_fails(mio_udp_socket_recv_error(socket, &queued), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v4(socket, &group, NULL), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v4(socket, &group, NULL), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v4_on(socket, &group, 0), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v4_on(socket, &group, 0), EINVAL);
    call_fails(mio_udp_socket_join_multicast_v6(socket, &group_v6, 0), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_v6(socket, &group_v6, 0), EINVAL);
    call_fails(mio_udp_socket_join_multicast_source(socket, &group, &addr, 0), EINVAL);
    call_fails(mio_udp_socket_leave_multicast_source(socket, &group, &addr, 0), EINVAL);
}

static void calls_of_tcp_streams(any *it)
{
    mio_addr addr = no_addr();
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    call_fails_keeping(&addr, mio_tcp_stream_original_destination(&it->tcp_stream, &addr), EINVAL);
    call_fails_keeping(&queued, mio_tcp_stream_recv_error(&it->tcp_stream, &queued), EINVAL);
}

static void calls_of_unix_streams(any *it)
{
    char bytes[4] = "";
    size_t count = 0;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    mio_unix_stream *stream = &it->unix_stream;
    call_fails(mio_unix_stream_recv(stream, bytes, 1, NULL), EINVAL);
    call_fails(mio_unix_stream_send_with_handles(stream, bytes, 1, NULL, 0), EINVAL);
    call_fails(mio_unix_stream_recv_with_handles(stream, bytes, 1, NULL, 0, &count, NULL), EINVAL);
    call_fails(mio_unix_stream_send_message(stream, &message), EINVAL);
    call_fails(mio_unix_stream_recv_message(stream, &message), EINVAL);
    call_fails(mio_unix_stream_peer_credentials(stream, &credentials), EINVAL);
    call_fails(mio_unix_stream_peer_pidfd(stream), EINVAL);
    call_fails_keeping(&count, mio_unix_stream_peer_groups(stream, NULL, 0, &count), EINVAL);
}

static void calls_of_unix_datagrams(any *it)
{
    char bytes[4] = "";
    size_t count = 0;
    mio_addr addr = unix_addr();
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_unix_datagram *socket = &it->unix_datagram;
    call_fails(mio_unix_datagram_connect(socket, &addr), EINVAL);
    call_fails(mio_unix_datagram_connect(socket, NULL), EINVAL);
    call_fails(mio_unix_datagram_send(socket, bytes, 1), EINVAL);
    call_fails(mio_unix_datagram_send_to(socket, bytes, 1, &addr), EINVAL);
    call_fails(mio_unix_datagram_recv(socket, bytes, 1, NULL), EINVAL);
    call_fails(mio_unix_datagram_recv_from(socket, bytes, 1, &addr, NULL), EINVAL);
    call_fails(mio_unix_datagram_peek(socket, bytes, 1, NULL), EINVAL);
    call_fails(mio_unix_datagram_peek_from(socket, bytes, 1, &addr, NULL), EINVAL);
    call_fails(mio_unix_datagram_send_with_handles(socket, bytes, 1, NULL, 0), EINVAL);
    call_fails(mio_unix_datagram_recv_with_handles(socket, bytes, 1, NULL, 0, &count, NULL), EINVAL);
    call_fails(mio_unix_datagram_send_message(socket, &message), EINVAL);
    call_fails(mio_unix_datagram_recv_message(socket, &message), EINVAL);
    call_fails(mio_unix_datagram_shutdown(socket, MIO_SHUTDOWN_BOTH), EINVAL);
}

static void calls_of_pipes(any *it, bool sender)
{
    char bytes[4] = "";
    mio_iovec piece = {bytes, 1};
    if (sender) {
        call_fails(mio_pipe_sender_write(&it->pipe_sender, bytes, 1), EINVAL);
        call_fails(mio_pipe_sender_writev(&it->pipe_sender, &piece, 1), EINVAL);
    } else {
        call_fails(mio_pipe_receiver_read(&it->pipe_receiver, bytes, 1), EINVAL);
        call_fails(mio_pipe_receiver_readv(&it->pipe_receiver, &piece, 1), EINVAL);
    }
}

START_TEST(what_one_kind_does_is_refused_of_every_other)
{
    any it;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    open_any(&it, (enum kind)_i);
    if (_i != TCP_SOCKET) {
        calls_of_tcp_sockets(&it);
    }
    if (_i != TCP_STREAM) {
        calls_of_tcp_streams(&it);
    }
    if (_i != UDP_SOCKET) {
        calls_of_udp_sockets(&it);
    }
    if (_i != UNIX_STREAM && _i != UNIX_RECORDS) {
        calls_of_unix_streams(&it);
    }
    if (_i != UNIX_DATAGRAM) {
        calls_of_unix_datagrams(&it);
    }
    if (_i != PIPE_SENDER) {
        calls_of_pipes(&it, true);
    }
    if (_i != PIPE_RECEIVER) {
        calls_of_pipes(&it, false);
    }
    if (_i != SIGNALS) {
        call_fails_keeping(&info, mio_signals_recv(&it.signals, &info), EINVAL);
    }
    ck_assert_int_ge(mio_source_handle(&it.source), 0); /* and keeps its kind */
    mio_source_close(&it.source);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("kinds");
    TCase *tcase = add_tcase(suite, "kinds");
    tcase_add_loop_test(tcase, each_kind_is_closed_by_its_source, 0, KINDS);
    tcase_add_backend_test(tcase, a_source_that_is_closed_is_deregistered);
    tcase_add_loop_test(tcase, a_handle_is_given_away_but_not_that_of_a_set_of_signals, 0, KINDS);
    tcase_add_loop_test(tcase, addresses_and_errors_are_those_of_sockets, 0, KINDS);
    tcase_add_loop_test(tcase, what_a_stream_does_is_refused_of_every_other_kind, 0, KINDS);
    tcase_add_loop_test(tcase, what_a_listener_does_is_refused_of_every_other_kind, 0, KINDS);
    tcase_add_loop_test(tcase, what_one_kind_does_is_refused_of_every_other, 0, KINDS);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
