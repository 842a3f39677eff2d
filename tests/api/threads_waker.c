/* SPDX-License-Identifier: MIT */
/*
 * Tests races between wakers and waits. The tests fail if the library loses a wake. A wake is lost if the wait ends by
 * its timeout, or if a thread does not see the data that another thread wrote before the wake. In these tests, only the
 * waker synchronises the threads. So ThreadSanitizer reports an error if a wake does not make the data visible.
 */
#include "../helpers/harness.h"

#include <sched.h>
#include <unistd.h>

enum { PRODUCERS = 3 };

/*
 * The data that the threads of one test share. The threads access the counters with relaxed memory order, so that only
 * the waker synchronises the threads.
 */
typedef struct traffic {
    mio_poll *poll;
    mio_waker *waker;
    atomic_int written[PRODUCERS]; /* how many items each producer has written */
    int each;                      /* how many items each producer will write */
    atomic_int seen;               /* the largest sum of `written` that a consumer has seen */
    atomic_bool done;
    barrier start;
} traffic;

typedef struct producer {
    traffic *traffic;
    int number;
    pthread_t thread;
} producer;

static void *write_and_wake(void *context)
{
    const producer *p = context;
    traffic *t = p->traffic;
    barrier_wait(&t->start);
    for (int i = 0; i < t->each; i++) {
        atomic_fetch_add_explicit(&t->written[p->number], 1, memory_order_relaxed);
        ck_assert_ok(mio_waker_wake(t->waker));
        if (i % 64 == 0) {
            sched_yield();
        }
    }
    return NULL;
}

static int sum_of(traffic *t)
{
    int sum = 0;
    for (int i = 0; i < PRODUCERS; i++) {
        sum += atomic_load_explicit(&t->written[i], memory_order_relaxed);
    }
    return sum;
}

static void start_producers(traffic *t, producer *producers)
{
    barrier_init(&t->start, PRODUCERS);
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] = (producer){.traffic = t, .number = i};
        producers[i].thread = start_thread(write_and_wake, &producers[i]);
    }
}

static void join_producers(traffic *t, producer *producers)
{
    for (int i = 0; i < PRODUCERS; i++) {
        join_thread(producers[i].thread);
    }
    barrier_destroy(&t->start);
}

/* The consumer reads the counters only after an event. So after the last wake there must be one more event. */
START_TEST(no_wake_of_many_threads_on_one_waker_is_lost)
{
    mio_poll *poll = open_poll(_i);
    for (int round = 0; round < 20; round++) {
        traffic t = {.poll = poll, .waker = make_waker(poll, 1), .each = rounds(5000)};
        producer producers[PRODUCERS];
        start_producers(&t, producers);
        while (sum_of(&t) < PRODUCERS * t.each) {
            mio_event event;
            ck_assert_msg(wait_events(poll, &event, 1, LONG_WAIT) == 1, "a wake was lost: %d of %d", sum_of(&t),
                          PRODUCERS * t.each);
        }
        join_producers(&t, producers);
        mio_waker_free(t.waker);
    }
    mio_poll_free(poll);
}
END_TEST

static void *look_at_every_event(void *context)
{
    traffic *t = context;
    while (!atomic_load(&t->done)) {
        mio_event event;
        if (wait_events(t->poll, &event, 1, LONG_WAIT) == 1) {
            int sum = sum_of(t);
            int seen = atomic_load(&t->seen);
            while (seen < sum && !atomic_compare_exchange_weak(&t->seen, &seen, sum)) {}
        }
    }
    ck_assert_ok(mio_waker_wake(t->waker)); /* passes the wake on to the next waiting thread */
    return NULL;
}

START_TEST(no_wake_is_lost_with_several_waiting_threads)
{
    mio_poll *poll = open_poll(_i);
    for (int round = 0; round < 20; round++) {
        traffic t = {.poll = poll, .waker = make_waker(poll, 1), .each = rounds(2000)};
        producer producers[PRODUCERS];
        pthread_t lookers[2];
        int64_t deadline = clock_ns() + LONG_WAIT;
        for (int i = 0; i < 2; i++) {
            lookers[i] = start_thread(look_at_every_event, &t);
        }
        start_producers(&t, producers);
        join_producers(&t, producers);
        while (atomic_load(&t.seen) < PRODUCERS * t.each) {
            ck_assert_msg(clock_ns() < deadline, "a wake was lost: %d of %d", atomic_load(&t.seen), PRODUCERS * t.each);
            sched_yield();
        }
        atomic_store(&t.done, true);
        ck_assert_ok(mio_waker_wake(t.waker));
        join_thread(lookers[0]);
        join_thread(lookers[1]);
        mio_waker_free(t.waker);
    }
    mio_poll_free(poll);
}
END_TEST

/* One thread writes `letter` and then calls mio_waker_wake. The other thread gets the event and then reads `letter`. */
typedef struct mailbox {
    mio_waker *waker;
    long letter; /* not atomic, because the waker synchronises the two threads */
    atomic_long answer;
    long count;
    pthread_t thread;
} mailbox;

static void *post_letters(void *context)
{
    mailbox *m = context;
    for (long i = 1; i <= m->count; i++) {
        m->letter = i;
        ck_assert_ok(mio_waker_wake(m->waker));
        while (atomic_load_explicit(&m->answer, memory_order_acquire) < i) {
            sched_yield();
        }
    }
    return NULL;
}

START_TEST(what_was_written_before_a_wake_is_visible_after_its_event)
{
    mio_poll *poll = open_poll(_i);
    mailbox boxes[PRODUCERS];
    long left = 0;
    for (uintptr_t i = 0; i < PRODUCERS; i++) {
        boxes[i] = (mailbox){.waker = make_waker(poll, i), .count = rounds(5000)};
        left += boxes[i].count;
    }
    for (int i = 0; i < PRODUCERS; i++) {
        boxes[i].thread = start_thread(post_letters, &boxes[i]);
    }
    while (left > 0) {
        mio_event events[PRODUCERS];
        int count = wait_events(poll, events, PRODUCERS, LONG_WAIT);
        ck_assert_msg(count > 0, "a wake was lost, %ld letters left", left);
        for (int i = 0; i < count; i++) {
            mailbox *m = &boxes[events[i].token];
            long last = atomic_load_explicit(&m->answer, memory_order_relaxed);
            ck_assert_int_eq(m->letter, last + 1);
            left--;
            atomic_store_explicit(&m->answer, last + 1, memory_order_release);
        }
    }
    for (int i = 0; i < PRODUCERS; i++) {
        join_thread(boxes[i].thread);
        mio_waker_free(boxes[i].waker);
    }
    mio_poll_free(poll);
}
END_TEST

/* In each round, one thread calls mio_waker_wake. At the same time, another thread registers a descriptor. */
typedef struct race {
    mio_poll *poll;
    mio_waker *waker;
    int fd;
    int rounds;
    barrier begin;
    barrier end;
} race;

static void *wake_each_round(void *context)
{
    race *r = context;
    for (int i = 0; i < r->rounds; i++) {
        barrier_wait(&r->begin);
        ck_assert_ok(mio_waker_wake(r->waker));
        barrier_wait(&r->end);
    }
    return NULL;
}

static void *register_each_round(void *context)
{
    race *r = context;
    mio_registry *registry = mio_poll_registry(r->poll);
    for (int i = 0; i < r->rounds; i++) {
        barrier_wait(&r->begin);
        ck_assert_ok(mio_registry_register_handle(registry, r->fd, 2, MIO_READABLE));
        ck_assert_ok(mio_registry_deregister_handle(registry, r->fd));
        barrier_wait(&r->end);
    }
    return NULL;
}

START_TEST(a_wake_that_races_a_register_is_not_lost)
{
    race r = {.poll = open_poll(_i), .rounds = rounds(5000)};
    int fds[2];
    make_pipe(fds);
    r.fd = fds[0];
    r.waker = make_waker(r.poll, 1);
    barrier_init(&r.begin, 3);
    barrier_init(&r.end, 3);
    pthread_t waking = start_thread(wake_each_round, &r);
    pthread_t registering = start_thread(register_each_round, &r);
    for (int i = 0; i < r.rounds; i++) {
        mio_event events[4];
        barrier_wait(&r.begin);
        ck_assert_msg(wait_events(r.poll, events, 4, LONG_WAIT) == 1, "round %d: the wake was lost", i);
        ck_assert_uint_eq(events[0].token, 1);
        barrier_wait(&r.end);
    }
    join_thread(waking);
    join_thread(registering);
    barrier_destroy(&r.begin);
    barrier_destroy(&r.end);
    mio_waker_free(r.waker);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(r.poll);
}
END_TEST

static void *wake_until_done(void *context)
{
    traffic *t = context;
    while (!atomic_load(&t->done)) {
        ck_assert_ok(mio_waker_wake(t->waker));
    }
    return NULL;
}

START_TEST(wakes_while_the_poll_is_freed_do_no_harm)
{
    enter_variant(_i);
    int before = count_descriptors();
    for (int round = 0; round < rounds(200); round++) {
        mio_poll *poll = open_poll(_i);
        traffic t = {.waker = make_waker(poll, 1)};
        mio_event event;
        pthread_t thread = start_thread(wake_until_done, &t);
        ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
        mio_poll_free(poll);
        atomic_store(&t.done, true);
        join_thread(thread);
        mio_waker_free(t.waker);
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

static void *make_and_free_wakers(void *context)
{
    traffic *t = context;
    for (uintptr_t i = 0; i < (uintptr_t)t->each; i++) {
        mio_waker *waker = make_waker(t->poll, 1000 + i);
        ck_assert_ok(mio_waker_wake(waker));
        mio_waker_free(waker);
    }
    return NULL;
}

START_TEST(wakers_come_and_go_in_other_threads_while_one_waits)
{
    mio_poll *poll = open_poll(_i);
    traffic t = {.poll = poll, .waker = make_waker(poll, 1), .each = rounds(1000)};
    pthread_t threads[2] = {start_thread(make_and_free_wakers, &t), start_thread(make_and_free_wakers, &t)};
    for (int i = 0; i < rounds(2000); i++) {
        mio_event events[4];
        bool found = false;
        ck_assert_ok(mio_waker_wake(t.waker));
        while (!found) {
            int count = wait_events(poll, events, 4, LONG_WAIT);
            ck_assert_msg(count > 0, "round %d: the wake was lost", i);
            for (int e = 0; e < count; e++) {
                found = found || events[e].token == 1;
            }
        }
    }
    join_thread(threads[0]);
    join_thread(threads[1]);
    mio_waker_free(t.waker);
    expect_no_events(poll);
    mio_poll_free(poll);
}
END_TEST

/*
 * The test wakes two wakers, but the array of the first wait has space for only one event. So a second wait returns the
 * event of the other waker.
 */
START_TEST(a_wake_that_joins_an_event_behind_a_full_array_adds_no_event)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *wakers[2] = {make_waker(poll, 0), make_waker(poll, 1)};
    mio_event events[4];
    ck_assert_ok(mio_waker_wake(wakers[0]));
    ck_assert_ok(mio_waker_wake(wakers[1]));
    ck_assert_int_eq(mio_poll_wait(poll, events, 1, 0), 1);
    const uintptr_t other = 1 - events[0].token;
    ck_assert_ok(mio_waker_wake(wakers[other]));
    expect_one_wake(poll, other);
    expect_no_events(poll);
    mio_waker_free(wakers[0]);
    mio_waker_free(wakers[1]);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("threads_waker");
    TCase *tcase = add_tcase(suite, "wakers");
    tcase_add_backend_test(tcase, no_wake_of_many_threads_on_one_waker_is_lost);
    tcase_add_backend_test(tcase, no_wake_is_lost_with_several_waiting_threads);
    tcase_add_backend_test(tcase, what_was_written_before_a_wake_is_visible_after_its_event);
    tcase_add_backend_test(tcase, a_wake_that_races_a_register_is_not_lost);
    tcase_add_backend_test(tcase, wakes_while_the_poll_is_freed_do_no_harm);
    tcase_add_backend_test(tcase, wakers_come_and_go_in_other_threads_while_one_waits);
    tcase_add_backend_test(tcase, a_wake_that_joins_an_event_behind_a_full_array_adds_no_event);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
