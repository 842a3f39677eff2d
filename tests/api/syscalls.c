/* SPDX-License-Identifier: MIT */
/*
 * Counts the system calls of every function. The count must equal the number in tests/functions.h. More tests check
 * sequences of calls. A wait makes one system call, for any timeout. A second wake before the next wait makes no system
 * call. A function makes no extra system call if it finds no data.
 */
#include "../helpers/function.h"
#include "../helpers/sockets.h"
#include "../helpers/tracer.h"

#include <sys/resource.h>
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

static void scene_of_rows(int variant)
{
    for (size_t i = 0; i < function_count; i++) {
        const function *f = &functions[i];
        if (set_stage(f->needs, variant)) {
            long calls = f->calls();
            if (calls != ANY_NUMBER) {
                begin_operation(calls, f->call, __LINE__);
                int64_t result = f->make(GOOD_OBJECT);
                end_operation();
                ck_assert_msg(is_good(result), "%s is %s", f->call, errno_name(result));
            }
        }
        clear_stage(f->needs);
    }
}

/*
 * Returns how many system calls a wait makes if it reports the events of `wakers` wakers. The wait itself is one system
 * call. If the backend emulates edges, the wait makes one more call for each waker, to read the waker's bytes.
 */
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
        CALLS(1, mio_poll_wait(poll, events, 1024, 1));
        CALLS(1, mio_poll_wait(poll, events, 1024, US(100)));
        CALLS(1, mio_poll_wait_until(poll, events, 1024, mio_clock_now() + US(100)));
        CALLS(1, mio_poll_wait_masked(poll, events, 1024, US(100), &mask));
        CALLS(1, mio_poll_wait_masked(poll, events, 1024, US(100), NULL));
        ck_assert_ok(mio_waker_wake(waker));
        CALLS(calls_to_report(poll, 1), mio_poll_wait(poll, events, 1024, -1));
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
    poll = open_poll_flags(variant, MIO_POLL_RESTART);
    CALLS(1, mio_poll_wait(poll, events, 1024, US(100)));
    mio_poll_free(poll);
}

/*
 * The program closes its only registered descriptor and does not deregister it. Then a wait with a timeout of 0 makes
 * one system call, and returns no event.
 */
static void scene_of_a_closed_descriptor(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_event event;
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), ends[0], 1, MIO_READABLE));
    close_fd(ends[0]);
    close_fd(ends[1]);
    CALLS(1, mio_poll_wait(poll, &event, 1, 0));
    mio_poll_free(poll);
}

static void scene_of_waking(int variant)
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, 1);
    mio_waker *other = make_waker(poll, 2);
    mio_event events[4];
    for (int round = 0; round < 3; round++) {
        CALLS(1, mio_waker_wake(waker)); /* the one system call is write(2) */
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

/*
 * Counts the system calls of functions that have nothing to do: no connection waits to be accepted, no data waits to be
 * read, and the object is already closed.
 */
static void scene_of_nothing_there(int variant)
{
    mio_addr addr = loopback_v4();
    mio_addr unnamed;
    mio_accept_reserve reserve;
    mio_tcp_listener tcp;
    mio_tcp_stream tcp_stream;
    mio_unix_listener listener;
    mio_unix_stream left;
    mio_unix_stream right;
    mio_udp_socket udp;
    mio_udp_message message = MIO_UDP_MESSAGE_INIT;
    char bytes[8];
    (void)variant;
    ck_assert_ok(mio_addr_unnamed(&unnamed));
    ck_assert_ok(mio_accept_reserve_open(&reserve));
    ck_assert_ok(mio_tcp_listener_bind(&tcp, &addr, 16));
    ck_assert_ok(mio_unix_listener_bind(&listener, &unnamed, 16, 0));
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    ck_assert_ok(mio_udp_socket_bind(&udp, &addr));
    CALLS(1, mio_tcp_listener_accept(&tcp, &tcp_stream, NULL));
    CALLS(1, mio_tcp_listener_accept_or_shed(&tcp, &reserve, &tcp_stream, NULL));
    CALLS(1, mio_unix_listener_accept(&listener, &right, NULL));
    CALLS(1, mio_unix_listener_accept_or_shed(&listener, &reserve, &right, NULL));
    CALLS(1, mio_listener_accept(&tcp.source, &tcp_stream.source, NULL));
    CALLS(1, mio_listener_accept_or_shed(&tcp.source, &reserve, &tcp_stream.source, NULL));
    CALLS(1, mio_unix_stream_read(&left, bytes, 8));
    CALLS(1, mio_udp_socket_recv(&udp, bytes, 8, NULL));
    CALLS(1, mio_udp_socket_recv_batch(&udp, &message, 1));
    CALLS(0, mio_udp_socket_recv_batch(&udp, &message, 0));
    CALLS_VOID(1, mio_unix_stream_close(&left));
    CALLS_VOID(0, mio_unix_stream_close(&left));
    mio_unix_stream_close(&right);
    mio_udp_socket_close(&udp);
    mio_unix_listener_close(&listener);
    mio_tcp_listener_close(&tcp);
    mio_accept_reserve_close(&reserve);
}

/*
 * Without a free descriptor, each attempt to accept makes one system call and fails. Each wait then makes one system
 * call, and returns no event, although clients are still in the backlog.
 */
static void scene_of_starving(int variant)
{
    enum { CLIENTS = 2 };
    mio_poll *poll = open_poll(variant);
    mio_tcp_listener listener;
    mio_tcp_stream clients[CLIENTS];
    mio_tcp_stream stream;
    mio_addr addr;
    mio_event event;
    struct rlimit usual;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, 1, MIO_READABLE));
    for (int i = 0; i < CLIENTS; i++) {
        ck_assert_ok(mio_tcp_stream_connect(&clients[i], &addr));
    }
    ck_assert_int_eq(mio_poll_wait(poll, &event, 1, LONG_WAIT), 1);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const struct rlimit full = {.rlim_cur = (rlim_t)lowest_free_descriptor(), .rlim_max = usual.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
    for (int round = 0; round < 5; round++) {
        begin_operation(1, "accept without a descriptor", __LINE__);
        const int result = mio_tcp_listener_accept(&listener, &stream, NULL);
        end_operation();
        ck_assert_errno(result, -EMFILE);
        begin_operation(1, "wait after an accept that failed", __LINE__);
        const int count = mio_poll_wait(poll, &event, 1, MS(1));
        end_operation();
        ck_assert_int_eq(count, 0);
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    for (int i = 0; i < CLIENTS; i++) {
        CALLS(1, mio_tcp_listener_accept(&listener, &stream, NULL));
        mio_tcp_stream_close(&stream);
        mio_tcp_stream_close(&clients[i]);
    }
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}

/* Counts the system calls for truncated datagrams, whole batches, flags, and options of different kinds. */
static void scene_of_other_ways(int variant)
{
    mio_udp_socket left;
    mio_udp_socket right;
    mio_tcp_stream client;
    mio_tcp_stream server;
    mio_ancillary ancillary = {{0}};
    char bytes[64] = "bytes";
    mio_iovec pieces[2] = {{bytes, 32}, {bytes + 32, 32}};
    uint32_t flags;
    mio_udp_message batch[MIO_UDP_BATCH_MAX];
    (void)variant;
    for (size_t i = 0; i < MIO_UDP_BATCH_MAX; i++) {
        batch[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
    }
    make_udp_pair(&left, &right);
    ck_assert_count(mio_udp_socket_send(&left, bytes, 64), 64);
    CALLS(1, mio_udp_socket_recv(&right, bytes, 4, &flags));
    CALLS(1, mio_udp_socket_send_batch(&left, batch, MIO_UDP_BATCH_MAX));
    CALLS(1, mio_udp_socket_recv_batch(&right, batch, MIO_UDP_BATCH_MAX));
    ck_assert_ok(mio_ancillary_set_tos(&ancillary, 1));
    batch[0].ancillary = &ancillary;
    CALLS(1, mio_udp_socket_send_message(&left, &batch[0]));
    make_tcp_pair(&client, &server);
    CALLS(1, mio_tcp_stream_writev(&client, pieces, 2));
    CALLS(1, mio_tcp_stream_send(&client, bytes, 1, MIO_SEND_MORE | MIO_SEND_OOB));
    CALLS(1, mio_source_set_option(&client.source, MIO_OPTION_NODELAY, 1));
    CALLS(1, mio_source_text_option(&client.source, MIO_OPTION_CONGESTION, NULL, 0));
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
}

/*
 * A short count does not show which end is blocked. If the caller passes `blocked`, the library makes one more system
 * call to find the blocked end.
 */
static void scene_of_transfers(int variant)
{
    mio_unix_stream left;
    mio_unix_stream right;
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    char bytes[4] = "";
    uint32_t blocked;
    (void)variant;
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    ck_assert_ok(mio_pipe_pair(&sender, &receiver));
    ck_assert_count(mio_unix_stream_write(&left, bytes, 4), 4);
    CALLS(4, mio_source_splice(&right.source, &sender.source, 60, &blocked)); /* moves 4 of 60 bytes */
    CALLS(3, mio_source_splice(&right.source, &sender.source, 60, NULL));     /* returns -EAGAIN */
    CALLS(4, mio_source_splice_to_handle(&right.source, mio_pipe_sender_handle(&sender), 60, &blocked));
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
    mio_pipe_sender_close(&sender);
    mio_pipe_receiver_close(&receiver);
}

static void scene_of_signals(int variant)
{
    const int number = SIGUSR1;
    const uint32_t ways[] = {0, MIO_SIGNALS_SELF_PIPE};
    mio_signals signals;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    (void)variant;
    for (int way = 0; way < 2; way++) {
        ck_assert_ok(mio_signals_open(&signals, &number, 1, ways[way]));
        CALLS(0, mio_signals_handle(&signals));
        CALLS(1, mio_signals_recv(&signals, &info));
        raise(SIGUSR1);
        CALLS(1, mio_signals_recv(&signals, &info));
        mio_signals_close(&signals);
    }
}

START_TEST(each_function_makes_its_number_of_system_calls)
{
    expect_calls(scene_of_rows, _i);
}
END_TEST

START_TEST(a_wait_is_one_system_call)
{
    expect_calls(scene_of_waiting, _i);
}
END_TEST

START_TEST(a_look_that_finds_a_closed_descriptor_is_one_system_call)
{
    expect_calls(scene_of_a_closed_descriptor, _i);
}
END_TEST

START_TEST(the_first_wake_is_one_system_call_and_the_others_none)
{
    expect_calls(scene_of_waking, _i);
}
END_TEST

START_TEST(finding_nothing_is_one_system_call)
{
    expect_calls(scene_of_nothing_there, _i);
}
END_TEST

START_TEST(a_loop_that_cannot_accept_makes_one_system_call_a_turn)
{
    expect_calls(scene_of_starving, _i);
}
END_TEST

START_TEST(other_ways_to_make_a_call_are_one_system_call)
{
    expect_calls(scene_of_other_ways, _i);
    expect_calls(scene_of_signals, _i);
}
END_TEST

START_TEST(a_short_transfer_looks_once_more)
{
    expect_calls(scene_of_transfers, _i);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("syscalls");
    TCase *tcase = add_tcase(suite, "syscalls");
    tcase_add_test(tcase, a_system_call_too_many_or_too_few_is_seen);
    tcase_add_backend_test(tcase, each_function_makes_its_number_of_system_calls);
    tcase_add_backend_test(tcase, a_wait_is_one_system_call);
    tcase_add_backend_test(tcase, a_look_that_finds_a_closed_descriptor_is_one_system_call);
    tcase_add_backend_test(tcase, the_first_wake_is_one_system_call_and_the_others_none);
    tcase_add_test(tcase, finding_nothing_is_one_system_call);
    tcase_add_backend_test(tcase, a_loop_that_cannot_accept_makes_one_system_call_a_turn);
    tcase_add_test(tcase, other_ways_to_make_a_call_are_one_system_call);
    tcase_add_test(tcase, a_short_transfer_looks_once_more);
    return suite;
}

int main(void)
{
    return run_traced_suite(make_suite);
}
