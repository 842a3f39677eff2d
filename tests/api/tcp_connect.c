/* SPDX-License-Identifier: MIT */
/* Tests mio_tcp_stream_connect and mio_tcp_stream_connect_finish. */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { STREAM = 9 };

/* ---- connections that succeed ----------------------------------------------------------------------------------- */

static void connect_and_finish(int variant, const mio_addr *port0)
{
    mio_poll *poll = open_poll(variant);
    mio_addr addr;
    mio_addr peer;
    mio_tcp_stream stream;
    int listener = raw_listener(port0, 4, &addr);
    scribble(&stream, sizeof stream);
    call_ok(mio_tcp_stream_connect(&stream, &addr));
    ck_assert(is_nonblocking(mio_tcp_stream_handle(&stream)));
    ck_assert(is_cloexec(mio_tcp_stream_handle(&stream)));
    call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, MIO_WRITABLE));
    expect_events(poll, {STREAM, MIO_WRITABLE});
    call_ok(mio_tcp_stream_connect_finish(&stream));
    call_ok(mio_tcp_stream_connect_finish(&stream)); /* after success, another call returns 0 again */
    call_ok(mio_tcp_stream_peer_addr(&stream, &peer));
    assert_addr_eq(&peer, &addr);
    int accepted = raw_accept(listener);
    close_fd(accepted);
    close_fd(listener);
    mio_tcp_stream_close(&stream);
    mio_poll_free(poll);
}

START_TEST(connect_finish_says_connected_ipv4)
{
    mio_addr any = loopback_v4();
    connect_and_finish(_i, &any);
}
END_TEST

START_TEST(connect_finish_says_connected_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_addr any = loopback_v6();
    connect_and_finish(_i, &any);
}
END_TEST

START_TEST(connect_finish_of_an_accepted_stream_says_connected)
{
    mio_tcp_stream client;
    mio_tcp_stream server;
    make_tcp_pair(&client, &server);
    call_ok(mio_tcp_stream_connect_finish(&server));
    mio_tcp_stream_close(&client);
    /* The connect has succeeded, so the result is 0 even after the peer has closed. */
    call_ok(mio_tcp_stream_connect_finish(&server));
    mio_tcp_stream_close(&server);
}
END_TEST

/*
 * A listener whose backlog is full. The kernel drops the SYN of each further client, and the client's kernel repeats
 * the SYN after a second. So a connect stays in progress until the test accepts a connection from the backlog. A
 * backlog of 1 holds two connections.
 */
enum { QUEUE = 2 };

typedef struct full_listener {
    int keeper; /* keeps the port reserved while no listener uses it */
    int listener;
    int clients[QUEUE];
    mio_addr addr;
} full_listener;

static full_listener open_full_listener(void)
{
    mio_addr any = loopback_v4();
    full_listener full = {.keeper = raw_socket(AF_INET, SOCK_STREAM), .listener = raw_socket(AF_INET, SOCK_STREAM)};
    raw_set_option(full.keeper, SOL_SOCKET, SO_REUSEADDR, 1);
    raw_set_option(full.listener, SOL_SOCKET, SO_REUSEADDR, 1);
    raw_bind(full.keeper, &any, &full.addr);
    raw_bind(full.listener, &full.addr, NULL);
    ck_assert_int_eq(listen(full.listener, 1), 0);
    for (int i = 0; i < QUEUE; i++) {
        full.clients[i] = raw_connect(&full.addr);
        wait_until_queued(full.listener, i + 1);
    }
    return full;
}

static void close_full_listener(full_listener *full)
{
    for (int i = 0; i < QUEUE; i++) {
        close_fd(full->clients[i]);
    }
    close_fd(full->keeper);
    if (full->listener != MIO_HANDLE_NONE) {
        close_fd(full->listener);
    }
}

START_TEST(connect_finish_says_in_progress_then_connected)
{
    mio_poll *poll = open_poll(_i);
    full_listener full = open_full_listener();
    mio_tcp_stream stream;
    mio_addr addr = unix_addr();
    mio_event event;
    char byte;
    call_ok(mio_tcp_stream_connect(&stream, &full.addr));
    call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, MIO_READABLE | MIO_WRITABLE));
    expect_no_events(poll);
    call_fails(mio_tcp_stream_connect_finish(&stream), EINPROGRESS);
    call_fails(mio_tcp_stream_connect_finish(&stream), EINPROGRESS);
    call_fails_keeping(&addr, mio_tcp_stream_peer_addr(&stream, &addr), ENOTCONN);
    int64_t count = kept(mio_tcp_stream_read(&stream, &byte, 1));
    ck_assert_msg(count == -EAGAIN || count == -ENOTCONN, "%s", errno_name(count));
    for (int i = 0; i < QUEUE; i++) {
        close_fd(raw_accept(full.listener));
    }
    ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
    ck_assert(mio_event_is_writable(&event));
    ck_assert(!mio_event_is_error(&event));
    call_ok(mio_tcp_stream_connect_finish(&stream));
    call_ok(mio_tcp_stream_peer_addr(&stream, &addr));
    assert_addr_eq(&addr, &full.addr);
    mio_tcp_stream_close(&stream);
    close_full_listener(&full);
    mio_poll_free(poll);
}
END_TEST

#ifdef __linux__
/*
 * During a connect, poll(2) fails with the error in `context`. connect_finish asks poll(2) whether the connect is still
 * under way. EINTR means that poll(2) has nothing to report.
 */
static int finish_without_poll(void *context)
{
    const int code = *(const int *)context;
    full_listener full = open_full_listener();
    mio_tcp_stream stream;
    require(mio_tcp_stream_connect(&stream, &full.addr) == 0);
    if (!refuse_poll(code)) {
        return SKIPPED;
    }
    require(mio_tcp_stream_connect_finish(&stream) == (code == EINTR ? -EINPROGRESS : -code));
    mio_tcp_stream_close(&stream);
    close_full_listener(&full);
    return 0;
}

START_TEST(connect_finish_never_says_connected_because_poll_fails)
{
    static const int codes[] = {EINTR, EINVAL, EPERM, ENOSYS};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        int code = codes[i];
        if (run_apart(finish_without_poll, &code) == SKIPPED) {
            skip("no seccomp filters");
            break;
        }
    }
}
END_TEST
#endif

/* ---- connect_finish while the connect ends ----------------------------------------------------------------------- */

/*
 * connect_finish makes several system calls, and the connect can end between any two of them. So each thread calls
 * connect_finish in a loop until the connect has ended. This takes about a second: the connect ends when the kernel
 * repeats the SYN.
 */
enum { STREAMS = 8 };

typedef struct asker {
    mio_tcp_stream stream;
    pthread_t thread;
    int answer;
} asker;

static void *ask_until_finished(void *context)
{
    asker *self = context;
    do {
        self->answer = mio_tcp_stream_connect_finish(&self->stream);
    } while (self->answer == -EINPROGRESS);
    return NULL;
}

static void expect_answers(const mio_addr *addr, int listener, void (*end)(int listener), int answer)
{
    asker askers[STREAMS];
    for (int i = 0; i < STREAMS; i++) {
        call_ok(mio_tcp_stream_connect(&askers[i].stream, addr));
        call_fails(mio_tcp_stream_connect_finish(&askers[i].stream), EINPROGRESS);
    }
    end(listener);
    for (int i = 0; i < STREAMS; i++) {
        askers[i].thread = start_thread(ask_until_finished, &askers[i]);
    }
    for (int i = 0; i < STREAMS; i++) {
        join_thread(askers[i].thread);
        mio_tcp_stream_close(&askers[i].stream);
    }
    for (int i = 0; i < STREAMS; i++) {
        ck_assert_errno(askers[i].answer, answer);
    }
}

static void make_room(int listener)
{
    ck_assert_int_eq(listen(listener, STREAMS + QUEUE), 0);
}

START_TEST(connect_finish_never_errs_while_the_connection_comes_about)
{
    full_listener full = open_full_listener();
    expect_answers(&full.addr, full.listener, make_room, 0);
    close_full_listener(&full);
}
END_TEST

START_TEST(connect_finish_knows_the_reason_whenever_the_connection_fails)
{
    full_listener full = open_full_listener();
    expect_answers(&full.addr, full.listener, close_fd, -ECONNREFUSED);
    full.listener = MIO_HANDLE_NONE;
    close_full_listener(&full);
}
END_TEST

/* ---- connections that fail later -------------------------------------------------------------------------------- */

START_TEST(refused_connect_is_econnrefused)
{
    mio_poll *poll = open_poll(_i);
    mio_addr addr;
    mio_tcp_stream stream;
    int refusing = raw_refusing_tcp(&addr);
    int before = count_descriptors();
    int64_t rc = kept(mio_tcp_stream_connect(&stream, &addr));
    if (rc == 0) {
        call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, MIO_WRITABLE));
        expect_events(poll, {STREAM, MIO_WRITABLE | MIO_READABLE | MIO_ERROR});
        call_fails(mio_tcp_stream_connect_finish(&stream), ECONNREFUSED);
        mio_tcp_stream_close(&stream);
    } else {
        ck_assert_errno(rc, -ECONNREFUSED);
    }
    ck_assert_int_eq(count_descriptors(), before);
    close_fd(refusing);
    mio_poll_free(poll);
}
END_TEST

START_TEST(connect_finish_never_says_in_progress_of_what_has_failed)
{
    mio_addr addr;
    mio_tcp_stream stream;
    int refusing = raw_refusing_tcp(&addr);
    for (int taken = 0; taken < 2; taken++) {
        if (kept(mio_tcp_stream_connect(&stream, &addr)) != 0) {
            skip("a connect to this machine is refused at once");
            break;
        }
        wait_handle(mio_tcp_stream_handle(&stream), POLLERR);
        if (taken) {
            assert_pending(mio_tcp_stream_take_error, &stream, -ECONNREFUSED);
        } else {
            call_fails(mio_tcp_stream_connect_finish(&stream), ECONNREFUSED);
        }
        /* The first call has cleared the error of the socket. */
        call_fails(mio_tcp_stream_connect_finish(&stream), ENOTCONN);
        mio_tcp_stream_close(&stream);
    }
    close_fd(refusing);
}
END_TEST

START_TEST(the_first_read_or_write_says_why_connecting_has_failed)
{
    mio_addr addr;
    mio_tcp_stream stream;
    char byte = 0;
    const mio_iovec piece = {&byte, 1};
    int refusing = raw_refusing_tcp(&addr);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int ends[2];
    ck_assert_int_ge(file, 0);
    make_pipe(ends);
    make_sigpipe_deadly();
    for (int way = 0; way < 8; way++) {
        if (kept(mio_tcp_stream_connect(&stream, &addr)) != 0) {
            skip("a connect to this machine is refused at once");
            break;
        }
        wait_handle(mio_tcp_stream_handle(&stream), POLLERR);
        call_fails(way == 0   ? mio_tcp_stream_read(&stream, &byte, 1)
                   : way == 1 ? mio_tcp_stream_readv(&stream, &piece, 1)
                   : way == 2 ? mio_tcp_stream_peek(&stream, &byte, 1)
                   : way == 3 ? mio_tcp_stream_write(&stream, &byte, 1)
                   : way == 4 ? mio_tcp_stream_writev(&stream, &piece, 1)
                   : way == 5 ? mio_tcp_stream_send(&stream, &byte, 1, 0)
                   : way == 6 ? mio_source_send_file(&stream.source, file, NULL, 1)
                              : mio_source_splice_to_handle(&stream.source, ends[1], 1, NULL),
                   ECONNREFUSED);
        call_counts(mio_tcp_stream_read(&stream, &byte, 1), 0); /* only the first call has returned the error */
        int64_t count = kept(mio_tcp_stream_write(&stream, &byte, 1));
        ck_assert_msg(count == -EPIPE || count == -ENOTCONN, "%s", errno_name(count));
        call_fails(mio_tcp_stream_connect_finish(&stream), ENOTCONN);
        mio_tcp_stream_close(&stream);
    }
    close_fd(ends[0]);
    close_fd(ends[1]);
    close_fd(file);
    close_fd(refusing);
}
END_TEST

START_TEST(shutting_down_while_connecting_breaks_it_off)
{
    full_listener full = open_full_listener();
    for (int how = MIO_SHUTDOWN_READ; how <= MIO_SHUTDOWN_BOTH; how++) {
        mio_tcp_stream stream;
        call_ok(mio_tcp_stream_connect(&stream, &full.addr));
        call_fails(mio_tcp_stream_connect_finish(&stream), EINPROGRESS);
        call_ok(mio_tcp_stream_shutdown(&stream, how));
        call_fails(mio_tcp_stream_connect_finish(&stream), ECONNRESET);
        mio_tcp_stream_close(&stream);
    }
    close_full_listener(&full);
}
END_TEST

#ifdef TCP_SYNCNT
START_TEST(connect_that_is_never_answered_is_etimedout)
{
    mio_poll *poll = open_poll(_i);
    full_listener full = open_full_listener();
    mio_tcp_stream stream;
    call_ok(mio_tcp_stream_connect(&stream, &full.addr));
    /* With one retry of the SYN, the connect fails after 3 seconds. */
    raw_set_option(mio_tcp_stream_handle(&stream), IPPROTO_TCP, TCP_SYNCNT, 1);
    call_ok(mio_registry_register(mio_poll_registry(poll), &stream.source, STREAM, MIO_WRITABLE));
    mio_event event;
    ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
    ck_assert(mio_event_is_writable(&event));
    ck_assert(mio_event_is_error(&event));
    call_fails(mio_tcp_stream_connect_finish(&stream), ETIMEDOUT);
    mio_tcp_stream_close(&stream);
    close_full_listener(&full);
    mio_poll_free(poll);
}
END_TEST
#endif

/* ---- connections that fail at once ------------------------------------------------------------------------------ */

START_TEST(connect_without_descriptors_fails)
{
    mio_tcp_stream stream;
    mio_addr addr;
    mio_tcp_listener listener;
    make_listener(&listener, &addr);
    int before = count_descriptors();
    scribble(&stream, sizeof stream);
    refuse_descriptors();
    call_fails_keeping(&stream, mio_tcp_stream_connect(&stream, &addr), EMFILE);
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(connecting_to_a_broadcast_address_fails)
{
    mio_addr addr = ipv4(127, 255, 255, 255, 9);
    mio_tcp_stream stream;
    int before = count_descriptors();
    int64_t rc = kept(mio_tcp_stream_connect(&stream, &addr));
    ck_assert_msg(rc == -ENETUNREACH || rc == -EACCES, "%s", errno_name(rc));
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/*
 * Runs in a new network namespace. In this namespace, clients may use only one local port, which is not the listener's
 * port. The first client uses this port, so the second client finds no free port.
 */
static int connect_without_free_ports(void *context)
{
    (void)context;
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_tcp_stream first;
    mio_tcp_stream second;
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    int listener = raw_listener(&any, 4, &addr);
    int port = mio_addr_port(&addr) == 40000 ? 40001 : 40000;
    FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "we");
    if (range == NULL || fprintf(range, "%d %d\n", port, port) < 0 || fclose(range) != 0) {
        return SKIPPED;
    }
    require(mio_tcp_stream_connect(&first, &addr) == 0);
    int before = count_descriptors();
    scribble(&second, sizeof second);
    require(mio_tcp_stream_connect(&second, &addr) == -EADDRNOTAVAIL);
    require(count_descriptors() == before);
    mio_tcp_stream_close(&first);
    close(listener);
    return 0;
}

START_TEST(connect_without_a_free_port_is_eaddrnotavail)
{
    if (run_apart(connect_without_free_ports, NULL) == SKIPPED) {
        skip("cannot make a network of its own, or not write to its settings");
    }
}
END_TEST

static int connect_without_a_route(void *context)
{
    (void)context;
    mio_addr addr = foreign_v4();
    mio_tcp_stream stream;
    if (!enter_empty_network()) {
        return SKIPPED;
    }
    int before = count_descriptors();
    require(mio_tcp_stream_connect(&stream, &addr) == -ENETUNREACH);
    require(count_descriptors() == before);

    /* The route rejects packets. */
    require(reject_route(&addr));
    addr = with_port(addr, 9);
    require(mio_tcp_stream_connect(&stream, &addr) == -EHOSTUNREACH);
    require(count_descriptors() == before);
    return 0;
}

START_TEST(connect_without_a_route_is_enetunreach_and_to_a_rejected_host_ehostunreach)
{
    if (run_apart(connect_without_a_route, NULL) == SKIPPED) {
        skip("cannot make a network of its own");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_connect");
    TCase *good = add_tcase(suite, "come about");
    tcase_add_backend_test(good, connect_finish_says_connected_ipv4);
    tcase_add_backend_test(good, connect_finish_says_connected_ipv6);
    tcase_add_test(good, connect_finish_of_an_accepted_stream_says_connected);
    tcase_add_backend_test(good, connect_finish_says_in_progress_then_connected);
#ifdef __linux__
    if (!under_valgrind()) { /* the filter would also apply to the calls that Valgrind makes for itself */
        tcase_add_test(good, connect_finish_never_says_connected_because_poll_fails);
    }
#endif
    TCase *moments = add_tcase(suite, "at every moment");
    tcase_add_test(moments, connect_finish_never_errs_while_the_connection_comes_about);
    tcase_add_test(moments, connect_finish_knows_the_reason_whenever_the_connection_fails);
    TCase *later = add_tcase(suite, "fail later");
    tcase_add_backend_test(later, refused_connect_is_econnrefused);
    tcase_add_test(later, connect_finish_never_says_in_progress_of_what_has_failed);
    tcase_add_test(later, the_first_read_or_write_says_why_connecting_has_failed);
    tcase_add_test(later, shutting_down_while_connecting_breaks_it_off);
#ifdef TCP_SYNCNT
    /* This slow test runs only once, not for each backend. */
    tcase_add_test(later, connect_that_is_never_answered_is_etimedout);
#endif
    TCase *at_once = add_tcase(suite, "fail at once");
    tcase_add_test(at_once, connect_without_descriptors_fails);
    tcase_add_test(at_once, connecting_to_a_broadcast_address_fails);
    tcase_add_test(at_once, connect_without_a_free_port_is_eaddrnotavail);
    tcase_add_test(at_once, connect_without_a_route_is_enetunreach_and_to_a_rejected_host_ehostunreach);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
