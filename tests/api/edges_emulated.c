/* SPDX-License-Identifier: MIT */
/*
 * Tests the backend on poll(2). This backend emulates edges, and the program must rearm bare descriptors. Some tests
 * check for known mistakes of similar backends.
 */
#include "../helpers/harness.h"

#include <sys/socket.h>

enum { TOKEN = 1, WAKER = 2 };

static mio_poll *open_emulated(void)
{
    mio_poll *poll = NULL;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    options.backend = "poll";
    ck_assert_ok(mio_poll_new(&poll, &options));
    ck_assert_uint_eq(mio_poll_capabilities(poll) & MIO_CAN_EDGE, 0);
    return poll;
}

typedef struct race {
    mio_poll *poll;
    mio_waker *waker;
    atomic_bool stop;
    atomic_int registrations;
} race;

/* Registers and deregisters a descriptor in a loop, until the test sets `stop`. */
static void *register_all_the_time(void *context)
{
    race *r = context;
    int fds[2];
    make_pipe(fds);
    while (!atomic_load(&r->stop)) {
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(r->poll), fds[0], TOKEN, MIO_READABLE));
        ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(r->poll), fds[0]));
        atomic_fetch_add(&r->registrations, 1);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    return NULL;
}

START_TEST(a_wake_that_races_a_registration_is_not_lost)
{
    race r = {.poll = open_emulated()};
    r.waker = make_waker(r.poll, WAKER);
    pthread_t thread = start_thread(register_all_the_time, &r);
    int count = rounds(2000);
    for (int i = 0; i < count; i++) {
        mio_event event;
        ck_assert_ok(mio_waker_wake(r.waker));
        ck_assert_int_eq(wait_events(r.poll, &event, 1, LONG_WAIT), 1);
        ck_assert_uint_eq(event.token, WAKER);
        ck_assert_msg((event.readiness & MIO_READABLE) != 0, "a wake event without readiness");
    }
    atomic_store(&r.stop, true);
    join_thread(thread);
    mio_waker_free(r.waker);
    mio_poll_free(r.poll);
}
END_TEST

static void *wake_all_the_time(void *context)
{
    race *r = context;
    while (!atomic_load(&r->stop)) {
        ck_assert_ok(mio_waker_wake(r->waker));
    }
    return NULL;
}

/*
 * When another thread registers a descriptor, the registration interrupts the wait in the kernel. At this moment, a
 * third thread can be inside mio_waker_wake, just before it writes to the descriptor of the waker. Even then, an event
 * of the waker must contain MIO_READABLE.
 */
START_TEST(a_wake_event_always_says_readable)
{
    race r = {.poll = open_emulated()};
    r.waker = make_waker(r.poll, WAKER);
    pthread_t threads[2] = {start_thread(wake_all_the_time, &r), start_thread(register_all_the_time, &r)};
    int count = rounds(5000);
    for (int i = 0; i < count; i++) {
        mio_event events[2];
        ck_assert_int_eq(wait_events(r.poll, events, 2, LONG_WAIT), 1);
        ck_assert_uint_eq(events[0].token, WAKER);
        ck_assert_uint_eq(events[0].readiness, MIO_READABLE);
    }
    atomic_store(&r.stop, true);
    join_thread(threads[0]);
    join_thread(threads[1]);
    mio_waker_free(r.waker);
    mio_poll_free(r.poll);
}
END_TEST

/*
 * The test waits with a timeout. Until this wait ends, another thread registers and deregisters a descriptor in a loop.
 * If each registration restarted the timeout, the wait would never end.
 */
START_TEST(a_timeout_is_not_restarted_by_registrations)
{
    race r = {.poll = open_emulated()};
    mio_event event;
    pthread_t thread = start_thread(register_all_the_time, &r);
    while (atomic_load(&r.registrations) == 0) {}
    int64_t start = clock_ns();
    ck_assert_int_eq(wait_events(r.poll, &event, 1, MS(200)), 0);
    ck_assert_int_ge(clock_ns() - start, MS(200));
    atomic_store(&r.stop, true);
    join_thread(thread);
    ck_assert_int_gt(atomic_load(&r.registrations), 1);
    mio_poll_free(r.poll);
}
END_TEST

START_TEST(a_socket_lives_on_after_pollerr)
{
    mio_poll *poll = open_emulated();
    mio_addr any = loopback_v4();
    mio_addr addr;
    mio_udp_socket socket;
    mio_udp_socket peer;
    char byte;
    ck_assert_ok(mio_udp_socket_bind(&peer, &any));
    ck_assert_ok(mio_udp_socket_local_addr(&peer, &addr));
    ck_assert_ok(mio_udp_socket_bind(&socket, &any));
    ck_assert_ok(mio_udp_socket_connect(&socket, &addr));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &socket.source, TOKEN, MIO_READABLE));
    mio_udp_socket_close(&peer);
    for (int i = 0; i < 3; i++) { /* the kernel answers the datagram with ICMP port unreachable */
        ck_assert_count(mio_udp_socket_send(&socket, "x", 1), 1);
        expect_events(poll, {TOKEN, MIO_ERROR | MIO_READABLE | MIO_WRITABLE});
        ck_assert_errno(mio_udp_socket_recv(&socket, &byte, 1, NULL), -ECONNREFUSED);
        ck_assert_errno(mio_udp_socket_recv(&socket, &byte, 1, NULL), -EAGAIN);
    }
    mio_udp_socket_close(&socket);
    mio_poll_free(poll);
}
END_TEST

START_TEST(every_connection_after_a_drained_accept_is_reported)
{
    mio_poll *poll = open_emulated();
    mio_tcp_listener listener;
    mio_addr addr;
    make_listener(&listener, &addr);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, TOKEN, MIO_READABLE));
    for (int i = 0; i < 5; i++) {
        mio_tcp_stream client;
        mio_tcp_stream accepted;
        ck_assert_ok(mio_tcp_stream_connect(&client, &addr));
        expect_events(poll, {TOKEN, MIO_READABLE});
        ck_assert_ok(mio_tcp_listener_accept(&listener, &accepted, NULL));
        ck_assert_errno(mio_tcp_listener_accept(&listener, &accepted, NULL), -EAGAIN);
        expect_no_events(poll);
        mio_tcp_stream_close(&accepted);
        mio_tcp_stream_close(&client);
    }
    mio_tcp_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_bare_descriptor_is_reported_again_once_rearmed)
{
    mio_poll *poll = open_emulated();
    mio_registry *registry = mio_poll_registry(poll);
    int fds[2];
    make_pipe(fds);
    ck_assert_errno(mio_registry_rearm_handle(registry, fds[0], MIO_READABLE), -ENOENT);
    ck_assert_ok(mio_registry_register_handle(registry, fds[0], TOKEN, MIO_READABLE));
    write_byte(fds[1]);
    expect_events(poll, {TOKEN, MIO_READABLE});
    drain(fds[0]);
    write_byte(fds[1]);
    expect_no_events(poll); /* the first byte is read, but the descriptor is not rearmed */
    ck_assert_ok(mio_registry_rearm_handle(registry, fds[0], MIO_READABLE));
    expect_events(poll, {TOKEN, MIO_READABLE});
    ck_assert_errno(mio_registry_rearm_handle(registry, fds[0], 0), -EINVAL);
    ck_assert_errno(mio_registry_rearm_handle(registry, fds[0], MIO_PRIORITY), -EINVAL);
    ck_assert_errno(mio_registry_rearm_handle(registry, -1, MIO_READABLE), -ENOENT);
    ck_assert_errno(mio_registry_rearm_handle(NULL, fds[0], MIO_READABLE), -EINVAL);
    ck_assert_ok(mio_registry_deregister_handle(registry, fds[0]));
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

typedef struct sleeper {
    mio_poll *poll;
    int tid;
    int fd;
} sleeper;

static void *rearm_for_a_sleeper(void *context)
{
    sleeper *s = context;
    wait_until_asleep(s->tid);
    ck_assert_ok(mio_registry_rearm_handle(mio_poll_registry(s->poll), s->fd, MIO_READABLE));
    return NULL;
}

START_TEST(rearming_takes_effect_while_another_thread_waits)
{
    int fds[2];
    mio_event event;
    make_pipe(fds);
    sleeper s = {.poll = open_emulated(), .tid = thread_id(), .fd = fds[0]};
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(s.poll), fds[0], TOKEN, MIO_READABLE));
    write_byte(fds[1]);
    expect_events(s.poll, {TOKEN, MIO_READABLE});
    pthread_t thread = start_thread(rearm_for_a_sleeper, &s);
    ck_assert_int_eq(wait_events(s.poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, TOKEN);
    join_thread(thread);
    mio_poll_free(s.poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

START_TEST(thousands_of_descriptors_come_and_go)
{
    enum { COUNT = 1000 };
    static int fds[COUNT][2];
    static bool seen[COUNT];
    mio_poll *poll = open_emulated();
    mio_registry *registry = mio_poll_registry(poll);
    int before = count_descriptors();
    int count = 0;
    while (count < COUNT && open_socket_pair(fds[count]) == 0)
        count++;
    for (int i = 0; i < count; i++) {
        ck_assert_ok(mio_registry_register_handle(registry, fds[i][0], (uintptr_t)i, MIO_READABLE));
    }
    for (int i = 0; i < count; i += 2) {
        ck_assert_ok(mio_registry_deregister_handle(registry, fds[i][0]));
    }
    for (int i = 0; i < count; i++)
        write_byte(fds[i][1]);
    for (int left = count / 2; left > 0;) { /* one wait returns at most 16 events */
        mio_event events[16];
        int got = wait_events(poll, events, 16, LONG_WAIT);
        ck_assert_int_gt(got, 0);
        for (int e = 0; e < got; e++) {
            ck_assert_uint_eq(events[e].token % 2, 1);
            ck_assert(!seen[events[e].token]);
            seen[events[e].token] = true;
            left--;
        }
    }
    expect_no_events(poll);
    for (int i = 0; i < count; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    ck_assert_int_eq(count_descriptors(), before);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("edges_emulated");
    TCase *mistakes = add_tcase(suite, "mistakes of others");
    tcase_add_test(mistakes, a_wake_that_races_a_registration_is_not_lost);
    tcase_add_test(mistakes, a_wake_event_always_says_readable);
    tcase_add_test(mistakes, a_timeout_is_not_restarted_by_registrations);
    tcase_add_test(mistakes, a_socket_lives_on_after_pollerr);
    tcase_add_test(mistakes, every_connection_after_a_drained_accept_is_reported);
    TCase *rearm = add_tcase(suite, "rearm");
    tcase_add_test(rearm, a_bare_descriptor_is_reported_again_once_rearmed);
    tcase_add_test(rearm, rearming_takes_effect_while_another_thread_waits);
    tcase_add_test(rearm, thousands_of_descriptors_come_and_go);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
