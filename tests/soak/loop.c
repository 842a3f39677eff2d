/* SPDX-License-Identifier: MIT */
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The token of a connection has the index and the generation of its slot. The tokens of other sources (pings, signals,
 * listeners) are below FLOWS.
 */
enum { SIGNALS = PINGS, LISTENERS, CONTROL = LISTENERS + 2 };
#define SECOND INT64_C(1000000000)
#define PATIENCE (30 * SECOND)

static uintptr_t token_of(const loop *l, const slot *s)
{
    return (uintptr_t)(s - l->slots) + (uintptr_t)FLOWS * (1 + s->generation % (UINTPTR_MAX / FLOWS - 2));
}

static void must(const char *call, int result)
{
    check_that(result >= 0, "%s returned %s", call, mio_error_name(-result));
}

/* ---- pings ---- */

static void send_ping(ping *p)
{
    if (p->waker != NULL) {
        must("mio_waker_wake", mio_waker_wake(p->waker));
    } else {
        check_that(kill(getpid(), SIGHUP) == 0, "kill failed");
    }
}

static void *ping_for_ever(void *context)
{
    ping *p = context;
    while (!atomic_load(&p->loop->stopped)) {
        const int64_t deadline = mio_clock_now() + PATIENCE;
        const unsigned number = atomic_fetch_add(&p->posted, 1) + 1;
        send_ping(p);
        do { /* the pause limits the number of pings in a second */
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            check_that(mio_clock_now() < deadline, "a %s was lost", p->waker != NULL ? "wake" : "signal");
        } while (atomic_load(&p->answered) != number && !atomic_load(&p->loop->stopped));
    }
    return NULL;
}

static void answer(ping *p)
{
    atomic_store(&p->answered, atomic_load(&p->posted));
}

static void receive_signals(loop *l)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    int result;
    while ((result = mio_signals_recv(&l->signals, &info)) == 1) {
        check_that(info.number == SIGHUP, "received signal %d", info.number);
    }
    check_that(result == -EAGAIN, "mio_signals_recv returned %s", mio_error_name(-result));
    answer(&l->pings[SIGNALS - 1]);
}

/* ---- connections ---- */

slot *free_slot(loop *l)
{
    for (int i = 0; i < FLOWS; i++) {
        if (!l->slots[i].flow.is_open) {
            return &l->slots[i];
        }
    }
    broken("no slot is free");
}

void add_flow(loop *l, slot *s)
{
    s->flow.is_open = true;
    must("mio_registry_register",
         mio_registry_register(l->registry, &s->flow.stream.source, token_of(l, s), MIO_READABLE | MIO_WRITABLE));
    l->live++;
    l->work.connections++;
    l->last_progress = mio_clock_now();
}

/*
 * Closes a connection. To test that closing ends a registration, the loop deregisters only every second connection
 * before it closes the connection.
 */
static void close_flow(loop *l, slot *s)
{
    if (s->generation % 2 == 0) {
        must("mio_registry_deregister", mio_registry_deregister(l->registry, &s->flow.stream.source));
    }
    mio_source_close(&s->flow.stream.source);
    s->flow = (flow){0};
    s->generation++;
    s->closed_by = l->work.waits;
    l->live--;
    l->last_progress = mio_clock_now();
}

static void turn_slot(loop *l, slot *s, bool at_tick)
{
    const uint64_t bytes = l->work.bytes;
    if (!turn_flow(&s->flow, at_tick, &l->work.bytes)) {
        close_flow(l, s);
    } else if (l->work.bytes != bytes) {
        l->last_progress = mio_clock_now();
    }
}

/*
 * Handles an event of a connection. An earlier event of the same wait can have closed the connection. But no event may
 * come for a connection that was closed before this wait.
 */
static void handle_flow(loop *l, uintptr_t token)
{
    slot *s = &l->slots[token % FLOWS];
    l->work.events++;
    if (s->flow.is_open && token == token_of(l, s)) {
        turn_slot(l, s, false);
    } else {
        check_that(s->closed_by == l->work.waits, "an event came for a connection that was closed before the wait");
    }
}

static void accept_all(loop *l, mio_source *listener)
{
    int result;
    do {
        slot *s = free_slot(l);
        result = mio_listener_accept(listener, &s->flow.stream.source, NULL);
        if (result == 0) {
            s->flow.is_connected = true;
            add_flow(l, s);
        }
    } while (result == 0 || mio_accept_is_transient(result));
    check_that(result == -EAGAIN, "accept returned %s", mio_error_name(-result));
}

static void tick(loop *l)
{
    for (int i = 0; i < FLOWS; i++) {
        if (l->slots[i].flow.is_open && is_slow(&l->slots[i].flow)) {
            turn_slot(l, &l->slots[i], true);
        }
    }
    check_that(l->live == 0 || mio_clock_now() - l->last_progress < PATIENCE, "%d connections stand still", l->live);
}

/* ---- the other process ---- */

void tell(const loop *l, char message)
{
    check_that(write(l->control, &message, 1) == 1, "the other process is gone");
}

static void hear(loop *l)
{
    check_that(read(l->control, &l->message, 1) == 1, "the other process is gone");
}

/* ---- the loop ---- */

static void dump(void *context)
{
    const loop *l = context;
    mio_poll_dump(l->poll, STDERR_FILENO);
    for (int i = 0; i < FLOWS; i++) {
        const flow *f = &l->slots[i].flow;
        if (f->is_open) {
            fprintf(stderr, "%#jx: %u of %u bytes sent, %u of %u received, flags %u, header %u%s%s%s\n",
                    (uintmax_t)token_of(l, &l->slots[i]), f->sent, f->is_client ? f->script.up : f->script.down,
                    f->received, f->is_client ? f->script.down : f->script.up, f->script.flags, f->header,
                    f->is_connected ? ", connected" : "", f->has_shut_down ? ", shut down" : "",
                    f->has_ended ? ", ended" : "");
        }
    }
}

static void open_pings(loop *l)
{
    for (int i = 0; i < PINGS; i++) {
        l->pings[i].loop = l;
        if (i < SIGNALS - 1) {
            must("mio_waker_new", mio_waker_new(&l->pings[i].waker, l->registry, (uintptr_t)i));
        }
        check_that(pthread_create(&l->pings[i].thread, NULL, ping_for_ever, &l->pings[i]) == 0, "no thread");
    }
}

void open_loop(loop *l, const char *backend, int control)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    const int hangup = SIGHUP;
    options.backend = backend;
    must("mio_poll_new", mio_poll_new(&l->poll, &options));
    l->registry = mio_poll_registry(l->poll);
    l->control = control;
    set_report(dump, l);
    must("mio_signals_open", mio_signals_open(&l->signals, &hangup, 1, 0));
    must("mio_registry_register", mio_registry_register(l->registry, &l->signals.source, SIGNALS, MIO_READABLE));
    must("mio_registry_register_handle",
         mio_registry_register_handle(l->registry, control, CONTROL, MIO_READABLE | MIO_LEVEL));
    for (int i = 0; i < 2; i++) {
        if (l->listeners[i] != NULL) {
            must("mio_registry_register",
                 mio_registry_register(l->registry, l->listeners[i], (uintptr_t)(LISTENERS + i), MIO_READABLE));
        }
    }
    open_pings(l);
}

void close_loop(loop *l)
{
    atomic_store(&l->stopped, true);
    for (int i = 0; i < PINGS; i++) {
        pthread_join(l->pings[i].thread, NULL);
        mio_waker_free(l->pings[i].waker);
    }
    mio_poll_free(l->poll);
}

static void handle(loop *l, const mio_event *event)
{
    if (event->token >= FLOWS) {
        handle_flow(l, event->token);
    } else if (event->token == SIGNALS) {
        receive_signals(l);
    } else if (event->token == CONTROL) {
        hear(l);
    } else if (event->token >= LISTENERS) {
        accept_all(l, l->listeners[event->token - LISTENERS]);
    } else {
        answer(&l->pings[event->token]);
        if (event->token == 0) {
            tick(l);
        }
    }
}

/* Waits once, and handles the events. The timeouts vary: no limit, 0, and two short timeouts. */
void turn_loop(loop *l)
{
    static const int64_t timeouts[] = {-1, 0, 100000, 5000000};
    mio_event events[64];
    const int count = mio_poll_wait(l->poll, events, 64, timeouts[l->work.waits % 4]);
    must("mio_poll_wait", count);
    l->work.waits++;
    for (int i = 0; i < count; i++) {
        handle(l, &events[i]);
    }
}
