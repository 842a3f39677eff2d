/* SPDX-License-Identifier: MIT */
/*
 * Tests one poll object with several threads, which wait on it and register sources with it. threads_waker.c tests
 * races between wakers and waits. threads_poll.c tests several poll objects.
 */
#include "../helpers/harness.h"

#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_WRITE = MIO_READABLE | MIO_WRITABLE };

/* The arguments of a thread: the poll object, a registry, and the number of the thread. */
typedef struct worker {
    mio_poll *poll;
    mio_registry *registry;
    int variant;
    int number;
    int tid;
    barrier *start;
    pthread_t thread;
} worker;

static void *make_poll_elsewhere(void *context)
{
    worker *w = context;
    w->poll = open_poll(w->variant);
    return NULL;
}

static void *wait_elsewhere(void *context)
{
    const worker *w = context;
    expect_events(w->poll, {5, MIO_WRITABLE});
    return NULL;
}

static void *free_poll_elsewhere(void *context)
{
    const worker *w = context;
    mio_poll_free(w->poll);
    return NULL;
}

START_TEST(poll_and_registry_may_be_moved_and_shared_between_threads)
{
    worker w = {.variant = _i};
    int fds[2];
    join_thread(start_thread(make_poll_elsewhere, &w));
    enter_variant(_i);
    make_socketpair(fds);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(w.poll), fds[0], 5, MIO_WRITABLE));
    join_thread(start_thread(wait_elsewhere, &w));
    join_thread(start_thread(free_poll_elsewhere, &w));
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

static void *register_late(void *context)
{
    worker *w = context;
    wait_until_asleep(w->tid);
    ck_assert_ok(mio_registry_register_handle(w->registry, w->number, 3, MIO_WRITABLE));
    return NULL;
}

START_TEST(registering_during_a_blocking_poll_wakes_it_with_exactly_one_writable_event)
{
    mio_poll *poll = open_poll(_i);
    for (int round = 0; round < 20; round++) {
        mio_event events[8];
        int fds[2];
        make_socketpair(fds);
        worker w = {.registry = mio_poll_registry(poll), .number = fds[0], .tid = thread_id()};
        w.thread = start_thread(register_late, &w);
        ck_assert_int_eq(wait_events(poll, events, 8, -1), 1);
        ck_assert_uint_eq(events[0].token, 3);
        ck_assert_uint_eq(events[0].readiness, MIO_WRITABLE);
        join_thread(w.thread);
        ck_assert_int_eq(wait_events(poll, events, 8, 0), 0);
        close_fd(fds[0]);
        close_fd(fds[1]);
    }
    mio_poll_free(poll);
}
END_TEST

enum { SOURCES = 50 };

/*
 * The body of a thread that registers sockets with a clone of the registry. Another thread uses the same clone, and a
 * third thread waits.
 */
static void *register_many(void *context)
{
    worker *w = context;
    mio_udp_socket sockets[SOURCES];
    mio_addr any = loopback_v4();
    barrier_wait(w->start);
    for (int i = 0; i < SOURCES; i++) {
        ck_assert_ok(mio_udp_socket_bind(&sockets[i], &any));
        ck_assert_ok(
            mio_registry_register(w->registry, &sockets[i].source, (uintptr_t)(w->number * SOURCES + i), MIO_WRITABLE));
    }
    barrier_wait(w->start); /* returns after the waiting thread has received all events */
    for (int i = 0; i < SOURCES; i++) {
        mio_udp_socket_close(&sockets[i]);
    }
    return NULL;
}

START_TEST(a_cloned_registry_registers_sources_from_two_threads_while_poll_waits)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *clone = NULL;
    bool seen[2 * SOURCES] = {false};
    barrier start;
    worker workers[2];
    int different = 0;
    ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
    barrier_init(&start, 3);
    for (int i = 0; i < 2; i++) {
        workers[i] = (worker){.registry = clone, .number = i, .start = &start};
        workers[i].thread = start_thread(register_many, &workers[i]);
    }
    barrier_wait(&start);
    while (different < 2 * SOURCES) {
        mio_event events[16];
        int count = wait_events(poll, events, 16, LONG_WAIT);
        ck_assert_int_gt(count, 0);
        for (int i = 0; i < count; i++) {
            ck_assert_uint_lt(events[i].token, 2 * SOURCES);
            different += !seen[events[i].token];
            seen[events[i].token] = true;
        }
    }
    barrier_wait(&start);
    join_thread(workers[0].thread);
    join_thread(workers[1].thread);
    barrier_destroy(&start);
    mio_registry_free(clone);
    mio_poll_free(poll);
}
END_TEST

/*
 * The body of a thread that registers, deregisters, registers again and reregisters a socket. The events must have the
 * token and the readiness that the reregistration requests.
 */
static void *change_often(void *context)
{
    worker *w = context;
    mio_udp_socket socket;
    mio_addr any = loopback_v4();
    uintptr_t token = (uintptr_t)w->number;
    ck_assert_ok(mio_udp_socket_bind(&socket, &any));
    barrier_wait(w->start);
    for (int i = 0; i < rounds(500); i++) {
        ck_assert_ok(mio_registry_register(w->registry, &socket.source, 1000, READ_WRITE));
        ck_assert_ok(mio_registry_deregister(w->registry, &socket.source));
    }
    ck_assert_ok(mio_registry_register(w->registry, &socket.source, 1000, MIO_READABLE));
    ck_assert_ok(mio_registry_reregister(w->registry, &socket.source, token, MIO_WRITABLE));
    barrier_wait(w->start);
    barrier_wait(w->start); /* returns after the main thread has checked the events */
    mio_udp_socket_close(&socket);
    return NULL;
}

START_TEST(register_deregister_register_reregister_from_three_threads_delivers_the_final_state)
{
    enum { COUNT = 3 };
    mio_poll *poll = open_poll(_i);
    mio_event events[8];
    worker workers[COUNT];
    barrier start;
    barrier_init(&start, COUNT + 1);
    for (int i = 0; i < COUNT; i++) {
        workers[i] = (worker){.registry = mio_poll_registry(poll), .number = i, .start = &start};
        workers[i].thread = start_thread(change_often, &workers[i]);
    }
    barrier_wait(&start);
    barrier_wait(&start);
    int count = wait_events(poll, events, 8, LONG_WAIT);
    ck_assert_int_eq(count, COUNT);
    for (int i = 0; i < count; i++) {
        ck_assert_uint_lt(events[i].token, COUNT);
        ck_assert_uint_eq(events[i].readiness, MIO_WRITABLE);
        ck_assert(i == 0 || events[i].token != events[0].token);
        ck_assert(i != 2 || events[i].token != events[1].token);
    }
    ck_assert_int_eq(wait_events(poll, events, 8, 0), 0);
    barrier_wait(&start);
    for (int i = 0; i < COUNT; i++) {
        join_thread(workers[i].thread);
    }
    barrier_destroy(&start);
    mio_poll_free(poll);
}
END_TEST

/*
 * Threads that wait on one poll object and count its events by token. An event with the highest token stops the
 * threads.
 */
enum { WAITERS = 4, TOKENS = 64 };

typedef struct waiters {
    mio_poll *poll;
    mio_waker *stop;
    atomic_int counts[TOKENS];
    atomic_int total;
    atomic_bool stopped;
    pthread_t threads[WAITERS];
} waiters;

static void *count_events(void *context)
{
    waiters *w = context;
    while (!atomic_load(&w->stopped)) {
        mio_event events[3];
        int count = wait_events(w->poll, events, 3, LONG_WAIT);
        for (int i = 0; i < count; i++) {
            if (events[i].token < TOKENS) {
                atomic_fetch_add(&w->counts[events[i].token], 1);
                atomic_fetch_add(&w->total, 1);
            }
        }
    }
    ck_assert_ok(mio_waker_wake(w->stop)); /* passes the wake on, so that the next thread also stops */
    return NULL;
}

static void start_waiters(waiters *w, mio_poll *poll)
{
    memset(w, 0, sizeof *w);
    w->poll = poll;
    w->stop = make_waker(poll, TOKENS);
    for (int i = 0; i < WAITERS; i++) {
        w->threads[i] = start_thread(count_events, w);
    }
}

static void stop_waiters(waiters *w)
{
    atomic_store(&w->stopped, true);
    ck_assert_ok(mio_waker_wake(w->stop));
    for (int i = 0; i < WAITERS; i++) {
        join_thread(w->threads[i]);
    }
    mio_waker_free(w->stop);
}

/* Waits until all threads together have counted `total` events. */
static void wait_for_total(waiters *w, int total)
{
    int64_t deadline = clock_ns() + LONG_WAIT;
    while (atomic_load(&w->total) < total) {
        ck_assert_msg(clock_ns() < deadline, "%d events of %d", atomic_load(&w->total), total);
        sched_yield();
    }
}

static void each_event_goes_to_one_thread(int variant, uint32_t flags)
{
    mio_poll *poll = open_poll(variant);
    mio_registry *registry = mio_poll_registry(poll);
    int fds[TOKENS][2];
    waiters w;
    start_waiters(&w, poll);
    for (int i = 0; i < TOKENS; i++) {
        make_socketpair(fds[i]);
        ck_assert_ok(mio_registry_register_handle(registry, fds[i][0], (uintptr_t)i, MIO_READABLE | flags));
    }
    for (int round = 1; round <= 20; round++) {
        for (int i = 0; i < TOKENS; i++) {
            write_byte(fds[i][1]);
        }
        wait_for_total(&w, round * TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            ck_assert_int_eq(atomic_load(&w.counts[i]), round);
            drain(fds[i][0]);
            used_up(poll, fds[i][0]);
            if (flags == MIO_ONESHOT) {
                uint32_t interest = MIO_READABLE | flags;
                ck_assert_ok(mio_registry_reregister_handle(registry, fds[i][0], (uintptr_t)i, interest));
            }
        }
    }
    stop_waiters(&w);
    ck_assert_int_eq(atomic_load(&w.total), 20 * TOKENS);
    for (int i = 0; i < TOKENS; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    mio_poll_free(poll);
}

START_TEST(with_oneshot_each_event_goes_to_exactly_one_waiting_thread)
{
    each_event_goes_to_one_thread(_i, MIO_ONESHOT);
}
END_TEST

START_TEST(with_edge_each_event_goes_to_exactly_one_waiting_thread)
{
    each_event_goes_to_one_thread(_i, MIO_EDGE);
}
END_TEST

/* Until the test sets `stop`, this thread registers and deregisters a descriptor that is never ready. */
typedef struct disturber {
    mio_registry *registry;
    atomic_bool stop;
    atomic_bool gave_up;
    int64_t longest_ns;
    pthread_t thread;
} disturber;

static void *disturb(void *context)
{
    disturber *d = context;
    int64_t end = clock_ns() + d->longest_ns;
    int fds[2];
    make_pipe(fds);
    while (!atomic_load(&d->stop)) {
        if (clock_ns() > end) {
            atomic_store(&d->gave_up, true);
            break;
        }
        ck_assert_ok(mio_registry_register_handle(d->registry, fds[0], 1, MIO_READABLE));
        ck_assert_ok(mio_registry_reregister_handle(d->registry, fds[0], 2, MIO_READABLE));
        ck_assert_ok(mio_registry_deregister_handle(d->registry, fds[0]));
        usleep(200);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    return NULL;
}

START_TEST(a_timeout_is_exact_while_other_threads_register)
{
    const int64_t timeout = MS(100);
    mio_poll *poll = open_poll(_i);
    mio_event event;
    for (int round = 0; round < 3; round++) {
        disturber d = {.registry = mio_poll_registry(poll), .longest_ns = 50 * timeout};
        d.thread = start_thread(disturb, &d);
        int64_t begin = clock_ns();
        ck_assert_int_eq(wait_events(poll, &event, 1, timeout), 0);
        int64_t elapsed = clock_ns() - begin;
        atomic_store(&d.stop, true);
        join_thread(d.thread);
        ck_assert_int_ge(elapsed, timeout);
        ck_assert_msg(!atomic_load(&d.gave_up), "the wait outlasted the registering");
    }
    mio_poll_free(poll);
}
END_TEST

/* Waits again and again. No wait may return a token that was deregistered before the wait began. */
typedef struct watcher {
    mio_poll *poll;
    atomic_uintptr_t dead;
    atomic_bool stop;
} watcher;

static void *watch_for_the_dead(void *context)
{
    watcher *w = context;
    while (!atomic_load(&w->stop)) {
        mio_event events[4];
        uintptr_t dead = atomic_load(&w->dead);
        int count = wait_events(w->poll, events, 4, MS(1));
        for (int i = 0; i < count; i++) {
            ck_assert_msg(events[i].token > dead, "token %ju after deregister", (uintmax_t)events[i].token);
        }
    }
    return NULL;
}

START_TEST(no_wait_that_begins_after_deregister_returns_the_token)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    watcher w = {.poll = poll};
    int fds[2];
    make_socketpair(fds);
    pthread_t threads[2] = {start_thread(watch_for_the_dead, &w), start_thread(watch_for_the_dead, &w)};
    for (uintptr_t token = 1; token <= (uintptr_t)rounds(20000); token++) {
        uint32_t flags = token % 2 != 0 ? MIO_LEVEL : MIO_EDGE;
        ck_assert_ok(mio_registry_register_handle(registry, fds[0], token, MIO_WRITABLE | flags));
        ck_assert_ok(mio_registry_deregister_handle(registry, fds[0]));
        atomic_store(&w.dead, token);
    }
    atomic_store(&w.stop, true);
    join_thread(threads[0]);
    join_thread(threads[1]);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("threads");
    TCase *registering = add_tcase(suite, "registering");
    tcase_add_backend_test(registering, poll_and_registry_may_be_moved_and_shared_between_threads);
    tcase_add_backend_test(registering, registering_during_a_blocking_poll_wakes_it_with_exactly_one_writable_event);
    tcase_add_backend_test(registering, a_cloned_registry_registers_sources_from_two_threads_while_poll_waits);
    tcase_add_backend_test(registering,
                           register_deregister_register_reregister_from_three_threads_delivers_the_final_state);
    tcase_add_backend_test(registering, no_wait_that_begins_after_deregister_returns_the_token);
    TCase *waiting = add_tcase(suite, "waiting");
    tcase_add_backend_test(waiting, with_oneshot_each_event_goes_to_exactly_one_waiting_thread);
    tcase_add_backend_test(waiting, with_edge_each_event_goes_to_exactly_one_waiting_thread);
    tcase_add_backend_test(waiting, a_timeout_is_exact_while_other_threads_register);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
