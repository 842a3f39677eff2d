/* SPDX-License-Identifier: MIT */
/*
 * A model of one poll object. The model checks the events of the poll object against the manual. Before and after a
 * wait, the model gets the readiness of each descriptor from poll(2). The model also records registrations, used-up
 * readiness and reported events.
 */
#ifndef MIO_TESTS_MODEL_H
#define MIO_TESTS_MODEL_H

#include "ends.h"

/*
 * The registration of one end of a link. Each new registration and each reregistration gets a new token, so that the
 * test recognises a stale token. Some members below are only for one kind of registration: "edge" means edge-triggered,
 * and "AFD" means the backend of Windows.
 */
typedef struct registration {
    bool is_live;
    uintptr_t token;
    uint32_t interest;
    bool armed_read;  /* edge: true if the next wait must report MIO_READABLE when the end is readable */
    bool armed_write; /* like armed_read, for writing */
    bool is_spent;    /* oneshot: a wait has reported an event since the last registration */
    int credit;       /* edge: number of events that actions on the link may still cause */
    int last_ready;   /* edge: the readiness at the last event */
    int before;       /* readiness before this wait; `after` is the readiness after this wait */
    int after;
    /* AFD: all readiness since the last wait that had room for all events. An event can still report this readiness. */
    int between;
    uint32_t told;     /* AFD, edge: bits that waits have reported, and that no call has used up or rearmed since */
    uint32_t repeated; /* AFD: bits that a wait reported again, while `told` had them: a fault of the library */
    uint32_t seen;     /* the bits that this wait reported, in `count` events */
    int count;
} registration;

enum { FAILURE_SIZE = 400 };

/* The result of a program. */
typedef struct verdict {
    char failure[FAILURE_SIZE]; /* empty, or the promise that was broken first */
    bool certain;               /* the failure counts even if it does not recur */
} verdict;

typedef struct world {
    bool is_kqueue; /* the backend is kqueue(2), which reports other bits than poll(2) */
    bool is_afd;    /* the backend is AFD, and mio_windows(7) describes its events */
    endpoint ends[ENDS];
    registration registrations[ENDS];
    uintptr_t zombies[LONGEST]; /* tokens of closed ends; each end has an open duplicate, so events may still come */
    size_t zombie_count;
    uintptr_t next_token;
    bool wakes[WAKERS]; /* wakes whose event has not come yet */
    int wake_counts[WAKERS];
    verdict *verdict;
    unsigned lacking; /* number of the registration whose event is missing */
    uint32_t lack;    /* the bits that this event must have; 0 if no event is missing */
} world;

/*
 * Tokens of the program's wakers begin at TOKEN_WAKER. The test itself has one more waker, with the token TOKEN_STOP.
 * The test uses this waker to wake a thread that waits. Tokens of registrations begin at TOKEN_FIRST.
 */
enum { TOKEN_WAKER = 1, TOKEN_STOP = 50, TOKEN_FIRST = 100 };

/*
 * Both functions record a failure: a promise of the manual that mio breaks. They keep only the first failure. If only a
 * defect of the library can cause the failure, call surely_broken(). If a late packet or a busy machine can also cause
 * the failure, call broken().
 */
void broken(world *model, const char *format, ...) __attribute__((format(PRINTF_FORMAT, 2, 3)));
void surely_broken(world *model, const char *format, ...) __attribute__((format(PRINTF_FORMAT, 2, 3)));

/*
 * model_registered records a registration. model_touched records an action at one end of a link. model_ended records
 * that the link of `end` is closed. model_rearmed records which directions the program has rearmed. model_used_up
 * records that a call has used up the readiness for one direction.
 */
void model_registered(world *model, unsigned end, uintptr_t token, uint32_t interest);
void model_touched(world *model, unsigned end);
void model_ended(world *model, unsigned end);
void model_rearmed(world *model, unsigned end, uint32_t directions);
void model_used_up(world *model, unsigned end, uint32_t direction);

/*
 * Call model_before before a wait, model_event for each event of the wait, and model_after after the wait. These
 * functions record the readiness and the events, and check that the right events have arrived. `all` is true if the
 * array of the wait was large enough for all events. In this case the array must have every event that had to arrive.
 */
void model_before(world *model);
void model_event(world *model, const mio_event *event);
void model_after(world *model, bool all);

/* Returns true if a bit had to arrive after the call of model_before, but no event has contained this bit. */
bool model_lacks(world *model);

/* Records an event that arrived late, or nothing if `event` is NULL. Returns whether a required bit has still not
 * arrived. */
bool model_still_lacks(world *model, const mio_event *event);

/* Returns whether an event must arrive with the next wait. */
bool model_is_due(world *model);

#endif /* MIO_TESTS_MODEL_H */
