/* SPDX-License-Identifier: MIT */
/*
 * Tests one poll object with eight threads. Each of the eight threads chooses its calls at random:
 *   - it waits with all kinds of timeouts, and cancels another thread that waits
 *   - it registers, reregisters, deregisters and closes sources
 *   - it makes, wakes and frees wakers
 *   - it clones registries.
 * No wait may return the token of a registration that had ended before the wait began. After each round, when no thread
 * makes calls, every source must still cause an event. The environment variable MIO_RACE_ROUNDS sets the number of
 * rounds.
 */
#include "../helpers/harness.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

enum {
    THREADS = 8,
    SOURCES = 4,
    SPOTS = THREADS * SOURCES,
    NAMES = SPOTS + THREADS, /* the number of sources and wakers: each thread has one waker */
    STIR = NAMES,            /* the token of a waker that ends the waits that have no timeout */
    CALLS = 100              /* how many random calls each thread makes in a round */
};

/*
 * A source or a waker. Only one thread registers it. Each registration first adds 1 to `generation`. The token contains
 * the new generation.
 */
typedef struct name {
    uintptr_t generation;
    atomic_uintptr_t retired; /* the highest generation whose registration has ended */
} name;

typedef struct spot {
    mio_unix_stream stream;
    mio_unix_stream peer;
    bool is_registered;
} spot;

typedef struct race {
    mio_poll *poll;
    mio_registry *registry;
    mio_waker *stir;
    name names[NAMES];
    spot spots[SPOTS];
    int rounds;
    atomic_int busy; /* how many threads have not finished their calls of this round */
    barrier barrier;
} race;

typedef struct racer {
    race *race;
    int number;
    uint32_t random;
    pthread_t thread;
} racer;

static uint32_t any_below(racer *r, uint32_t limit)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 17;
    r->random ^= r->random << 5;
    return (r->random >> 8) % limit;
}

static int any_spot(racer *r)
{
    return r->number * SOURCES + (int)any_below(r, SOURCES);
}

static uint32_t any_interest(racer *r)
{
    static const uint32_t sides[] = {MIO_READABLE, MIO_WRITABLE, MIO_READABLE | MIO_WRITABLE};
    static const uint32_t modes[] = {MIO_EDGE, MIO_EDGE, MIO_LEVEL, MIO_ONESHOT};
    return sides[any_below(r, 3)] | modes[any_below(r, 4)];
}

/* ---- tokens ---- */

static uintptr_t new_token(race *all, int index)
{
    return ++all->names[index].generation * (NAMES + 1) + (uintptr_t)index;
}

/* Records that the registrations up to this generation have ended. */
static void retire(race *all, int index, uintptr_t generation)
{
    atomic_store(&all->names[index].retired, generation);
}

static void check_event(const mio_event *event, const uintptr_t *ended)
{
    const uintptr_t index = event->token % (NAMES + 1);
    if (index != STIR) {
        ck_assert_msg(event->token / (NAMES + 1) > ended[index], "a token came after its registration had ended");
    }
}

/* ---- the calls ---- */

static void make_spot(spot *s)
{
    ck_assert_ok(mio_unix_stream_pair(&s->stream, &s->peer, 0));
    s->is_registered = false;
}

static void close_spot(spot *s)
{
    mio_unix_stream_close(&s->stream);
    mio_unix_stream_close(&s->peer);
}

static void wait_for_time(racer *r, int64_t timeout)
{
    race *all = r->race;
    uintptr_t ended[NAMES];
    mio_event events[4];
    for (int i = 0; i < NAMES; i++) {
        ended[i] = atomic_load(&all->names[i].retired);
    }
    const int count = wait_events(all->poll, events, 1 + any_below(r, 4), timeout);
    for (int i = 0; i < count; i++) {
        check_event(&events[i], ended);
    }
}

static void wait_somehow(racer *r)
{
    static const int64_t timeouts[] = {0, 0, US(50), MS(1), -1};
    wait_for_time(r, timeouts[any_below(r, 5)]);
}

static void register_spot(racer *r)
{
    race *all = r->race;
    const int index = any_spot(r);
    spot *s = &all->spots[index];
    const int result = mio_registry_register(all->registry, &s->stream.source, new_token(all, index), any_interest(r));
    ck_assert_errno(result, s->is_registered ? -EEXIST : 0);
    s->is_registered = true;
}

static void reregister_spot(racer *r)
{
    race *all = r->race;
    const int index = any_spot(r);
    spot *s = &all->spots[index];
    const uintptr_t old = all->names[index].generation;
    const int result =
        mio_registry_reregister(all->registry, &s->stream.source, new_token(all, index), any_interest(r));
    ck_assert_errno(result, s->is_registered ? 0 : -ENOENT);
    retire(all, index, old);
}

static void deregister_spot(racer *r)
{
    race *all = r->race;
    const int index = any_spot(r);
    spot *s = &all->spots[index];
    ck_assert_errno(mio_registry_deregister(all->registry, &s->stream.source), s->is_registered ? 0 : -ENOENT);
    s->is_registered = false;
    retire(all, index, all->names[index].generation);
}

static void renew_spot(racer *r)
{
    race *all = r->race;
    const int index = any_spot(r);
    close_spot(&all->spots[index]);
    retire(all, index, all->names[index].generation);
    make_spot(&all->spots[index]);
}

static void write_spot(racer *r)
{
    const int64_t count = mio_unix_stream_write(&r->race->spots[any_spot(r)].peer, "x", 1);
    ck_assert(count == 1 || count == -EAGAIN);
}

static void drain_spot(spot *s)
{
    char bytes[256];
    int64_t count;
    while ((count = mio_unix_stream_read(&s->stream, bytes, sizeof bytes)) > 0) {}
    assert_would_block(count);
}

static void read_spot(racer *r)
{
    drain_spot(&r->race->spots[any_spot(r)]);
}

static void wake_all(racer *r)
{
    ck_assert_ok(mio_waker_wake(r->race->stir));
}

static void use_a_waker(racer *r)
{
    race *all = r->race;
    const int index = SPOTS + r->number;
    mio_waker *waker = make_waker(all->poll, new_token(all, index));
    ck_assert_ok(mio_waker_wake(waker));
    if (any_below(r, 2) == 0) {
        wait_somehow(r);
    }
    mio_waker_free(waker);
    retire(all, index, all->names[index].generation);
}

static void use_a_clone(racer *r)
{
    mio_registry *clone = NULL;
    mio_registry *second = NULL;
    ck_assert_ok(mio_registry_clone(&clone, r->race->registry));
    ck_assert_ok(mio_registry_clone(&second, clone));
    mio_registry_free(clone);
    mio_registry_free(second);
}

/*
 * The body of a thread that the test cancels. Returns NULL only if a wait fails. There are no assertions here, because
 * libcheck's assertions allocate and are cancellation points.
 */
static void *wait_until_cancelled(void *context)
{
    mio_event event;
    while (mio_poll_wait(context, &event, 1, -1) >= 0) {}
    return NULL;
}

/*
 * Cancels a thread that waits. The cancelled thread locks a mutex while it unwinds. ThreadSanitizer does not see this
 * lock, so with ThreadSanitizer this function does nothing.
 */
static void cancel_a_wait(racer *r)
{
#ifndef __SANITIZE_THREAD__
    if (any_below(r, 8) == 0) {
        pthread_t thread = start_thread(wait_until_cancelled, r->race->poll);
        ck_assert_int_eq(pthread_cancel(thread), 0);
        ck_assert_ptr_eq(join_thread(thread), PTHREAD_CANCELED);
        /*
         * Before glibc 2.41, a cancelled wait can lose a wake that it has collected (glibc bug 12683). After this loss,
         * further wakes of the same waker have no effect until a wait has returned. So wait once with a timeout of 0.
         */
        wait_for_time(r, 0);
    }
#else
    (void)r;
    (void)wait_until_cancelled;
#endif
}

static void (*const calls[])(racer *r) = {
    wait_somehow,    wait_somehow, wait_somehow,    register_spot,   register_spot, reregister_spot,
    reregister_spot, renew_spot,   deregister_spot, deregister_spot, write_spot,    write_spot,
    read_spot,       wake_all,     use_a_waker,     use_a_clone,     cancel_a_wait,
};

/* ---- a round ---- */

static void register_for_the_check(race *all, int index)
{
    spot *s = &all->spots[index];
    mio_source *source = &s->stream.source;
    drain_spot(s);
    if (s->is_registered) {
        ck_assert_ok(mio_registry_deregister(all->registry, source));
    }
    retire(all, index, all->names[index].generation);
    ck_assert_ok(mio_registry_register(all->registry, source, new_token(all, index), MIO_READABLE));
    s->is_registered = true;
}

static void run_racer(racer *r)
{
    race *all = r->race;
    for (int i = 0; i < CALLS; i++) {
        calls[any_below(r, sizeof calls / sizeof calls[0])](r);
    }
    atomic_fetch_sub(&all->busy, 1);
    barrier_wait(&all->barrier); /* nobody waits any more */
    for (int i = 0; i < SOURCES; i++) {
        register_for_the_check(all, r->number * SOURCES + i);
        ck_assert_count(mio_unix_stream_write(&all->spots[r->number * SOURCES + i].peer, "x", 1), 1);
    }
    barrier_wait(&all->barrier); /* now every source is readable */
    barrier_wait(&all->barrier); /* the events have come */
}

static void *run_rounds(void *context)
{
    racer *r = context;
    for (int round = 0; round < r->race->rounds; round++) {
        run_racer(r);
    }
    return NULL;
}

/*
 * Wakes waiting threads until all threads have finished their calls. Without these wakes, a thread could wait for ever,
 * because some waits have no timeout.
 */
static void stir(race *all)
{
    while (atomic_load(&all->busy) > 0) {
        ck_assert_ok(mio_waker_wake(all->stir));
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
    }
}

static void expect_an_event_of_each_source(race *all)
{
    bool has_come[SPOTS] = {false};
    for (int missing = SPOTS; missing > 0;) {
        mio_event events[8];
        const int count = wait_events(all->poll, events, 8, LONG_WAIT);
        ck_assert_msg(count > 0, "%d events are lost", missing);
        for (int i = 0; i < count; i++) {
            const uintptr_t index = events[i].token % (NAMES + 1);
            if (index < SPOTS) {
                ck_assert_uint_eq(events[i].token / (NAMES + 1), all->names[index].generation);
                missing -= !has_come[index];
                has_come[index] = true;
            }
        }
    }
}

static int wanted_rounds(void)
{
    const char *text = getenv("MIO_RACE_ROUNDS");
    return text != NULL ? atoi(text) : rounds(50);
}

START_TEST(random_calls_of_eight_threads_lose_no_event_and_return_no_old_token)
{
    static race all;
    racer racers[THREADS];
    enter_variant(_i);
    const int before = count_descriptors();
    all.poll = open_poll(_i);
    all.registry = mio_poll_registry(all.poll);
    all.stir = make_waker(all.poll, STIR);
    all.rounds = wanted_rounds();
    barrier_init(&all.barrier, THREADS + 1);
    atomic_store(&all.busy, THREADS);
    for (int i = 0; i < SPOTS; i++) {
        make_spot(&all.spots[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        racers[i] = (racer){.race = &all, .number = i, .random = 1 + (uint32_t)i};
        racers[i].thread = start_thread(run_rounds, &racers[i]);
    }
    for (int round = 0; round < all.rounds; round++) {
        stir(&all);
        atomic_store(&all.busy, THREADS);
        barrier_wait(&all.barrier);
        barrier_wait(&all.barrier);
        expect_an_event_of_each_source(&all);
        barrier_wait(&all.barrier);
    }
    for (int i = 0; i < THREADS; i++) {
        join_thread(racers[i].thread);
    }
    for (int i = 0; i < SPOTS; i++) {
        close_spot(&all.spots[i]);
    }
    barrier_destroy(&all.barrier);
    mio_waker_free(all.stir);
    mio_poll_free(all.poll);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("threads_race");
    TCase *tcase = add_tcase(suite, "race");
    tcase_add_backend_test(tcase, random_calls_of_eight_threads_lose_no_event_and_return_no_old_token);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
