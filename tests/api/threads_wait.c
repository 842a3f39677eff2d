/* SPDX-License-Identifier: MIT */
/*
 * Tests threads that wait on one poll object. With oneshot registrations, two threads must never handle one source at
 * the same time. One test frees a poll object while a thread waits on it. threads.c tests that only one thread gets
 * each event. threads_poll.c tests exclusive registrations.
 */
#include "../helpers/harness.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* ---- a pool of threads: a thread gets a oneshot event, handles the source and registers it again ---- */

enum { THREADS = 4, SOURCES = 16, STOP = SOURCES };
enum { UNREAD = 100 }; /* at most this many bytes are unread; a Unix socket holds about 270 messages of one byte */

typedef struct pool {
    mio_poll *poll;
    mio_registry *registry;
    mio_waker *stop;
    uint32_t interest;
    atomic_bool stopped;
    struct {
        int fds[2]; /* fds[0] is registered with the poll object */
        atomic_int hands;
        int count; /* how many bytes were read; not atomic, because only one thread at a time reads */
    } sources[SOURCES];
    atomic_int total;
    atomic_int shared; /* how often two threads handled one source at the same time */
} pool;

static void serve(pool *p, uintptr_t token)
{
    char bytes[16];
    ssize_t length;
    int fd = p->sources[token].fds[0];
    if (atomic_fetch_add(&p->sources[token].hands, 1) != 0) {
        atomic_fetch_add(&p->shared, 1);
    }
    while ((length = read(fd, bytes, sizeof bytes)) > 0) {
        p->sources[token].count += (int)length;
        atomic_fetch_add(&p->total, (int)length);
    }
    ck_assert_int_eq(errno, EAGAIN);
    atomic_fetch_sub(&p->sources[token].hands, 1);
    ck_assert_ok(mio_registry_reregister_handle(p->registry, fd, token, p->interest));
}

static void *serve_until_stopped(void *context)
{
    pool *p = context;
    while (!atomic_load(&p->stopped)) {
        mio_event events[4];
        int count = wait_events(p->poll, events, 4, LONG_WAIT);
        for (int i = 0; i < count; i++) {
            if (events[i].token != STOP) {
                serve(p, events[i].token);
            }
        }
    }
    ck_assert_ok(mio_waker_wake(p->stop)); /* passes the wake on, so that the next thread also stops */
    return NULL;
}

static void wait_for_total(pool *p, int total)
{
    int64_t deadline = clock_ns() + LONG_WAIT;
    while (atomic_load(&p->total) < total) {
        ck_assert_msg(clock_ns() < deadline, "%d bytes of %d", atomic_load(&p->total), total);
        sched_yield();
    }
}

static void serve_with_a_pool(int variant, uint32_t interest)
{
    const int each = rounds(400);
    pool p = {.poll = open_poll(variant), .interest = interest};
    pthread_t threads[THREADS];
    p.registry = mio_poll_registry(p.poll);
    p.stop = make_waker(p.poll, STOP);
    for (int i = 0; i < SOURCES; i++) {
        make_socketpair(p.sources[i].fds);
        ck_assert_ok(mio_registry_register_handle(p.registry, p.sources[i].fds[0], (uintptr_t)i, interest));
    }
    for (int i = 0; i < THREADS; i++) {
        threads[i] = start_thread(serve_until_stopped, &p);
    }
    for (int sent = 0; sent < each * SOURCES; sent++) {
        write_byte(p.sources[sent % SOURCES].fds[1]);
        wait_for_total(&p, sent - UNREAD);
    }
    wait_for_total(&p, each * SOURCES);
    atomic_store(&p.stopped, true);
    ck_assert_ok(mio_waker_wake(p.stop));
    for (int i = 0; i < THREADS; i++) {
        join_thread(threads[i]);
    }
    ck_assert_int_eq(atomic_load(&p.shared), 0);
    for (int i = 0; i < SOURCES; i++) {
        ck_assert_int_eq(p.sources[i].count, each);
        close_fd(p.sources[i].fds[0]);
        close_fd(p.sources[i].fds[1]);
    }
    mio_waker_free(p.stop);
    mio_poll_free(p.poll);
}

START_TEST(with_oneshot_a_source_is_in_the_hands_of_one_thread_until_it_is_reregistered)
{
    serve_with_a_pool(_i, MIO_READABLE | MIO_ONESHOT);
}
END_TEST

START_TEST(with_oneshot_and_level_too)
{
    serve_with_a_pool(_i, MIO_READABLE | MIO_ONESHOT | MIO_LEVEL);
}
END_TEST

/* ---- a registration while another thread waits ---- */

typedef struct guest {
    mio_poll *poll;
    atomic_int tid;
    mio_event event;
} guest;

static void *wait_for_one_event(void *context)
{
    guest *g = context;
    atomic_store(&g->tid, thread_id());
    ck_assert_int_eq(wait_events(g->poll, &g->event, 1, LONG_WAIT), 1);
    return NULL;
}

/* Starts a thread that waits. The function returns when this new thread sleeps in its wait. */
static pthread_t start_guest(guest *g)
{
    pthread_t thread = start_thread(wait_for_one_event, g);
    while (atomic_load(&g->tid) == 0) {
        sched_yield();
    }
    wait_until_asleep(atomic_load(&g->tid));
    return thread;
}

static void expect_writable(guest *g, pthread_t thread, uintptr_t token)
{
    join_thread(thread);
    ck_assert_uint_eq(g->event.token, token);
    ck_assert_uint_eq(g->event.readiness, MIO_WRITABLE);
}

/*
 * On kqueue, the first oneshot registration for reading and writing makes the library open a second kqueue. The waiting
 * thread must still get the event.
 */
START_TEST(a_thread_that_waits_gets_the_event_of_the_first_registration)
{
    guest g = {.poll = open_poll(_i)};
    int fds[2];
    make_socketpair(fds);
    pthread_t thread = start_guest(&g);
    ck_assert_ok(
        mio_registry_register_handle(mio_poll_registry(g.poll), fds[0], 77, MIO_READABLE | MIO_WRITABLE | MIO_ONESHOT));
    expect_writable(&g, thread, 77);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(g.poll);
}
END_TEST

START_TEST(a_thread_that_waits_gets_the_event_of_a_reregistration)
{
    guest g = {.poll = open_poll(_i)};
    int fds[2];
    make_socketpair(fds);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(g.poll), fds[0], 76, MIO_READABLE));
    pthread_t thread = start_guest(&g);
    ck_assert_ok(mio_registry_reregister_handle(mio_poll_registry(g.poll), fds[0], 77, MIO_WRITABLE));
    expect_writable(&g, thread, 77);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(g.poll);
}
END_TEST

/* ---- one thread registers sources that are ready, and other threads handle the events immediately ---- */

typedef struct arrivals {
    mio_poll *poll;
    mio_waker *stop;
    mio_unix_stream *streams; /* the main thread registers these streams one by one */
} arrivals;

/*
 * At the first byte of a stream, the thread writes an answer and reregisters the stream. At the second byte, the thread
 * closes the stream. At the first byte, the main thread can still be inside the call that registers the stream. The
 * test uses no lock: a thread that needs the result of another thread waits for an event or a byte from that thread.
 * The library must show ThreadSanitizer that one thread has waited for the other. Otherwise ThreadSanitizer would
 * report a race.
 */
static void serve_arrival(arrivals *a, uintptr_t token)
{
    const uint32_t interest = MIO_READABLE | MIO_ONESHOT;
    mio_registry *registry = mio_poll_registry(a->poll);
    mio_unix_stream *stream = &a->streams[token];
    char byte;
    ck_assert_count(mio_unix_stream_read(stream, &byte, 1), 1);
    if (byte == '2') {
        mio_unix_stream_close(stream);
        return;
    }
    assert_would_block(mio_unix_stream_read(stream, &byte, 1));
    ck_assert_int_eq(mio_registry_register(registry, &stream->source, token, interest), -EEXIST);
    ck_assert_count(mio_unix_stream_write(stream, "a", 1), 1);
    ck_assert_ok(mio_registry_reregister(registry, &stream->source, token, interest));
    nanosleep(&(struct timespec){.tv_nsec = 1}, NULL); /* gives another thread the chance to get the next event */
}

static void *serve_arrivals(void *context)
{
    arrivals *a = context;
    mio_event event;
    while (wait_events(a->poll, &event, 1, LONG_WAIT) == 1 && event.token != UINTPTR_MAX) {
        serve_arrival(a, event.token);
    }
    ck_assert_ok(mio_waker_wake(a->stop));
    return NULL;
}

/*
 * Waits for the answer, which is one byte. Returns 1 if the answer has arrived, or 0 if the stream was closed. The
 * function sleeps in poll(2). A loop with sched_yield(2) would be slow, because on a busy machine all other processes
 * would run between two attempts.
 */
static int64_t answer_to(mio_unix_stream *peer)
{
    char answer;
    struct pollfd readable = {.fd = mio_unix_stream_handle(peer), .events = POLLIN};
    ck_assert_msg(poll(&readable, 1, LONG_WAIT / MS(1)) == 1, "no answer");
    return mio_unix_stream_read(peer, &answer, 1);
}

START_TEST(a_thread_that_gets_the_event_of_a_new_source_finds_it_registered)
{
    const int arriving = rounds(3000);
    arrivals a = {.poll = open_poll(_i)};
    pthread_t threads[2];
    a.stop = make_waker(a.poll, UINTPTR_MAX);
    a.streams = calloc((size_t)arriving, sizeof *a.streams);
    ck_assert_ptr_nonnull(a.streams);
    for (int i = 0; i < 2; i++) {
        threads[i] = start_thread(serve_arrivals, &a);
    }
    for (int i = 0; i < arriving; i++) {
        mio_unix_stream peer;
        ck_assert_ok(mio_unix_stream_pair(&peer, &a.streams[i], 0));
        ck_assert_count(mio_unix_stream_write(&peer, "1", 1), 1);
        ck_assert_ok(mio_registry_register(mio_poll_registry(a.poll), &a.streams[i].source, (uintptr_t)i,
                                           MIO_READABLE | MIO_ONESHOT));
        ck_assert_count(answer_to(&peer), 1);
        ck_assert_count(mio_unix_stream_write(&peer, "2", 1), 1);
        ck_assert_count(answer_to(&peer), 0);
        mio_unix_stream_close(&peer);
    }
    ck_assert_ok(mio_waker_wake(a.stop));
    for (int i = 0; i < 2; i++) {
        join_thread(threads[i]);
    }
    free(a.streams);
    mio_waker_free(a.stop);
    mio_poll_free(a.poll);
}
END_TEST

/* ---- a poll object that is freed while another thread waits ---- */

typedef struct sleeper {
    mio_poll *poll;
    mio_registry *clone; /* while the clone exists, the memory of the poll object is not freed */
    atomic_int tid;
} sleeper;

static void *sleep_through_the_end(void *context)
{
    sleeper *s = context;
    mio_event event;
    static const mio_signal_mask none;
    atomic_store(&s->tid, thread_id());
    ck_assert_int_eq(wait_events(s->poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, 1);
    errno = 77;
    ck_assert_errno(mio_poll_wait(s->poll, &event, 1, -1), -EBADF);
    ck_assert_errno(mio_poll_wait(s->poll, &event, 1, 0), -EBADF);
    ck_assert_errno(mio_poll_wait_until(s->poll, &event, 1, INT64_MAX), -EBADF);
    ck_assert_errno(mio_poll_wait_masked(s->poll, &event, 1, -1, &none), -EBADF);
    ck_assert_errno(mio_poll_handle(s->poll), -EBADF);
    ck_assert_errno(mio_poll_dump(s->poll, 2), -EBADF);
    ck_assert_int_eq(errno, 77);
    mio_registry_free(s->clone);
    return NULL;
}

START_TEST(a_thread_with_a_clone_survives_that_the_poll_is_freed_while_it_waits)
{
    enter_variant(_i);
    int before = count_descriptors();
    for (int round = 0; round < 10; round++) {
        sleeper s = {.poll = open_poll(_i)};
        int fds[2];
        make_pipe(fds);
        ck_assert_ok(mio_registry_clone(&s.clone, mio_poll_registry(s.poll)));
        ck_assert_ok(mio_registry_register_handle(s.clone, fds[0], 1, MIO_READABLE));
        pthread_t thread = start_thread(sleep_through_the_end, &s);
        while (atomic_load(&s.tid) == 0) {
            sched_yield();
        }
        wait_until_asleep(atomic_load(&s.tid));
        mio_poll_free(s.poll);
        write_byte(fds[1]);
        join_thread(thread);
        close_fd(fds[0]);
        close_fd(fds[1]);
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* ---- one event of each registration ---- */

typedef struct lookout {
    mio_poll *poll;
    atomic_bool stopped;
    atomic_int doubled; /* how often one wait stored two events with one token */
} lookout;

static void *look_out(void *context)
{
    lookout *l = context;
    while (!atomic_load(&l->stopped)) {
        mio_event events[2];
        if (wait_events(l->poll, events, 2, LONG_WAIT) == 2 && events[0].token == events[1].token) {
            atomic_fetch_add(&l->doubled, 1);
        }
    }
    return NULL;
}

/* A source that is always ready, and registrations that come and go. The backend afd then gets packets without an
 * event, so a wait looks for events twice. */
START_TEST(one_wait_stores_one_event_of_a_level)
{
    lookout l = {.poll = open_poll(_i)};
    mio_registry *registry = mio_poll_registry(l.poll);
    mio_udp_socket ready;
    mio_udp_socket other;
    pthread_t threads[3];
    make_udp_pair(&ready, &other);
    ck_assert_count(mio_udp_socket_send(&other, "x", 1), 1);
    ck_assert_ok(mio_registry_register(registry, &ready.source, 1, MIO_READABLE | MIO_LEVEL));
    for (int i = 0; i < 3; i++) {
        threads[i] = start_thread(look_out, &l);
    }
    for (int round = 0; round < rounds(2000); round++) {
        ck_assert_ok(mio_registry_register(registry, &other.source, 2, MIO_READABLE));
        ck_assert_ok(mio_registry_deregister(registry, &other.source));
    }
    atomic_store(&l.stopped, true);
    for (int i = 0; i < 3; i++) {
        join_thread(threads[i]);
    }
    ck_assert_int_eq(atomic_load(&l.doubled), 0);
    mio_udp_socket_close(&ready);
    mio_udp_socket_close(&other);
    mio_poll_free(l.poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("threads_wait");
    TCase *served = add_tcase(suite, "pool");
    tcase_add_backend_test(served, with_oneshot_a_source_is_in_the_hands_of_one_thread_until_it_is_reregistered);
    tcase_add_backend_test(served, with_oneshot_and_level_too);
    TCase *registered = add_tcase(suite, "registered");
    tcase_add_backend_test(registered, a_thread_that_waits_gets_the_event_of_the_first_registration);
    tcase_add_backend_test(registered, a_thread_that_waits_gets_the_event_of_a_reregistration);
    tcase_add_backend_test(registered, a_thread_that_gets_the_event_of_a_new_source_finds_it_registered);
    tcase_add_backend_test(registered, one_wait_stores_one_event_of_a_level);
    TCase *freed = add_tcase(suite, "freed");
    tcase_add_backend_test(freed, a_thread_with_a_clone_survives_that_the_poll_is_freed_while_it_waits);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
