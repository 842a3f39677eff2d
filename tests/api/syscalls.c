/* SPDX-License-Identifier: MIT */
/*
 * The exact number of system calls of each operation: a wait makes one, a read one, the second wake none. Here for the
 * poller and IP sockets; syscalls_more.c has Unix sockets, pipes, signals and values.
 */
#include "../helpers/sockets.h"
#include "../helpers/tracer.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

static void scene_of_nothing(int variant)
{
    (void)variant;
    CALLS(0, 0);
    CALLS(1, getpid() > 0);
    CALLS(2, (close(-1), close(-1), 0));
}

static void scene_with_one_too_many(int variant)
{
    scene_of_nothing(variant);
    CALLS(1, (close(-1), close(-1), 0));
}

static void scene_with_one_too_few(int variant)
{
    scene_of_nothing(variant);
    CALLS(1, 0);
}

START_TEST(a_system_call_too_many_or_too_few_is_seen)
{
    trace_result r = trace(scene_of_nothing, _i);
    ck_assert_ptr_null(r.text);
    ck_assert_int_eq(r.operations, 3);
    r = trace(scene_with_one_too_many, _i);
    ck_assert_ptr_nonnull(r.text);
    ck_assert_int_eq(r.made, 2);
    ck_assert_str_eq(r.names, " close close");
    r = trace(scene_with_one_too_few, _i);
    ck_assert_ptr_nonnull(r.text);
    ck_assert_int_eq(r.made, 0);
}
END_TEST

/* The calls of a wait that reports wakers: one, and one more per waker to drain it where edges are emulated. */
static int calls_to_report(const mio_poll *poll, int wakers)
{
    return (mio_poll_capabilities(poll) & MIO_CAN_EDGE) != 0 ? 1 : 1 + wakers;
}

static void scene_of_waiting(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, 1);
    static mio_event events[1024];
    mio_signal_mask mask = {{0}};
    for (int round = 0; round < 3; round++) {
        CALLS(1, mio_poll_wait(poll, events, 1024, 0));
        CALLS(1, mio_poll_wait(poll, events, 1024, 1));
        CALLS(1, mio_poll_wait(poll, events, 1024, US(100)));
        CALLS(1, mio_poll_wait_until(poll, events, 1024, 0));
        CALLS(1, mio_poll_wait_until(poll, events, 1024, mio_clock_now() + US(100)));
        CALLS(1, mio_poll_wait_masked(poll, events, 1024, US(100), &mask));
        CALLS(1, mio_poll_wait_masked(poll, events, 1024, US(100), NULL));
        ck_assert_ok(mio_waker_wake(waker));
        CALLS(calls_to_report(poll, 1), mio_poll_wait(poll, events, 1024, -1));
        bool nests = (mio_poll_capabilities(poll) & MIO_CAN_NEST) != 0;
        CALLS(0, nests ? mio_poll_handle(poll) : 0);
        CALLS(0, mio_clock_now());
        CALLS(0, mio_poll_registry(poll) != NULL);
        CALLS(0, mio_poll_backend(poll) != NULL);
        CALLS(0, mio_poll_backend_name(0) != NULL);
        CALLS(0, mio_poll_capabilities(poll));
        CALLS(0, nests ? mio_registry_poll_handle(mio_poll_registry(poll)) : 0);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
    poll = open_poll_flags(variant, MIO_POLL_RESTART);
    CALLS(1, mio_poll_wait(poll, events, 1024, US(100)));
    mio_poll_free(poll);
}

static void scene_of_waking(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, 1);
    mio_waker *other = make_waker(poll, 2);
    mio_event events[4];
    for (int round = 0; round < 3; round++) {
        CALLS(1, mio_waker_wake(waker)); /* the write */
        for (int i = 0; i < 10; i++) {
            CALLS(0, mio_waker_wake(waker));
        }
        CALLS(1, mio_waker_wake(other));
        CALLS(0, mio_waker_wake(other));
        CALLS(0, mio_waker_wake(waker));
        CALLS(calls_to_report(poll, 2), mio_poll_wait(poll, events, 4, 0));
    }
    mio_poll_free(poll);
    CALLS(0, mio_waker_wake(waker));
    mio_waker_free(waker);
    mio_waker_free(other);
}

static void scene_of_registering(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_registry *registry = mio_poll_registry(poll);
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    int fd = mio_udp_socket_handle(&right);
    /* If the library keeps a table, it also asks for the type of the descriptor. */
    int registering = (mio_poll_capabilities(poll) & MIO_CAN_EDGE) != 0 ? 1 : 2;
    /* The first table of a size can make the allocator of a sanitizer map memory. */
    ck_assert_ok(mio_registry_register(registry, &left.source, 0, MIO_READABLE));
    ck_assert_ok(mio_registry_deregister(registry, &left.source));
    for (uintptr_t round = 0; round < 3; round++) {
        CALLS(registering, mio_registry_register(registry, &left.source, round, MIO_READABLE));
        CALLS(1, mio_registry_reregister(registry, &left.source, round, MIO_WRITABLE));
        CALLS(1, mio_registry_deregister(registry, &left.source));
        CALLS(registering, mio_registry_register_handle(registry, fd, round, MIO_READABLE));
        CALLS(1, mio_registry_reregister_handle(registry, fd, round, MIO_WRITABLE));
        CALLS(0, mio_registry_rearm_handle(registry, fd, MIO_WRITABLE)); /* no wait is under way */
        CALLS(1, mio_registry_deregister_handle(registry, fd));
    }
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}

/* Adopting a descriptor asks for its type, then reads and sets the flags. */
enum { FLAGS = 4 };

static void scene_of_tcp(int variant)
{
    int error = 0;
    mio_addr addr = loopback_v4();
    mio_tcp_socket socket;
    mio_accept_reserve reserve;
    mio_handle handle;
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_tcp_stream other;
    mio_addr peer;
    char bytes[64] = "bytes";
    mio_iovec pieces[2] = {{bytes, 32}, {bytes + 32, 32}};
    (void)variant;
    CALLS(1, mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    CALLS(1, mio_tcp_socket_bind(&socket, &addr));
    CALLS(1, mio_tcp_socket_local_addr(&socket, &addr));
    CALLS(0, mio_tcp_socket_handle(&socket));
    CALLS(0, handle = mio_tcp_socket_into_handle(&socket));
    CALLS(4 + FLAGS, mio_tcp_socket_from_handle(&socket, handle));
    CALLS(1, mio_tcp_socket_listen(&socket, 16, &listener));
    CALLS_VOID(0, mio_tcp_socket_close(&socket));
    CALLS(1, mio_accept_reserve_open(&reserve));
    CALLS(1, mio_tcp_listener_accept_or_shed(&listener, &reserve, &server, NULL));
    CALLS(1, mio_listener_accept_or_shed(&listener.source, &reserve, &server.source, NULL));
    CALLS_VOID(1, mio_accept_reserve_close(&reserve));
    CALLS(0, mio_accept_is_transient(-ECONNABORTED));
    CALLS(0, handle = mio_tcp_listener_into_handle(&listener));
    CALLS(3 + FLAGS, mio_tcp_listener_from_handle(&listener, handle));
    CALLS(0, mio_tcp_listener_handle(&listener));
    CALLS(1, mio_tcp_listener_take_error(&listener, &error));
    mio_tcp_listener_close(&listener);
    addr = loopback_v4();
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    CALLS(4, mio_tcp_listener_bind(&listener, &addr, 16)); /* socket, setsockopt, bind, listen */
    CALLS(1, mio_tcp_listener_local_addr(&listener, &addr));
    peer = addr;
    CALLS(1, mio_tcp_listener_accept(&listener, &server, NULL));
    CALLS(1, mio_listener_accept(&listener.source, &server.source, NULL));
    CALLS(2, mio_tcp_stream_connect(&client, &addr)); /* socket, connect */
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    CALLS(1, mio_tcp_listener_accept(&listener, &server, &addr));
    CALLS(2, mio_tcp_stream_connect_finish(&client)); /* getsockopt, getpeername */
    CALLS(1, mio_tcp_socket_open(&socket, MIO_ADDR_IPV4));
    CALLS(1, mio_tcp_socket_connect(&socket, &peer, &other));
    CALLS_VOID(0, mio_tcp_socket_close(&socket));
    mio_tcp_stream_close(&other);
    CALLS(1, mio_tcp_stream_write(&client, bytes, 64));
    CALLS(1, mio_tcp_stream_writev(&client, pieces, 2));
    CALLS(1, mio_tcp_stream_send(&client, bytes, 1, MIO_SEND_MORE | MIO_SEND_OOB));
    wait_handle(mio_tcp_stream_handle(&server), POLLPRI);
    CALLS(1, mio_tcp_stream_recv_oob(&server, (unsigned char *)bytes));
    CALLS(1, mio_tcp_stream_at_mark(&server));
    CALLS(1, mio_tcp_stream_recv_error(&server, &queued));
    wait_handle(mio_tcp_stream_handle(&server), POLLIN);
    CALLS(1, mio_tcp_stream_peek(&server, bytes, 64));
    CALLS(1, mio_tcp_stream_read(&server, bytes, 64));
    CALLS(1, mio_tcp_stream_readv(&server, pieces, 2));
    CALLS(1, mio_tcp_stream_read(&server, bytes, 64));
    CALLS(1, mio_source_set_option(&client.source, MIO_OPTION_NODELAY, 1));
    CALLS(1, mio_source_set_text_option(&client.source, MIO_OPTION_CONGESTION, "reno"));
    CALLS(1, mio_source_text_option(&client.source, MIO_OPTION_CONGESTION, NULL, 0));
    CALLS(1, mio_tcp_stream_take_error(&client, &error));
    CALLS(1, mio_tcp_stream_shutdown(&client, MIO_SHUTDOWN_WRITE));
    CALLS(0, mio_tcp_stream_handle(&client));
    CALLS(1, mio_tcp_stream_local_addr(&client, &addr));
    CALLS(1, mio_tcp_stream_peer_addr(&client, &addr));
    CALLS(0, handle = mio_tcp_stream_into_handle(&client));
    CALLS(2 + FLAGS, mio_tcp_stream_from_handle(&client, handle));
    CALLS_VOID(1, mio_tcp_stream_close(&client));
    CALLS_VOID(0, mio_tcp_stream_close(&client));
    CALLS_VOID(1, mio_tcp_stream_close(&server));
    CALLS_VOID(1, mio_tcp_listener_close(&listener));
}

static void scene_of_any_stream(int variant)
{
    mio_unix_stream client;
    mio_unix_stream server;
    char bytes[64] = "bytes";
    mio_iovec pieces[2] = {{bytes, 32}, {bytes + 32, 32}};
    mio_source *left = &client.source;
    mio_source *right = &server.source;
    (void)variant;
    ck_assert_ok(mio_unix_stream_pair(&client, &server, 0));
    CALLS(2, mio_stream_connect_finish(left));
    CALLS(1, mio_stream_write(left, bytes, 64));
    CALLS(1, mio_stream_writev(left, pieces, 2));
    CALLS(1, mio_stream_send(left, bytes, 1, MIO_SEND_MORE));
    CALLS(1, mio_stream_peek(right, bytes, 64));
    CALLS(1, mio_stream_read(right, bytes, 64));
    CALLS(1, mio_stream_readv(right, pieces, 2));
    CALLS(1, mio_stream_recv_oob(right, (unsigned char *)bytes) <= 0);
    CALLS(1, mio_stream_at_mark(right) <= 1);
    CALLS(1, mio_stream_shutdown(left, MIO_SHUTDOWN_WRITE));
    mio_unix_stream_close(&client);
    mio_unix_stream_close(&server);
}

static int64_t do_nothing(mio_handle handle, void *context)
{
    (void)context;
    return handle;
}

static void scene_of_udp(int variant)
{
    int error = 0;
    mio_addr addr = loopback_v4();
    mio_udp_socket left;
    mio_udp_socket right;
    mio_handle handle;
    char bytes[64] = "bytes";
    int64_t value;
    uint32_t flags;
    mio_ancillary ancillary = {{0}};
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    message.ancillary = &ancillary;
    mio_queued_error queued = MIO_QUEUED_ERROR_INIT;
    mio_udp_message batch[MIO_UDP_BATCH_MAX];
    for (size_t i = 0; i < MIO_UDP_BATCH_MAX; i++) {
        batch[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
    }
    (void)variant;
    CALLS(2, mio_udp_socket_bind(&left, &addr)); /* socket, bind */
    CALLS(2, mio_udp_socket_bind(&right, &addr));
    CALLS(1, mio_udp_socket_local_addr(&right, &addr));
    CALLS(2, mio_udp_socket_connect(&left, &addr)); /* getpeername, connect */
    CALLS(1, mio_udp_socket_send(&left, bytes, 64));
    CALLS(1, mio_udp_socket_send_to(&left, bytes, 64, &addr));
    CALLS(1, mio_udp_socket_peek(&right, bytes, 64, NULL));
    CALLS(1, mio_udp_socket_peek_from(&right, bytes, 64, &addr, &flags));
    CALLS(1, mio_udp_socket_recv_from(&right, bytes, 64, &addr, NULL));
    CALLS(1, mio_udp_socket_recv(&right, bytes, 4, &flags)); /* even if truncated */
    CALLS(1, mio_udp_socket_recv(&right, bytes, 64, NULL));
    CALLS(1, mio_source_option(&left.source, MIO_OPTION_TTL, &value));
    CALLS(0, mio_ancillary_set_tos(&ancillary, 1));
    CALLS(1, mio_udp_socket_send_message(&left, &message));
    mio_ancillary_clear(&ancillary);
    CALLS(1, mio_udp_socket_recv_message(&right, &message));
    CALLS(1, mio_udp_socket_send_batch(&left, batch, MIO_UDP_BATCH_MAX));
    CALLS(1, mio_udp_socket_recv_batch(&right, batch, MIO_UDP_BATCH_MAX));
    CALLS(1, mio_udp_socket_recv_batch(&right, batch, MIO_UDP_BATCH_MAX));
    CALLS(0, mio_udp_socket_recv_batch(&right, batch, 0));
    CALLS(1, mio_udp_socket_recv_error(&right, &queued));
    CALLS(1, mio_udp_socket_take_error(&left, &error));
    CALLS(1, mio_udp_socket_peer_addr(&left, &addr));
    CALLS(0, mio_udp_socket_handle(&left));
    CALLS(0, handle = mio_udp_socket_into_handle(&left));
    CALLS(2 + FLAGS, mio_udp_socket_from_handle(&left, handle));
    CALLS(0, mio_source_try_io(&left.source, do_nothing, NULL));
    CALLS_VOID(1, mio_udp_socket_close(&left));
    CALLS_VOID(1, mio_udp_socket_close(&right));
}

static void scene_of_groups(int variant)
{
    mio_addr local = loopback_v4();
    mio_addr group;
    mio_udp_socket socket;
    const uint32_t lo = loopback_index();
    (void)variant;
    ck_assert_ok(mio_addr_parse_ip(&group, "239.1.2.3", 0));
    ck_assert_ok(mio_udp_socket_bind(&socket, &local));
    CALLS(1, mio_udp_socket_join_multicast_v4_on(&socket, &group, lo));
    CALLS(1, mio_udp_socket_leave_multicast_v4_on(&socket, &group, lo));
    CALLS(1, mio_udp_socket_join_multicast_v4(&socket, &group, &local));
    CALLS(1, mio_udp_socket_leave_multicast_v4(&socket, &group, &local));
    CALLS(1, mio_udp_socket_join_multicast_source(&socket, &group, &local, lo));
    CALLS(1, mio_udp_socket_leave_multicast_source(&socket, &group, &local, lo));
    mio_udp_socket_close(&socket);
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    local = loopback_v6();
    ck_assert_ok(mio_addr_parse_ip(&group, "ff12::1", 0));
    ck_assert_ok(mio_udp_socket_bind(&socket, &local));
    CALLS(1, mio_udp_socket_join_multicast_v6(&socket, &group, lo));
    CALLS(1, mio_udp_socket_leave_multicast_v6(&socket, &group, lo));
    mio_udp_socket_close(&socket);
}

START_TEST(a_wait_is_one_system_call)
{
    expect_calls(scene_of_waiting, _i);
}
END_TEST

START_TEST(the_first_wake_is_one_system_call_and_the_others_none)
{
    expect_calls(scene_of_waking, _i);
}
END_TEST

START_TEST(register_reregister_and_deregister_are_one_system_call_each)
{
    expect_calls(scene_of_registering, _i);
}
END_TEST

START_TEST(accept_read_and_write_are_one_system_call_each)
{
    expect_calls(scene_of_tcp, _i);
    expect_calls(scene_of_any_stream, _i);
}
END_TEST

START_TEST(send_and_receive_are_one_system_call_each)
{
    expect_calls(scene_of_udp, _i);
}
END_TEST

START_TEST(joining_and_leaving_are_one_system_call_each)
{
    expect_calls(scene_of_groups, _i);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("syscalls");
    TCase *tcase = add_tcase(suite, "syscalls");
    tcase_add_test(tcase, a_system_call_too_many_or_too_few_is_seen);
    tcase_add_backend_test(tcase, a_wait_is_one_system_call);
    tcase_add_backend_test(tcase, the_first_wake_is_one_system_call_and_the_others_none);
    tcase_add_backend_test(tcase, register_reregister_and_deregister_are_one_system_call_each);
    tcase_add_test(tcase, accept_read_and_write_are_one_system_call_each);
    tcase_add_test(tcase, send_and_receive_are_one_system_call_each);
    tcase_add_test(tcase, joining_and_leaving_are_one_system_call_each);
    return suite;
}

int main(void)
{
    return run_traced_suite(make_suite);
}
