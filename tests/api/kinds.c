/* SPDX-License-Identifier: MIT */
/*
 * Tests which kinds of source each function accepts. Functions for any source accept all kinds. Functions for streams
 * accept TCP and Unix streams, and functions for listeners accept TCP and Unix listeners. Functions for one type accept
 * only that type. All functions refuse garbage.
 */
#include "../helpers/objects.h"

#include <signal.h>
#include <stdio.h>

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
    object it;
    int before = count_descriptors();
    open_object(&it, _i);
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
    for (int kind = 0; kind < OBJECT_TYPES; kind++) {
        object it;
        mio_event event;
        mio_poll *poll = open_poll(_i);
        mio_registry *registry = mio_poll_registry(poll);
        open_object(&it, kind);
        ck_assert_ok(mio_registry_register(registry, &it.source, 1, MIO_READABLE | MIO_WRITABLE));
        mio_source_close(&it.source);
        ck_assert_count(mio_poll_wait(poll, &event, 1, 0), 0);
        mio_poll_free(poll);
    }
}
END_TEST

START_TEST(a_handle_is_given_away_but_not_that_of_a_set_of_signals)
{
    object it;
    open_object(&it, _i);
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
    object it;
    int error = 77;
    mio_addr addr = no_addr();
    open_object(&it, _i);
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
        assert_pending(mio_source_take_error, &it.source, 0);
    }
    mio_source_close(&it.source);
}
END_TEST

/* ---- functions that accept only some kinds of sources ----------------------------------------------------------- */

/*
 * Each helper in this section calls the functions of mio that accept only one kind of source, such as a listener. The
 * argument `it` is a source of any kind, or garbage. Each call must return -`code`.
 */

static void calls_of_streams(object *it, int code)
{
    char bytes[4] = "";
    mio_iovec piece = {bytes, 1};
    unsigned char byte;
    mio_source *source = &it->source;
    call_fails(mio_stream_connect_finish(source), code);
    call_fails_keeping(&bytes, mio_stream_read(source, bytes, sizeof bytes), code);
    call_fails(mio_stream_readv(source, &piece, 1), code);
    call_fails(mio_stream_peek(source, bytes, sizeof bytes), code);
    call_fails(mio_stream_write(source, bytes, 1), code);
    call_fails(mio_stream_writev(source, &piece, 1), code);
    call_fails(mio_stream_send(source, bytes, 1, 0), code);
    call_fails(mio_stream_recv_oob(source, &byte), code);
    call_fails(mio_stream_at_mark(source), code);
    call_fails(mio_stream_shutdown(source, MIO_SHUTDOWN_BOTH), code);
    call_fails(mio_tcp_stream_read(&it->tcp_stream, bytes, sizeof bytes), code);
    call_fails(mio_unix_stream_write(&it->unix_stream, bytes, 1), code);
}

static void calls_of_listeners(object *it, int code)
{
    mio_accept_reserve reserve;
    mio_source stream;
    mio_addr addr = no_addr();
    scribble(&stream, sizeof stream);
    call_ok(mio_accept_reserve_open(&reserve));
    call_fails_keeping(&stream, mio_listener_accept(&it->source, &stream, NULL), code);
    call_fails_keeping(&addr, mio_listener_accept(&it->source, &stream, &addr), code);
    call_fails_keeping(&stream, mio_listener_accept_or_shed(&it->source, &reserve, &stream, NULL), code);
    mio_accept_reserve_close(&reserve);
}

static void calls_of_tcp_sockets(object *it, int code)
{
    mio_addr addr = loopback_v4();
    object made;
    scribble(&made, sizeof made);
    call_fails(mio_tcp_socket_bind(&it->tcp_socket, &addr), code);
    call_fails_keeping(&made, mio_tcp_socket_listen(&it->tcp_socket, 1, &made.tcp_listener), code);
    call_fails_keeping(&made, mio_tcp_socket_connect(&it->tcp_socket, &addr, &made.tcp_stream), code);
}

static void calls_of_udp_sockets(object *it, int code)
{
    char bytes[4] = "";
    mio_addr addr = with_port(loopback_v4(), 9);
    mio_addr group = ipv4(239, 1, 2, 3, 0);
    mio_addr group_v6 = ipv6("ff12::1", 0);
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    mio_udp_socket *socket = &it->udp_socket;
    call_fails(mio_udp_socket_connect(socket, &addr), code);
    call_fails(mio_udp_socket_connect(socket, NULL), code);
    call_fails(mio_udp_socket_send(socket, bytes, 1), code);
    call_fails(mio_udp_socket_send_to(socket, bytes, 1, &addr), code);
    call_fails(mio_udp_socket_recv(socket, bytes, 1, NULL), code);
    call_fails(mio_udp_socket_recv_from(socket, bytes, 1, &addr, NULL), code);
    call_fails(mio_udp_socket_peek(socket, bytes, 1, NULL), code);
    call_fails(mio_udp_socket_peek_from(socket, bytes, 1, &addr, NULL), code);
    call_fails(mio_udp_socket_send_message(socket, &message), code);
    call_fails(mio_udp_socket_recv_message(socket, &message), code);
    call_fails(mio_udp_socket_send_batch(socket, &message, 1), code);
    call_fails(mio_udp_socket_send_batch(socket, NULL, 0), code);
    call_fails(mio_udp_socket_recv_batch(socket, &message, 1), code);
    call_fails(mio_udp_socket_recv_error(socket, &queued), code);
    call_fails(mio_udp_socket_join_multicast_v4(socket, &group, NULL), code);
    call_fails(mio_udp_socket_leave_multicast_v4(socket, &group, NULL), code);
    call_fails(mio_udp_socket_join_multicast_v4_on(socket, &group, 0), code);
    call_fails(mio_udp_socket_leave_multicast_v4_on(socket, &group, 0), code);
    call_fails(mio_udp_socket_join_multicast_v6(socket, &group_v6, 0), code);
    call_fails(mio_udp_socket_leave_multicast_v6(socket, &group_v6, 0), code);
    call_fails(mio_udp_socket_join_multicast_source(socket, &group, &addr, 0), code);
    call_fails(mio_udp_socket_leave_multicast_source(socket, &group, &addr, 0), code);
}

static void calls_of_tcp_streams(object *it, int code)
{
    mio_addr addr = no_addr();
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    call_fails_keeping(&addr, mio_tcp_stream_original_destination(&it->tcp_stream, &addr), code);
    call_fails_keeping(&queued, mio_tcp_stream_recv_error(&it->tcp_stream, &queued), code);
}

static void calls_of_unix_streams(object *it, int code)
{
    char bytes[4] = "";
    size_t count = 0;
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_unix_credentials credentials = MIO_UNIX_CREDENTIALS_INIT;
    mio_unix_stream *stream = &it->unix_stream;
    call_fails(mio_unix_stream_recv(stream, bytes, 1, NULL), code);
    call_fails(mio_unix_stream_send_with_handles(stream, bytes, 1, NULL, 0), code);
    call_fails(mio_unix_stream_recv_with_handles(stream, bytes, 1, NULL, 0, &count, NULL), code);
    call_fails(mio_unix_stream_send_message(stream, &message), code);
    call_fails(mio_unix_stream_recv_message(stream, &message), code);
    call_fails(mio_unix_stream_peer_credentials(stream, &credentials), code);
    call_fails(mio_unix_stream_peer_pidfd(stream), code);
    call_fails_keeping(&count, mio_unix_stream_peer_groups(stream, NULL, 0, &count), code);
}

static void calls_of_unix_datagrams(object *it, int code)
{
    char bytes[4] = "";
    size_t count = 0;
    mio_addr addr = unix_addr();
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    mio_unix_datagram *socket = &it->unix_datagram;
    call_fails(mio_unix_datagram_connect(socket, &addr), code);
    call_fails(mio_unix_datagram_connect(socket, NULL), code);
    call_fails(mio_unix_datagram_send(socket, bytes, 1), code);
    call_fails(mio_unix_datagram_send_to(socket, bytes, 1, &addr), code);
    call_fails(mio_unix_datagram_recv(socket, bytes, 1, NULL), code);
    call_fails(mio_unix_datagram_recv_from(socket, bytes, 1, &addr, NULL), code);
    call_fails(mio_unix_datagram_peek(socket, bytes, 1, NULL), code);
    call_fails(mio_unix_datagram_peek_from(socket, bytes, 1, &addr, NULL), code);
    call_fails(mio_unix_datagram_send_with_handles(socket, bytes, 1, NULL, 0), code);
    call_fails(mio_unix_datagram_recv_with_handles(socket, bytes, 1, NULL, 0, &count, NULL), code);
    call_fails(mio_unix_datagram_send_message(socket, &message), code);
    call_fails(mio_unix_datagram_recv_message(socket, &message), code);
    call_fails(mio_unix_datagram_shutdown(socket, MIO_SHUTDOWN_BOTH), code);
}

static void calls_of_pipes(object *it, bool sender, int code)
{
    char bytes[4] = "";
    mio_iovec piece = {bytes, 1};
    if (sender) {
        call_fails(mio_pipe_sender_write(&it->pipe_sender, bytes, 1), code);
        call_fails(mio_pipe_sender_writev(&it->pipe_sender, &piece, 1), code);
    } else {
        call_fails(mio_pipe_receiver_read(&it->pipe_receiver, bytes, 1), code);
        call_fails(mio_pipe_receiver_readv(&it->pipe_receiver, &piece, 1), code);
    }
}

/* Calls the functions of each kind except `kind`. Each call must return -`code`. */
static void calls_of_all_but(object *it, int kind, int code)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    if (kind != TCP_SOCKET) {
        calls_of_tcp_sockets(it, code);
    }
    if (kind != TCP_STREAM) {
        calls_of_tcp_streams(it, code);
    }
    if (kind != UDP_SOCKET) {
        calls_of_udp_sockets(it, code);
    }
    if (kind != UNIX_STREAM && kind != UNIX_RECORDS) {
        calls_of_unix_streams(it, code);
    }
    if (kind != UNIX_DATAGRAM) {
        calls_of_unix_datagrams(it, code);
    }
    if (kind != PIPE_SENDER) {
        calls_of_pipes(it, true, code);
    }
    if (kind != PIPE_RECEIVER) {
        calls_of_pipes(it, false, code);
    }
    if (kind != SIGNALS) {
        call_fails_keeping(&info, mio_signals_recv(&it->signals, &info), code);
    }
}

START_TEST(what_a_stream_does_is_refused_of_every_other_kind)
{
    object it;
    open_object(&it, _i);
    if (is_stream(_i)) {
        ck_assert_int_ne(mio_stream_connect_finish(&it.source), -EINVAL);
        ck_assert_int_ne(mio_stream_shutdown(&it.source, MIO_SHUTDOWN_WRITE), -EINVAL);
    } else {
        calls_of_streams(&it, EINVAL);
    }
    mio_source_close(&it.source);
}
END_TEST

START_TEST(what_a_listener_does_is_refused_of_every_other_kind)
{
    object it;
    open_object(&it, _i);
    calls_of_listeners(&it, is_listener(_i) ? EAGAIN : EINVAL);
    mio_source_close(&it.source);
}
END_TEST

START_TEST(what_one_kind_does_is_refused_of_every_other)
{
    object it;
    open_object(&it, _i);
    calls_of_all_but(&it, _i, EINVAL);
    ck_assert_int_ge(mio_source_handle(&it.source), 0); /* the object is still open and unchanged */
    mio_source_close(&it.source);
}
END_TEST

/* A transfer to or from a datagram socket would divide or drop datagrams, and a listener has no bytes. */
START_TEST(bytes_are_moved_only_over_streams_and_pipes)
{
    object it;
    mio_pipe_sender in;
    mio_pipe_receiver out;
    char bytes[8];
    int64_t offset = 0;
    uint32_t blocked = 77;
    if (is_stream(_i) || _i == PIPE_SENDER || _i == PIPE_RECEIVER) {
        return;
    }
    open_object(&it, _i);
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("data", file), 0);
    ck_assert_int_eq(fflush(file), 0);
    ck_assert_ok(mio_pipe_pair(&in, &out));
    ck_assert_count(mio_pipe_sender_write(&in, "data", 4), 4);
    call_fails_keeping(&offset, mio_source_send_file(&it.source, fileno(file), &offset, 4), EINVAL);
    call_fails(mio_source_splice(&out.source, &it.source, 4, &blocked), EINVAL);
    call_fails(mio_source_splice(&it.source, &in.source, 4, &blocked), EINVAL);
    call_fails(mio_source_splice_to_handle(&it.source, mio_pipe_sender_handle(&in), 4, &blocked), EINVAL);
    call_fails(mio_source_splice_from_handle(mio_pipe_receiver_handle(&out), &it.source, 4, &blocked), EINVAL);
    ck_assert_uint_eq(blocked, 77);
    ck_assert_count(mio_pipe_receiver_read(&out, bytes, sizeof bytes), 4);
    mio_pipe_sender_close(&in);
    mio_pipe_receiver_close(&out);
    ck_assert_int_eq(fclose(file), 0);
    mio_source_close(&it.source);
}
END_TEST

START_TEST(garbage_is_refused_by_all)
{
    static const int fillings[] = {0, 0xff, 0xa5, 0x80, 0x7f};
    const int filling = fillings[_i];
    object it;
    object before;
    memset(&it, filling, sizeof it);
    memset(&before, filling, sizeof before);
    calls_of_streams(&it, EBADF);
    calls_of_listeners(&it, EBADF);
    calls_of_all_but(&it, OBJECT_TYPES, EBADF);
    ck_assert_mem_eq(&it, &before, sizeof it);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("kinds");
    TCase *tcase = add_object_tcase(suite, "kinds");
    tcase_add_loop_test(tcase, each_kind_is_closed_by_its_source, 0, OBJECT_TYPES);
    tcase_add_backend_test(tcase, a_source_that_is_closed_is_deregistered);
    tcase_add_loop_test(tcase, a_handle_is_given_away_but_not_that_of_a_set_of_signals, 0, OBJECT_TYPES);
    tcase_add_loop_test(tcase, addresses_and_errors_are_those_of_sockets, 0, OBJECT_TYPES);
    tcase_add_loop_test(tcase, what_a_stream_does_is_refused_of_every_other_kind, 0, OBJECT_TYPES);
    tcase_add_loop_test(tcase, what_a_listener_does_is_refused_of_every_other_kind, 0, OBJECT_TYPES);
    tcase_add_loop_test(tcase, what_one_kind_does_is_refused_of_every_other, 0, OBJECT_TYPES);
    tcase_add_loop_test(tcase, bytes_are_moved_only_over_streams_and_pipes, 0, OBJECT_TYPES);
    tcase_add_loop_test(tcase, garbage_is_refused_by_all, 0, 5);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
