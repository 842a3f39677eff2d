/* SPDX-License-Identifier: MIT */
/*
 * Tests operations that fail again at each attempt, such as accepting without a free descriptor. An edge-triggered
 * registration must report one event, and then no event until something changes. Otherwise the program's loop would
 * never sleep.
 */
#include "../helpers/sockets.h"

#include <sys/resource.h>

enum { TOKEN = 1, ROUNDS = 20 };

/*
 * Waits for events, and calls `serve` after each event. Stops if a wait returns no event, or after ROUNDS events.
 * Returns the number of events.
 */
static int count_events(mio_poll *poll, void (*serve)(void *context), void *context)
{
    int count = 0;
    mio_event event;
    while (count < ROUNDS && wait_events(poll, &event, 1, MS(5)) == 1) {
        ck_assert_uint_eq(event.token, TOKEN);
        serve(context);
        count++;
    }
    return count;
}

#define expect_one_event(poll, serve, context)                                                                         \
    do {                                                                                                               \
        const int events_seen = count_events((poll), (serve), (context));                                              \
        ck_assert_msg(events_seen == 1, "%d events, not one", events_seen);                                            \
    } while (0)

/* ---- accepting without a free descriptor ---- */

/*
 * Lowers the limit of descriptors, so that the process can open no more descriptors. Returns the old limit. The new
 * limit is the lowest free descriptor. A lower limit could make poll(2) fail, because poll(2) rejects more descriptors
 * than the limit.
 */
static struct rlimit refuse_more_descriptors(void)
{
    struct rlimit usual;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const struct rlimit full = {.rlim_cur = (rlim_t)lowest_free_descriptor(), .rlim_max = usual.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
    return usual;
}

static void accept_without_descriptors(void *context)
{
    mio_tcp_stream stream;
    ck_assert_errno(mio_tcp_listener_accept(context, &stream, NULL), -EMFILE);
}

START_TEST(a_listener_out_of_descriptors_has_one_event)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    mio_tcp_stream clients[2];
    mio_tcp_stream accepted;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, TOKEN, MIO_READABLE));
    ck_assert_ok(mio_tcp_stream_connect(&clients[0], &addr));
    const struct rlimit usual = refuse_more_descriptors();
    expect_one_event(poll, accept_without_descriptors, &listener);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    /* After accepting has returned EAGAIN, an event reports the next connection. */
    ck_assert_ok(mio_tcp_listener_accept(&listener, &accepted, NULL));
    mio_tcp_stream_close(&accepted);
    assert_would_block(mio_tcp_listener_accept(&listener, &accepted, NULL));
    ck_assert_ok(mio_tcp_stream_connect(&clients[1], &addr));
    expect_events(poll, {TOKEN, MIO_READABLE});
    mio_tcp_stream_close(&clients[0]);
    mio_tcp_stream_close(&clients[1]);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

static void accept_unix_without_descriptors(void *context)
{
    mio_unix_stream stream;
    ck_assert_errno(mio_unix_listener_accept(context, &stream, NULL), -EMFILE);
}

START_TEST(a_unix_listener_out_of_descriptors_has_one_event)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_listener listener;
    mio_unix_stream client;
    mio_addr addr;
    mio_addr_unnamed(&addr);
    ck_assert_ok(mio_unix_listener_bind(&listener, &addr, 8, 0)); /* the system chooses a name */
    ck_assert_ok(mio_unix_listener_local_addr(&listener, &addr));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, TOKEN, MIO_READABLE));
    ck_assert_ok(mio_unix_stream_connect(&client, &addr, 0));
    const struct rlimit usual = refuse_more_descriptors();
    expect_one_event(poll, accept_unix_without_descriptors, &listener);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    mio_unix_stream_close(&client);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/* ---- operations after a shutdown or a close ----------- */

static void receive_all(void *context)
{
    char bytes[8];
    uint32_t flags;
    while (mio_unix_datagram_recv(context, bytes, sizeof bytes, &flags) > 0) {}
}

static void datagrams_after_a_shutdown(int variant, int how, uint32_t interest)
{
    mio_poll *poll = open_poll(variant);
    mio_unix_datagram left;
    mio_unix_datagram right;
    ck_assert_ok(mio_unix_datagram_pair(&left, &right));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, TOKEN, interest));
    ck_assert_count(mio_unix_datagram_send(&right, "x", 1), 1);
    ck_assert_ok(mio_unix_datagram_shutdown(&left, how));
    expect_one_event(poll, receive_all, &left);
    mio_unix_datagram_close(&left);
    mio_unix_datagram_close(&right);
    mio_poll_free(poll);
}

START_TEST(datagrams_after_a_shutdown_of_reading_have_one_event)
{
    datagrams_after_a_shutdown(_i, MIO_SHUTDOWN_READ, MIO_READABLE);
}
END_TEST

START_TEST(datagrams_after_a_shutdown_of_both_ways_have_one_event)
{
    datagrams_after_a_shutdown(_i, MIO_SHUTDOWN_BOTH, MIO_READABLE);
    datagrams_after_a_shutdown(_i, MIO_SHUTDOWN_BOTH, MIO_READABLE | MIO_WRITABLE);
}
END_TEST

typedef struct bare {
    mio_poll *poll;
    int fd;
} bare;

/* Reads until EAGAIN and then rearms the descriptor, as a program does. */
static void receive_bare(void *context)
{
    bare *b = context;
    char bytes[8];
    while (recv(b->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
    ck_assert_int_eq(errno, EAGAIN);
    used_up(b->poll, b->fd);
}

START_TEST(a_bare_datagram_socket_after_a_shutdown_has_one_event)
{
    static const int families[] = {AF_UNIX, AF_INET};
    for (int i = 0; i < 2; i++) {
        bare b = {.poll = open_poll(_i)};
        mio_udp_socket left;
        mio_udp_socket right;
        int fds[2];
        make_udp_pair(&left, &right);
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
        b.fd = families[i] == AF_UNIX ? fds[0] : mio_udp_socket_handle(&left);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(b.poll), b.fd, TOKEN, MIO_READABLE));
        ck_assert_int_eq(shutdown(b.fd, SHUT_RD), 0);
        expect_one_event(b.poll, receive_bare, &b);
        mio_udp_socket_close(&left);
        mio_udp_socket_close(&right);
        close_fd(fds[0]);
        close_fd(fds[1]);
        mio_poll_free(b.poll);
    }
}
END_TEST

static void write_to_nobody(void *context)
{
    ck_assert_errno(mio_unix_stream_write(context, "x", 1), -EPIPE);
}

START_TEST(writes_to_a_peer_that_has_gone_have_one_event)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_stream left;
    mio_unix_stream right;
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    mio_unix_stream_close(&right);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, TOKEN, MIO_WRITABLE));
    expect_one_event(poll, write_to_nobody, &left);
    mio_unix_stream_close(&left);
    mio_poll_free(poll);
}
END_TEST

static void send_to_nobody(void *context)
{
    ck_assert_errno(mio_pipe_sender_write(context, "x", 1), -EPIPE);
}

START_TEST(writes_to_a_pipe_that_nobody_reads_have_one_event)
{
    mio_poll *poll = open_poll(_i);
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    ck_assert_ok(mio_pipe_pair(&sender, &receiver));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &sender.source, TOKEN, MIO_WRITABLE));
    mio_pipe_receiver_close(&receiver);
    expect_one_event(poll, send_to_nobody, &sender);
    mio_pipe_sender_close(&sender);
    mio_poll_free(poll);
}
END_TEST

static void read_the_end(void *context)
{
    char byte;
    ck_assert_count(mio_unix_stream_read(context, &byte, 1), 0);
}

START_TEST(the_end_of_a_stream_has_one_event)
{
    static const uint32_t kinds[] = {0, MIO_UNIX_SEQPACKET};
    for (int i = 0; i < 2; i++) {
        mio_poll *poll = open_poll(_i);
        mio_unix_stream left;
        mio_unix_stream right;
        ck_assert_ok(mio_unix_stream_pair(&left, &right, kinds[i]));
        ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, TOKEN, MIO_READABLE));
        ck_assert_ok(mio_unix_stream_shutdown(&left, MIO_SHUTDOWN_READ));
        expect_one_event(poll, read_the_end, &left);
        mio_unix_stream_close(&left);
        mio_unix_stream_close(&right);
        mio_poll_free(poll);
    }
}
END_TEST

/* ---- errors ---- */

static void send_too_much(void *context)
{
    static char much[70000];
    ck_assert_errno(mio_udp_socket_send(context, much, sizeof much), -EMSGSIZE);
}

START_TEST(a_datagram_that_is_too_long_uses_nothing_up)
{
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, TOKEN, MIO_READABLE | MIO_WRITABLE));
    expect_one_event(poll, send_too_much, &left);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

static int64_t fail_otherwise(mio_handle handle, void *context)
{
    (void)handle;
    (void)context;
    return -EIO;
}

static void try_something(void *context)
{
    ck_assert_errno(mio_source_try_io(context, fail_otherwise, NULL), -EIO);
}

START_TEST(an_operation_of_ones_own_that_fails_otherwise_uses_nothing_up)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_stream left;
    mio_unix_stream right;
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, TOKEN, MIO_READABLE | MIO_WRITABLE));
    ck_assert_count(mio_unix_stream_write(&right, "x", 1), 1);
    expect_one_event(poll, try_something, &left.source);
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
    mio_poll_free(poll);
}
END_TEST

typedef int64_t take_one(mio_udp_socket *socket);

static int64_t take_by_sending(mio_udp_socket *socket)
{
    return mio_udp_socket_send(socket, "y", 1);
}

static int64_t take_by_asking(mio_udp_socket *socket)
{
    int error = 0;
    int failed = mio_udp_socket_take_error(socket, &error);
    return failed != 0 ? failed : error;
}

/* Checks that each new error of a socket causes a new event, even if no call has returned -EAGAIN before. */
static void every_error_is_an_event(int variant, take_one *take)
{
    mio_poll *poll = open_poll(variant);
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_udp_socket socket;
    int holder = raw_refusing_udp(&addr);
    ck_assert_ok(mio_udp_socket_bind(&socket, &any));
    ck_assert_ok(mio_udp_socket_connect(&socket, &addr));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &socket.source, TOKEN, MIO_WRITABLE));
    expect_events(poll, {TOKEN, MIO_WRITABLE});
    for (int i = 0; i < 3; i++) {
        ck_assert_count(mio_udp_socket_send(&socket, "x", 1), 1);
        expect_events(poll, {TOKEN, MIO_ERROR | MIO_READABLE | MIO_WRITABLE});
        ck_assert_errno(take(&socket), -ECONNREFUSED);
    }
    expect_no_events(poll);
    close_fd(holder);
    mio_udp_socket_close(&socket);
    mio_poll_free(poll);
}

START_TEST(every_error_that_a_send_fetches_is_an_event)
{
    every_error_is_an_event(_i, take_by_sending);
}
END_TEST

START_TEST(every_error_that_is_taken_is_an_event)
{
    every_error_is_an_event(_i, take_by_asking);
}
END_TEST

static void look_for_errors(void *context)
{
    mio_queued_error error = MIO_QUEUED_ERROR_INIT;
    ck_assert_errno(mio_udp_socket_recv_error(context, &error), -EAGAIN);
}

START_TEST(an_empty_queue_of_errors_uses_up_no_room)
{
    mio_poll *poll = open_poll(_i);
    mio_udp_socket left;
    mio_udp_socket right;
    make_udp_pair(&left, &right);
    ck_assert_ok(mio_source_set_option(&left.source, MIO_OPTION_RECEIVE_ERRORS, 1));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &left.source, TOKEN, MIO_READABLE | MIO_WRITABLE));
    expect_one_event(poll, look_for_errors, &left);
    mio_udp_socket_close(&left);
    mio_udp_socket_close(&right);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("edges_used_up");
    TCase *listeners = add_tcase(suite, "listeners");
    /* Under Valgrind, an accept at the limit returns EMFILE, but closes the connection. So this test does not run under
     * Valgrind. */
    if (!under_valgrind()) tcase_add_backend_test(listeners, a_listener_out_of_descriptors_has_one_event);
    tcase_add_backend_test(listeners, a_unix_listener_out_of_descriptors_has_one_event);
    TCase *ends = add_tcase(suite, "ends");
    tcase_add_backend_test(ends, datagrams_after_a_shutdown_of_reading_have_one_event);
    tcase_add_backend_test(ends, datagrams_after_a_shutdown_of_both_ways_have_one_event);
    tcase_add_backend_test(ends, a_bare_datagram_socket_after_a_shutdown_has_one_event);
    tcase_add_backend_test(ends, writes_to_a_peer_that_has_gone_have_one_event);
    tcase_add_backend_test(ends, writes_to_a_pipe_that_nobody_reads_have_one_event);
    tcase_add_backend_test(ends, the_end_of_a_stream_has_one_event);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_backend_test(errors, a_datagram_that_is_too_long_uses_nothing_up);
    tcase_add_backend_test(errors, an_operation_of_ones_own_that_fails_otherwise_uses_nothing_up);
    tcase_add_backend_test(errors, every_error_that_a_send_fetches_is_an_event);
    tcase_add_backend_test(errors, every_error_that_is_taken_is_an_event);
    tcase_add_backend_test(errors, an_empty_queue_of_errors_uses_up_no_room);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
