/* SPDX-License-Identifier: MIT */
/*
 * Each process of the soak test runs this loop. The loop has a poll object and connections. Two threads wake the poll
 * object, and a third thread sends SIGHUP to the process. The threads expect an answer to each wake and each signal.
 * After each wake by the first thread, the loop lets each slow connection read one piece of data. The code calls this
 * step a tick.
 */
#ifndef MIO_TESTS_SOAK_LOOP_H
#define MIO_TESTS_SOAK_LOOP_H

#include "flow.h"
#include "gauge.h"

#include <pthread.h>
#include <stdatomic.h>

enum { FLOWS = 1 << 12, PINGS = 3 };

typedef struct slot {
    flow flow;
    uint32_t generation;
    uint64_t closed_by; /* the number of the wait after which the loop closed the last connection of the slot */
} slot;

struct loop;
typedef struct ping {
    struct loop *loop;
    mio_waker *waker; /* null: the ping is a signal */
    pthread_t thread;
    atomic_uint posted;
    atomic_uint answered;
} ping;

typedef struct loop {
    mio_poll *poll;
    mio_registry *registry;
    mio_source *listeners[2]; /* the listener for TCP and the listener for Unix sockets; null in the client */
    slot slots[FLOWS];
    int live;
    ping pings[PINGS];
    mio_signals signals;
    work work;
    int64_t last_progress;
    int control;         /* a socket to the other process */
    char message;        /* the byte that has arrived from the other process, or 0 */
    atomic_bool stopped; /* true: the threads must end */
} loop;

void open_loop(loop *l, const char *backend, int control);
void close_loop(loop *l);

/* Waits once, and handles the events. */
void turn_loop(loop *l);

/* free_slot returns an unused slot, in which the caller makes a connection. add_flow then registers this connection. */
slot *free_slot(loop *l);
void add_flow(loop *l, slot *s);

/* Sends a byte to the other process. */
void tell(const loop *l, char message);

#endif /* MIO_TESTS_SOAK_LOOP_H */
