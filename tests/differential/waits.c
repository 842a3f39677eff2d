/* SPDX-License-Identifier: MIT */
/* Runs the steps that wait, in one thread and in several. */
#include "replay.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

enum { ROOM = 64, CROWD = 3, GUARD_ROOM = 4096, LOOKS = 4 };

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)

/* If a thread is able to run, a busy machine delays the thread by at most this time. */
#define LATE (2 * SECOND)

/* A wait of a thread, and its result. */
typedef struct waiting {
    player *replay;
    mio_event events[ROOM];
    int count;
} waiting;

static void *look_once(void *context)
{
    waiting *w = context;
    w->count = mio_poll_wait(w->replay->poll, w->events, ROOM, 0);
    return NULL;
}

static void take(player *replay, const mio_event *events, int count)
{
    if (count < 0) {
        surely_broken(&replay->model, "a wait is %d", count);
    }
    for (int i = 0; i < count; i++) {
        model_event(&replay->model, &events[i]);
    }
}

/*
 * Waits for the events that must still arrive. AFD reports readiness when an operation completes. A wait can start an
 * operation and return before the operation completes.
 */
static void wait_for_packets(player *replay)
{
    mio_event events[ROOM];
    int64_t deadline = mio_clock_now() + LATE;
    while (model_lacks(&replay->model) && mio_clock_now() < deadline) {
        say(replay, "looks(%d, %lld);", (int)ROOM, (long long)LATE);
        take(replay, events, mio_poll_wait_until(replay->poll, events, ROOM, deadline));
    }
}

/* Checks the events of a wait. `is_complete` says whether the array had room for all events. */
static void check_wait(player *replay, bool is_complete)
{
    if (is_complete && replay->model.is_afd) {
        wait_for_packets(replay);
    }
    model_after(&replay->model, is_complete);
}

static void look(player *replay, size_t capacity)
{
    mio_event events[ROOM];
    model_before(&replay->model);
    say(replay, "looks(%zu, 0);", capacity);
    int count = mio_poll_wait(replay->poll, events, capacity, 0);
    take(replay, events, count);
    /* kqueue(2) can report two events for one descriptor, so a small array can be too short for all events. */
    bool is_enough = capacity == ROOM || !replay->model.is_kqueue;
    check_wait(replay, is_enough && count < (int)capacity);
}

/* Waits with a short timeout. If no event comes, the wait must last for the whole timeout. */
static void wait_briefly(player *replay, unsigned arg)
{
    mio_event events[ROOM];
    int64_t timeout = MILLISECOND / 10 * (1 + arg % 10);
    model_before(&replay->model);
    say(replay, "looks(%d, %lld);", (int)ROOM, (long long)timeout);
    int64_t begin = mio_clock_now();
    int count = mio_poll_wait(replay->poll, events, ROOM, timeout);
    int64_t passed = mio_clock_now() - begin;
    take(replay, events, count);
    if (count == 0 && passed < timeout) {
        surely_broken(&replay->model, "a wait of %lld ns ended after %lld ns", (long long)timeout, (long long)passed);
    }
    check_wait(replay, count < ROOM);
}

/*
 * Starts several threads at the same time. Each of these threads waits once, with timeout 0. When all these threads
 * have ended, the calling thread also waits once. Each change of readiness must cause an event in one of these threads
 * or in the calling thread.
 */
static void crowd(player *replay)
{
    waiting waits[CROWD];
    pthread_t threads[CROWD];
    bool started[CROWD];
    model_before(&replay->model);
    say(replay, "crowd(%d);", (int)CROWD);
    for (int i = 0; i < CROWD; i++) {
        waits[i].replay = replay;
        waits[i].count = 0;
        started[i] = pthread_create(&threads[i], NULL, look_once, &waits[i]) == 0;
    }
    for (int i = 0; i < CROWD; i++) {
        if (started[i]) {
            pthread_join(threads[i], NULL);
            take(replay, waits[i].events, waits[i].count);
        }
    }
    model_after(&replay->model, false);
    look(replay, ROOM);
}

/* The data of a thread that waits until it receives an event with the token TOKEN_STOP. `events` contains the events
 * that the thread has received. */
typedef struct guard {
    player *replay;
    mio_event events[GUARD_ROOM];
    int count;
    bool stopped;
    int64_t deadline;
    bool timed_out; /* whether the last wait of the thread timed out */
} guard;

static void *wait_for_stop(void *context)
{
    guard *g = context;
    g->deadline = mio_clock_now() + 3 * SECOND;
    while (!g->stopped && mio_clock_now() < g->deadline && g->count <= GUARD_ROOM - ROOM) {
        int count = mio_poll_wait_until(g->replay->poll, g->events + g->count, ROOM, g->deadline);
        if (count < 0) {
            g->count = count;
            return NULL;
        }
        g->timed_out = count == 0;
        for (int i = 0; i < count; i++) {
            g->stopped |= g->events[g->count + i].token == TOKEN_STOP;
        }
        g->count += count;
        if (count > 0) {
            sched_yield();
        }
    }
    return NULL;
}

/* Returns how long this thread has queued for a processor, or -1 if the system does not report the time. */
static int64_t queued_time(void)
{
    long long queued = -1;
    FILE *file = fopen("/proc/thread-self/schedstat", "re");
    if (file != NULL) {
        if (fscanf(file, "%*s %lld", &queued) != 1) {
            queued = -1;
        }
        fclose(file);
    }
    return queued;
}

/*
 * Waits with timeout 0 while another thread waits. The wait must return at once, so the test fails if this thread runs
 * or sleeps for too long. The time that this thread spends in the queue for a processor does not count.
 */
static void look_beside(player *replay)
{
    mio_event events[ROOM];
    int64_t queued = queued_time();
    int64_t begin = mio_clock_now();
    int count = mio_poll_wait(replay->poll, events, ROOM, 0);
    int64_t passed = mio_clock_now() - begin;
    int64_t own = queued >= 0 ? passed - (queued_time() - queued) : 0;
    take(replay, events, count);
    if (own > LATE) {
        surely_broken(&replay->model, "a look ran or slept %lld ns while another thread waited", (long long)own);
    } else if (passed > LATE) {
        broken(&replay->model, "a look took %lld ns while another thread waited", (long long)passed);
    }
}

/*
 * Checks that a wake has ended the wait of the other thread. A busy machine delays a thread by at most LATE. So if the
 * wait has not ended within LATE, the library has a defect.
 */
static void check_stopped(player *replay, const guard *g, int woken, int64_t woken_at)
{
    if (woken != 0) {
        surely_broken(&replay->model, "wake is %d, not 0", woken);
    } else if (!g->stopped && g->timed_out && g->deadline - woken_at > LATE) {
        surely_broken(&replay->model, "a wake did not end the wait of another thread within %lld ns",
                      (long long)(g->deadline - woken_at));
    } else if (!g->stopped && g->count <= GUARD_ROOM - ROOM) {
        broken(&replay->model, "a wake did not end the wait of another thread");
    }
}

/*
 * Starts a thread that waits. Meanwhile the calling thread waits with timeout 0, and each of these waits must return at
 * once. Then a wake must end the wait of the started thread.
 */
static void watch(player *replay)
{
    static guard g;
    pthread_t thread;
    const struct timespec a_while = {.tv_nsec = 300000};
    g.replay = replay;
    g.count = 0;
    g.stopped = false;
    g.timed_out = false;
    model_before(&replay->model);
    say(replay, "guards();");
    if (pthread_create(&thread, NULL, wait_for_stop, &g) != 0) {
        return;
    }
    nanosleep(&a_while, NULL);
    for (int i = 0; i < LOOKS; i++) {
        look_beside(replay);
    }
    int woken = mio_waker_wake(replay->stop);
    int64_t woken_at = mio_clock_now();
    pthread_join(thread, NULL);
    take(replay, g.events, g.count);
    check_stopped(replay, &g, woken, woken_at);
    model_after(&replay->model, false);
    look(replay, ROOM);
}

void wait_for_lacking(player *replay)
{
    world *model = &replay->model;
    mio_event events[ROOM];
    int64_t deadline = mio_clock_now() + LATE;
    bool lacks = model_still_lacks(model, NULL);
    while (lacks && mio_clock_now() < deadline) {
        int count = mio_poll_wait_until(replay->poll, events, ROOM, deadline);
        for (int i = 0; i < count; i++) {
            lacks = lacks && model_still_lacks(model, &events[i]);
        }
    }
    model->verdict->certain = lacks && model_still_lacks(model, NULL);
}

void wait_step(player *replay, const operation *step)
{
    switch ((verb)step->verb) {
    case DO_WAIT:
        wait_briefly(replay, step->arg);
        break;
    case DO_CROWD:
        crowd(replay);
        break;
    case DO_GUARD:
        watch(replay);
        break;
    default:
        look(replay, step->arg % 4 == 0 ? 1 + step->arg / 4 % 3 : ROOM);
        break;
    }
}
