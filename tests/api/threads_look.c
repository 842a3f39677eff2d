/* SPDX-License-Identifier: MIT */
/*
 * Tests a wait with a timeout of 0, or with a deadline in the past, while a second thread waits on the same poll
 * object. The wait must return without waiting for the second thread. If a descriptor is ready, the wait itself must
 * report the event, and must not leave the event to the second thread. A signal handler keeps the second thread inside
 * its wait until the test lets the thread go.
 */
#include "../helpers/harness.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

enum { SOURCE = 1, WAKER = 2 };

static atomic_int held; /* how many threads are in the signal handler */
static atomic_bool let_go;

static void hold(int number)
{
    (void)number;
    atomic_fetch_add(&held, 1);
    while (!atomic_load(&let_go)) {}
    atomic_fetch_sub(&held, 1);
}

static void hold_on_a_signal(void)
{
    struct sigaction action = {.sa_handler = hold};
    atomic_store(&let_go, false);
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
}

typedef struct waiter {
    mio_poll *poll;
    int64_t timeout_ns;
    atomic_int tid;
    atomic_bool done;
    int result;
    mio_event event;
    pthread_t thread;
} waiter;

static void *wait_once(void *context)
{
    waiter *w = context;
    atomic_store(&w->tid, thread_id());
    w->result = mio_poll_wait(w->poll, &w->event, 1, w->timeout_ns);
    atomic_store(&w->done, true);
    return NULL;
}

/* Starts a thread that waits on the poll object. The function returns when this new thread sleeps in its wait. */
static void start_waiter(waiter *w, mio_poll *poll, int64_t timeout_ns)
{
    w->poll = poll;
    w->timeout_ns = timeout_ns;
    atomic_store(&w->tid, 0);
    atomic_store(&w->done, false);
    w->thread = start_thread(wait_once, w);
    while (atomic_load(&w->tid) == 0) {
        sched_yield();
    }
    wait_until_asleep(atomic_load(&w->tid));
}

/*
 * Sends a signal to a waiting thread. The signal handler does not return until the test allows it, so the thread stays
 * inside its wait.
 */
static void hold_waiter(waiter *w)
{
    int before = atomic_load(&held);
    ck_assert_int_eq(pthread_kill(w->thread, SIGUSR1), 0);
    while (atomic_load(&held) == before) {
        sched_yield();
    }
}

static void let_go_of_all(void)
{
    atomic_store(&let_go, true);
    while (atomic_load(&held) != 0) {
        sched_yield();
    }
}

static void expect_interrupted(waiter *w)
{
    join_thread(w->thread);
    ck_assert_errno(w->result, -EINTR);
}

/* ---- a wait finds ready descriptors although another thread waits ---- */

static int look(mio_poll *poll, mio_event *event)
{
    return wait_events(poll, event, 1, 0);
}

static int look_for_a_while(mio_poll *poll, mio_event *event)
{
    return wait_events(poll, event, 1, MS(5));
}

static int look_in_the_past(mio_poll *poll, mio_event *event)
{
    int count = mio_poll_wait_until(poll, event, 1, 0);
    ck_assert_int_ge(count, 0);
    return count;
}

static void find_beside_a_thread_that_is_held(int variant, int (*find)(mio_poll *poll, mio_event *event))
{
    mio_poll *poll = open_poll(variant);
    mio_waker *waker = make_waker(poll, WAKER);
    waiter w;
    mio_event event;
    int fds[2];
    make_pipe(fds);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[0], SOURCE, MIO_READABLE));
    hold_on_a_signal();
    start_waiter(&w, poll, -1);
    hold_waiter(&w);
    ck_assert_int_eq(find(poll, &event), 0);
    write_byte(fds[1]);
    ck_assert_int_eq(find(poll, &event), 1);
    ck_assert_uint_eq(event.token, SOURCE);
    ck_assert_int_eq(find(poll, &event), 0); /* edge-triggered: reported once */
    ck_assert_ok(mio_waker_wake(waker));
    ck_assert_int_eq(find(poll, &event), 1);
    ck_assert_uint_eq(event.token, WAKER);
    ck_assert_int_eq(find(poll, &event), 0);
    drain(fds[0]);
    used_up(poll, fds[0]);
    write_byte(fds[1]);
    ck_assert_int_eq(find(poll, &event), 1);
    ck_assert_uint_eq(event.token, SOURCE);
    let_go_of_all();
    expect_interrupted(&w);
    expect_no_events(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_waker_free(waker);
    mio_poll_free(poll);
}

START_TEST(who_looks_finds_what_is_ready)
{
    find_beside_a_thread_that_is_held(_i, look);
}
END_TEST

START_TEST(who_waits_a_while_finds_what_is_ready)
{
    find_beside_a_thread_that_is_held(_i, look_for_a_while);
}
END_TEST

START_TEST(who_looks_in_the_past_finds_what_is_ready)
{
    find_beside_a_thread_that_is_held(_i, look_in_the_past);
}
END_TEST

/*
 * The test registers more descriptors than the backend checks in one call of poll(2). The array of one wait is too
 * small for the events of all ready descriptors. Several waits together must return each event exactly once.
 */
START_TEST(who_looks_finds_all_of_many)
{
    enum { COUNT = 600 };
    int fds[COUNT][2];
    bool seen[COUNT] = {false};
    mio_poll *poll = open_poll(_i);
    waiter w;
    mio_event events[7];
    int count = 0;
    while (count < COUNT && pipe(fds[count]) == 0) {
        ck_assert_ok(
            mio_registry_register_handle(mio_poll_registry(poll), fds[count][0], (uintptr_t)count, MIO_READABLE));
        count++;
    }
    hold_on_a_signal();
    start_waiter(&w, poll, -1);
    hold_waiter(&w);
    for (int i = 0; i < count; i += 3) {
        write_byte(fds[i][1]);
    }
    int found = 0;
    for (int got; (got = wait_events(poll, events, 7, 0)) > 0; found += got) {
        for (int e = 0; e < got; e++) {
            ck_assert(!seen[events[e].token]);
            ck_assert_uint_eq(events[e].token % 3, 0);
            seen[events[e].token] = true;
        }
    }
    ck_assert_int_eq(found, (count + 2) / 3);
    let_go_of_all();
    expect_interrupted(&w);
    for (int i = 0; i < count; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    mio_poll_free(poll);
}
END_TEST

/* ---- a wait with a timeout of 0 waits for no other thread ---- */

/*
 * Two threads wait: the first in the kernel, and the second until the first has finished. A signal handler in the
 * second thread does not return before the first thread has finished. When the first thread's wait ends, the library
 * writes a byte that tells the second thread to take over. The second thread never reads this byte, because the signal
 * has ended its wait. Then a third thread waits with no time limit. Meanwhile a wait with a timeout of 0 must return at
 * once, although the byte is still unread.
 */
START_TEST(a_word_that_was_not_read_makes_nobody_wait)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, WAKER);
    waiter first;
    waiter second;
    waiter third;
    mio_event event;
    hold_on_a_signal();
    start_waiter(&first, poll, -1);
    start_waiter(&second, poll, -1);
    hold_waiter(&second);
    ck_assert_ok(mio_waker_wake(waker));
    join_thread(first.thread);
    ck_assert_count(first.result, 1);
    let_go_of_all();
    expect_interrupted(&second);
    start_waiter(&third, poll, -1);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(wait_events(poll, &event, 1, 0), 0);
        ck_assert_int_eq(mio_poll_wait_until(poll, &event, 1, INT64_MIN), 0);
        ck_assert_int_eq(wait_events(poll, &event, 1, 1), 0);
    }
    ck_assert_ok(mio_waker_wake(waker));
    join_thread(third.thread);
    ck_assert_count(third.result, 1);
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/*
 * Several threads wait with ever-changing timeouts. Meanwhile every wait with a timeout of 0 must return at once, and
 * every wake must end a wait.
 */
typedef struct crowd {
    mio_poll *poll;
    atomic_bool stop;
    atomic_int woken;
    atomic_int gone; /* how many threads have returned */
} crowd;

static void *wait_for_moments(void *context)
{
    crowd *c = context;
    mio_event event;
    for (int64_t timeout_ns = 0; !atomic_load(&c->stop); timeout_ns = (timeout_ns + 1717) % 30000) {
        if (wait_events(c->poll, &event, 1, timeout_ns) == 1) {
            atomic_fetch_add(&c->woken, 1);
        }
    }
    return NULL;
}

static void *wait_for_ever(void *context)
{
    crowd *c = context;
    mio_event event;
    while (!atomic_load(&c->stop)) {
        ck_assert_int_eq(wait_events(c->poll, &event, 1, -1), 1);
        atomic_fetch_add(&c->woken, 1);
    }
    atomic_fetch_add(&c->gone, 1);
    return NULL;
}

START_TEST(every_wake_ends_a_wait_in_a_crowd)
{
    crowd c = {.poll = open_poll(_i)};
    mio_waker *waker = make_waker(c.poll, WAKER);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        threads[i] = start_thread(i < 2 ? wait_for_ever : wait_for_moments, &c);
    }
    int count = rounds(2000);
    for (int i = 0; i < count; i++) {
        int before = atomic_load(&c.woken);
        ck_assert_ok(mio_waker_wake(waker));
        int64_t deadline = clock_ns() + LONG_WAIT;
        while (atomic_load(&c.woken) == before) {
            ck_assert_msg(clock_ns() < deadline, "the wake %d ends no wait", i);
            sched_yield();
        }
    }
    atomic_store(&c.stop, true);
    while (atomic_load(&c.gone) < 2) {
        ck_assert_ok(mio_waker_wake(waker));
        sched_yield();
    }
    for (int i = 0; i < 4; i++) {
        join_thread(threads[i]);
    }
    mio_waker_free(waker);
    mio_poll_free(c.poll);
}
END_TEST

/* ---- a wait does not touch a descriptor that took the number of a freed waker ---- */

/*
 * The first thread waits in the kernel, and the second thread waits for a while. Meanwhile the program frees the poll
 * object and the waker, and opens a pipe that gets the number of the waker. The wait of the second thread must not
 * return the token of the waker, and must not read from the pipe.
 */
START_TEST(a_wait_leaves_the_file_that_replaces_a_freed_waker_alone)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = make_waker(poll, WAKER);
    mio_registry *clone;
    waiter first;
    waiter second;
    int fds[2];
    ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
    hold_on_a_signal();
    start_waiter(&first, poll, -1);
    start_waiter(&second, poll, MS(1000));
    mio_poll_free(poll);
    mio_waker_free(waker);
    make_pipe(fds);
    write_byte(fds[1]);
    join_thread(second.thread);
    ck_assert_count(second.result, 0);
    wait_handle(fds[0], POLLIN);
    hold_waiter(&first);
    let_go_of_all();
    expect_interrupted(&first);
    mio_registry_free(clone);
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

/* ---- a wait does not run for ever after the program has closed the descriptors of the poll object ---- */

#ifndef __SANITIZE_THREAD__ /* the test closes a descriptor that a thread waits on, which this sanitizer reports */

/* Closes the descriptors of the poll object, as closefrom(3) does. `before` has the other open descriptors. */
static void close_all_but(const bool *before, int count)
{
    for (int fd = 0; fd < count; fd++) {
        if (!before[fd] && is_open(fd)) {
            close_fd(fd);
        }
    }
}

/* Sends signals to a thread until its wait ends. If the wait has already ended, the signals do nothing. */
static void interrupt_until_done(waiter *w)
{
    let_go_of_all();
    while (!atomic_load(&w->done)) {
        (void)pthread_kill(w->thread, SIGUSR1);
        sched_yield();
    }
    join_thread(w->thread);
}

START_TEST(a_wait_says_that_the_descriptors_of_the_poll_object_are_gone)
{
    enum { COUNT = 256 };
    static const int64_t timeouts[] = {0, MS(1), -1};
    bool before[COUNT];
    waiter w;
    mio_event event;
    enter_variant(_i);
    for (int fd = 0; fd < COUNT; fd++) {
        before[fd] = is_open(fd);
    }
    mio_poll *poll = open_poll(_i);
    hold_on_a_signal();
    start_waiter(&w, poll, -1);
    close_all_but(before, COUNT);
    ck_assert_errno(mio_poll_wait(poll, &event, 1, -1), -EBADF);
    interrupt_until_done(&w);
    ck_assert(w.result == -EBADF || w.result == -EINTR);
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        ck_assert_errno(mio_poll_wait(poll, &event, 1, timeouts[i]), -EBADF);
    }
    mio_poll_free(poll);
}
END_TEST
#endif

static Suite *make_suite(void)
{
    Suite *suite = suite_create("threads_look");
    TCase *found = add_tcase(suite, "found");
    tcase_add_backend_test(found, who_looks_finds_what_is_ready);
    tcase_add_backend_test(found, who_waits_a_while_finds_what_is_ready);
    tcase_add_backend_test(found, who_looks_in_the_past_finds_what_is_ready);
    tcase_add_backend_test(found, who_looks_finds_all_of_many);
    TCase *waiting = add_tcase(suite, "waiting");
    tcase_add_backend_test(waiting, a_word_that_was_not_read_makes_nobody_wait);
    tcase_add_backend_test(waiting, every_wake_ends_a_wait_in_a_crowd);
    TCase *freed = add_tcase(suite, "freed");
    tcase_add_backend_test(freed, a_wait_leaves_the_file_that_replaces_a_freed_waker_alone);
#ifndef __SANITIZE_THREAD__
    TCase *closed = add_tcase(suite, "closed");
    tcase_add_backend_test(closed, a_wait_says_that_the_descriptors_of_the_poll_object_are_gone);
#endif
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
