/* SPDX-License-Identifier: MIT */
/* Tests how TCP listeners open, accept, and report events. tcp_listener_errors.c tests the errors. */
#include "../helpers/sockets.h"
#include "../helpers/system_calls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

enum { LISTENER = 7, OTHER = 8 };

/* ---- basic use -------------------------------------------------------------------------------------------------- */

enum { CONNECTIONS = 64 };

typedef struct acceptor {
    mio_tcp_listener *listener;
    barrier *start;
    atomic_int *accepted;
    int64_t failure; /* an error of accept, except EAGAIN */
} acceptor;

static void *accept_until_all_are_there(void *context)
{
    acceptor *self = context;
    struct pollfd entry = {.fd = mio_tcp_listener_handle(self->listener), .events = POLLIN};
    mio_tcp_stream stream;
    barrier_wait(self->start);
    while (atomic_load(self->accepted) < CONNECTIONS && self->failure == 0) {
        int rc = mio_tcp_listener_accept(self->listener, &stream, NULL);
        if (rc == 0) {
            atomic_fetch_add(self->accepted, 1);
            mio_tcp_stream_close(&stream);
        } else if (rc == -EAGAIN) {
            poll(&entry, 1, 1);
        } else {
            self->failure = rc;
        }
    }
    return NULL;
}

START_TEST(listener_is_used_from_two_threads)
{
    mio_tcp_listener listener;
    mio_addr addr;
    barrier start;
    atomic_int accepted = 0;
    int clients[CONNECTIONS];
    make_listener(&listener, &addr);
    for (int i = 0; i < CONNECTIONS; i++) {
        clients[i] = raw_connect(&addr);
    }
    barrier_init(&start, 2);
    acceptor acceptors[2] = {{&listener, &start, &accepted, 0}, {&listener, &start, &accepted, 0}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        threads[i] = start_thread(accept_until_all_are_there, &acceptors[i]);
    }
    for (int i = 0; i < 2; i++) {
        join_thread(threads[i]);
        ck_assert_ok(acceptors[i].failure);
    }
    ck_assert_int_eq(atomic_load(&accepted), CONNECTIONS);
    for (int i = 0; i < CONNECTIONS; i++) {
        raw_expect_end(clients[i]);
        close_fd(clients[i]);
    }
    mio_tcp_listener_close(&listener);
    barrier_destroy(&start);
}
END_TEST

/* Uses a listener once: registers it, waits, accepts a stream, and closes. */
static void smoke(int variant, mio_tcp_listener *listener, const mio_addr *wanted)
{
    mio_poll *poll = open_poll(variant);
    mio_addr addr;
    mio_addr peer;
    mio_addr at;
    mio_tcp_stream stream;
    ck_assert(is_nonblocking(mio_tcp_listener_handle(listener)));
    ck_assert(is_cloexec(mio_tcp_listener_handle(listener)));
    call_ok(mio_tcp_listener_local_addr(listener, &addr));
    ck_assert_int_ne(mio_addr_port(&addr), 0);
    at = with_port(*wanted, mio_addr_port(&addr));
    assert_addr_eq(&addr, &at);

    call_ok(mio_registry_register(mio_poll_registry(poll), &listener->source, LISTENER, MIO_READABLE));
    expect_no_events(poll);
    assert_would_block(kept(mio_tcp_listener_accept(listener, &stream, &peer)));

    int client = raw_connect(&addr);
    expect_events(poll, {LISTENER, MIO_READABLE});
    scribble(&stream, sizeof stream);
    call_ok(mio_tcp_listener_accept(listener, &stream, &peer));
    at = raw_local_addr(client);
    assert_addr_eq(&peer, &at);
    ck_assert(is_nonblocking(mio_tcp_stream_handle(&stream)));
    ck_assert(is_cloexec(mio_tcp_stream_handle(&stream)));
    call_ok(mio_tcp_stream_local_addr(&stream, &at));
    assert_addr_eq(&at, &addr);
    call_ok(mio_tcp_stream_peer_addr(&stream, &at));
    assert_addr_eq(&at, &peer);
    assert_would_block(kept(mio_tcp_listener_accept(listener, &stream, NULL)));
    assert_pending(mio_tcp_listener_take_error, listener, 0);

    mio_tcp_stream_close(&stream);
    close_fd(client);
    mio_tcp_listener_close(listener);
    mio_poll_free(poll);
}

START_TEST(listener_smoke_ipv4)
{
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    scribble(&listener, sizeof listener);
    call_ok(mio_tcp_listener_bind(&listener, &any, 16));
    smoke(_i, &listener, &any);
}
END_TEST

START_TEST(listener_smoke_ipv6)
{
    if (!have_ipv6()) {
        skip("no IPv6");
        return;
    }
    mio_tcp_listener listener;
    mio_addr any = loopback_v6();
    call_ok(mio_tcp_listener_bind(&listener, &any, 16));
    smoke(_i, &listener, &any);
}
END_TEST

START_TEST(listener_smoke_adopted_by_from_handle)
{
    mio_tcp_listener listener;
    mio_addr any = loopback_v4();
    int fd = raw_listener(&any, 16, NULL);
    scribble(&listener, sizeof listener);
    call_ok(mio_tcp_listener_from_handle(&listener, fd));
    ck_assert_int_eq(mio_tcp_listener_handle(&listener), fd);
    smoke(_i, &listener, &any);
    ck_assert(!is_open(fd));
}
END_TEST

START_TEST(listener_ttl_set_and_get)
{
    mio_tcp_listener listener;
    int64_t ttl = 0;
    make_listener(&listener, NULL);
    call_ok(mio_source_set_option(&listener.source, MIO_OPTION_TTL, 10));
    call_ok(mio_source_option(&listener.source, MIO_OPTION_TTL, &ttl));
    ck_assert_int_eq(ttl, 10);
    ck_assert_int_eq(raw_option(mio_tcp_listener_handle(&listener), IPPROTO_IP, IP_TTL), 10);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(listener_ttl_readable_without_setting)
{
    mio_tcp_listener listener;
    int64_t ttl = 0;
    make_listener(&listener, NULL);
    call_ok(mio_source_option(&listener.source, MIO_OPTION_TTL, &ttl));
    ck_assert_int_ge(ttl, 1);
    ck_assert_int_le(ttl, 255);
    mio_tcp_listener_close(&listener);
}
END_TEST

START_TEST(idle_listener_gives_no_event)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    make_listener(&listener, NULL);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, LISTENER, MIO_READABLE | MIO_WRITABLE));
    expect_no_events(poll);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(reregister_listener_with_new_token_event_carries_it)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_listener listener;
    mio_addr addr;
    mio_event event;
    make_listener(&listener, &addr);
    call_ok(mio_registry_register(registry, &listener.source, LISTENER, MIO_READABLE));
    call_ok(mio_registry_reregister(registry, &listener.source, OTHER, MIO_READABLE));
    int client = raw_connect(&addr);
    ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, OTHER);
    ck_assert(mio_event_is_readable(&event));
    expect_no_events(poll);
    close_fd(client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(no_event_after_deregister_accept_still_works)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    make_listener(&listener, &addr);
    call_ok(mio_registry_register(registry, &listener.source, LISTENER, MIO_READABLE));
    call_ok(mio_registry_deregister(registry, &listener.source));
    int client = raw_connect(&addr);
    expect_no_events(poll);
    accept_one(&listener, &stream);
    mio_tcp_stream_close(&stream);
    close_fd(client);
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(two_connections_one_after_another_each_reported_after_draining)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_listener listener;
    mio_addr addr;
    make_listener(&listener, &addr);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, LISTENER, MIO_READABLE));
    for (int i = 0; i < 3; i++) {
        mio_tcp_stream stream;
        int client = raw_connect(&addr);
        expect_events(poll, {LISTENER, MIO_READABLE});
        call_ok(mio_tcp_listener_accept(&listener, &stream, NULL));
        assert_would_block(kept(mio_tcp_listener_accept(&listener, &stream, NULL)));
        expect_no_events(poll);
        mio_tcp_stream_close(&stream);
        close_fd(client);
    }
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

/* ---- opening and closing ---------------------------------------------------------------------------------------- */

START_TEST(port_zero_takes_a_free_port)
{
    mio_tcp_listener listeners[2];
    mio_addr addrs[2];
    for (int i = 0; i < 2; i++) {
        make_listener(&listeners[i], &addrs[i]);
        ck_assert_int_gt(mio_addr_port(&addrs[i]), 0);
    }
    ck_assert_int_ne(mio_addr_port(&addrs[0]), mio_addr_port(&addrs[1]));
    for (int i = 0; i < 2; i++) {
        mio_tcp_listener_close(&listeners[i]);
    }
}
END_TEST

#ifdef __linux__
/* Returns the listener's backlog. The kernel reports it in tcpi_sacked. */
static unsigned backlog_of(const mio_tcp_listener *listener)
{
    struct tcp_info info;
    socklen_t length = sizeof info;
    ck_assert_int_eq(getsockopt(mio_tcp_listener_handle(listener), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    return info.tcpi_sacked;
}

START_TEST(backlog_reaches_the_system)
{
    static const int backlogs[] = {1, 2, 100, MIO_BACKLOG_MAX, INT32_MAX};
    mio_addr any = loopback_v4();
    unsigned most = (unsigned)system_setting("/proc/sys/net/core/somaxconn");
    for (size_t i = 0; i < sizeof backlogs / sizeof backlogs[0]; i++) {
        mio_tcp_listener listener;
        unsigned asked = (unsigned)backlogs[i]; /* the kernel lowers MIO_BACKLOG_MAX to its own limit */
        call_ok(mio_tcp_listener_bind(&listener, &any, backlogs[i]));
        ck_assert_uint_eq(backlog_of(&listener), asked < most ? asked : most);
        mio_tcp_listener_close(&listener);
    }
}
END_TEST
#endif

START_TEST(restarted_listener_binds_at_once)
{
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_int_ne(raw_option(mio_tcp_listener_handle(&listener), SOL_SOCKET, SO_REUSEADDR), 0);
    int client = raw_connect(&addr);
    accept_one(&listener, &stream);
    mio_tcp_stream_close(&stream); /* the end that closes first keeps the port in TIME_WAIT */
    mio_tcp_listener_close(&listener);
    raw_expect_end(client);
    close_fd(client);
    call_ok(mio_tcp_listener_bind(&listener, &addr, 16));
    mio_tcp_listener_close(&listener);
}
END_TEST

static int accept_without_accept4(void *context)
{
    (void)context;
    mio_addr addr = loopback_v4();
    mio_addr peer;
    mio_addr client_addr;
    mio_tcp_listener listener;
    mio_tcp_stream stream;
    if (!refuse_system_call(SYS_accept4, ENOSYS)) {
        return SKIPPED;
    }
    require(mio_tcp_listener_bind(&listener, &addr, 16) == 0);
    require(mio_tcp_listener_local_addr(&listener, &addr) == 0);
    require(mio_tcp_listener_accept(&listener, &stream, &peer) == -EAGAIN);
    int client = raw_connect(&addr);
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    require(kept(mio_tcp_listener_accept(&listener, &stream, &peer)) == 0);
    client_addr = raw_local_addr(client);
    require(mio_addr_compare(&peer, &client_addr) == 0);
    require(is_nonblocking(mio_tcp_stream_handle(&stream)) && is_cloexec(mio_tcp_stream_handle(&stream)));
    return 0;
}

START_TEST(accept_works_in_a_sandbox_that_lacks_accept4)
{
    if (run_apart(accept_without_accept4, NULL) == SKIPPED) {
        skip("no seccomp filters");
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("tcp_listener");
    TCase *checklist = add_tcase(suite, "checklist");
    tcase_add_test(checklist, listener_is_used_from_two_threads);
    tcase_add_backend_test(checklist, listener_smoke_ipv4);
    tcase_add_backend_test(checklist, listener_smoke_ipv6);
    tcase_add_backend_test(checklist, listener_smoke_adopted_by_from_handle);
    tcase_add_test(checklist, listener_ttl_set_and_get);
    tcase_add_test(checklist, listener_ttl_readable_without_setting);
    tcase_add_backend_test(checklist, idle_listener_gives_no_event);
    tcase_add_backend_test(checklist, reregister_listener_with_new_token_event_carries_it);
    tcase_add_backend_test(checklist, no_event_after_deregister_accept_still_works);
    tcase_add_backend_test(checklist, two_connections_one_after_another_each_reported_after_draining);
    TCase *opening = add_tcase(suite, "opening and closing");
    tcase_add_test(opening, port_zero_takes_a_free_port);
#ifdef __linux__
    tcase_add_test(opening, backlog_reaches_the_system);
#endif
    tcase_add_test(opening, restarted_listener_binds_at_once);
    tcase_add_test(opening, accept_works_in_a_sandbox_that_lacks_accept4);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
