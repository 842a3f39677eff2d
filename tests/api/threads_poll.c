/* SPDX-License-Identifier: MIT */
/*
 * Tests several threads with several poll objects. The threads make poll objects at the same time, free poll objects
 * that other threads use, and register one descriptor with several poll objects.
 */
#include "../helpers/harness.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { READ_WRITE = MIO_READABLE | MIO_WRITABLE };

/* The arguments of a thread. */
typedef struct worker {
    mio_registry *registry;
    int variant;
    barrier *start;
    pthread_t thread;
} worker;

/*
 * The body of a thread. Registers a descriptor with a clone of the registry again and again, until the poll object has
 * been freed.
 */
static void *register_until_freed(void *context)
{
    worker *w = context;
    int fds[2];
    int rc = 0;
    make_socketpair(fds);
    barrier_wait(w->start);
    while (rc == 0) {
        rc = mio_registry_register_handle(w->registry, fds[0], 1, READ_WRITE);
        if (rc == 0) {
            rc = mio_registry_deregister_handle(w->registry, fds[0]);
        }
    }
    ck_assert_errno(rc, -EBADF);
    mio_registry_free(w->registry);
    close_fd(fds[0]);
    close_fd(fds[1]);
    return NULL;
}

START_TEST(a_poll_freed_while_clones_are_in_use_gives_ebadf_and_nothing_worse)
{
    enter_variant(_i);
    int before = count_descriptors();
    for (int round = 0; round < 50; round++) {
        mio_poll *poll = open_poll(_i);
        worker workers[2];
        barrier start;
        barrier_init(&start, 3);
        for (int i = 0; i < 2; i++) {
            workers[i] = (worker){.start = &start};
            ck_assert_ok(mio_registry_clone(&workers[i].registry, mio_poll_registry(poll)));
            workers[i].thread = start_thread(register_until_freed, &workers[i]);
        }
        barrier_wait(&start);
        mio_poll_free(poll);
        join_thread(workers[0].thread);
        join_thread(workers[1].thread);
        barrier_destroy(&start);
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

enum { MAKERS = 4, MADE = 20 };

static void *make_many_polls(void *context)
{
    worker *w = context;
    mio_poll **made = calloc(MADE, sizeof(mio_poll *));
    ck_assert_ptr_nonnull(made);
    barrier_wait(w->start);
    for (int i = 0; i < MADE; i++) {
        mio_poll_free(open_poll(w->variant));
        made[i] = open_poll(w->variant);
    }
    return made;
}

START_TEST(polls_made_by_several_threads_are_told_apart)
{
    mio_poll **made[MAKERS];
    worker workers[MAKERS];
    mio_udp_socket socket;
    mio_addr any = loopback_v4();
    barrier start;
    enter_variant(_i);
    barrier_init(&start, MAKERS);
    for (int t = 0; t < MAKERS; t++) {
        workers[t] = (worker){.variant = _i, .start = &start};
        workers[t].thread = start_thread(make_many_polls, &workers[t]);
    }
    for (int t = 0; t < MAKERS; t++) {
        made[t] = join_thread(workers[t].thread);
    }
    for (int i = 0; i < MAKERS * MADE; i++) {
        ck_assert_ok(mio_udp_socket_bind(&socket, &any));
        ck_assert_ok(mio_registry_register(mio_poll_registry(made[i / MADE][i % MADE]), &socket.source, 1, READ_WRITE));
        for (int j = 0; j < MAKERS * MADE; j++) {
            int rc = mio_registry_register(mio_poll_registry(made[j / MADE][j % MADE]), &socket.source, 1, READ_WRITE);
            ck_assert_errno(rc, i == j ? -EEXIST : -EBUSY);
        }
        mio_udp_socket_close(&socket);
    }
    for (int i = 0; i < MAKERS * MADE; i++) {
        mio_poll_free(made[i / MADE][i % MADE]);
    }
    for (int t = 0; t < MAKERS; t++) {
        free(made[t]);
    }
    barrier_destroy(&start);
}
END_TEST

/* One descriptor is registered with several poll objects. For each poll object, one thread waits. */
enum { POLLS = 4 };

typedef struct sleeper {
    mio_poll *poll;
    mio_waker *stop;
    atomic_int tid;
    atomic_int woken;
    pthread_t thread;
} sleeper;

static void *sleep_once(void *context)
{
    sleeper *s = context;
    mio_event events[2] = {{0}, {0}};
    atomic_store(&s->tid, thread_id());
    ck_assert_int_ge(wait_events(s->poll, events, 2, LONG_WAIT), 1);
    atomic_store(&s->woken, events[0].token == 1 || events[1].token == 1);
    return NULL;
}

/*
 * Registers a pipe with all poll objects. For each poll object, starts a thread that waits. Then writes a byte to the
 * pipe. If the byte does not end a thread's wait, a waker ends this wait. Returns how many waits reported the byte.
 */
static int count_woken(int variant, uint32_t flags)
{
    sleeper sleepers[POLLS];
    int fds[2];
    int woken = 0;
    make_pipe(fds);
    for (int i = 0; i < POLLS; i++) {
        sleeper *s = &sleepers[i];
        memset(s, 0, sizeof *s);
        s->poll = open_poll(variant);
        s->stop = make_waker(s->poll, 2);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(s->poll), fds[0], 1, MIO_READABLE | flags));
        s->thread = start_thread(sleep_once, s);
    }
    for (int i = 0; i < POLLS; i++) {
        while (atomic_load(&sleepers[i].tid) == 0) {
            sched_yield();
        }
        wait_until_asleep(atomic_load(&sleepers[i].tid));
    }
    write_byte(fds[1]);
    /* If a thread has not yet collected the byte's event, its wait returns this event and the wake together. */
    for (int i = 0; i < POLLS; i++) {
        ck_assert_ok(mio_waker_wake(sleepers[i].stop));
        join_thread(sleepers[i].thread);
        woken += atomic_load(&sleepers[i].woken);
        mio_waker_free(sleepers[i].stop);
        mio_poll_free(sleepers[i].poll);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    return woken;
}

START_TEST(an_exclusive_descriptor_wakes_at_least_one_poll_but_not_all)
{
    mio_poll *poll = open_poll(_i);
    bool exclusive = (mio_poll_capabilities(poll) & MIO_CAN_EXCLUSIVE) != 0;
    bool spared = false;
    mio_poll_free(poll);
    ck_assert_int_eq(count_woken(_i, MIO_EDGE), POLLS);
    for (int round = 0; round < 20 && exclusive && !spared; round++) {
        int woken = count_woken(_i, MIO_EXCLUSIVE);
        ck_assert_int_ge(woken, 1);
        spared = woken < POLLS;
    }
    ck_assert(spared || !exclusive);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("threads_poll");
    TCase *objects = add_tcase(suite, "objects");
    tcase_add_backend_test(objects, polls_made_by_several_threads_are_told_apart);
    tcase_add_backend_test(objects, a_poll_freed_while_clones_are_in_use_gives_ebadf_and_nothing_worse);
    TCase *exclusive = add_tcase(suite, "exclusive");
    tcase_add_backend_test(exclusive, an_exclusive_descriptor_wakes_at_least_one_poll_but_not_all);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
