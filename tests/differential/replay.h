/* SPDX-License-Identifier: MIT */
/* Runs a program on a backend and compares the results with the model. */
#ifndef MIO_TESTS_REPLAY_H
#define MIO_TESTS_REPLAY_H

#include "model.h"

#include <stdio.h>

typedef struct player {
    world model;
    mio_poll *poll;
    mio_registry *registry;
    mio_waker *wakers[WAKERS];
    mio_waker *stop;
    FILE *emit; /* the file that gets the steps as C code; may be null */
} player;

/* Runs a program. If mio breaks a promise, `result` names the promise. */
void run_program(const sequence *program, const char *backend, verdict *result, FILE *emit);

/*
 * Runs a program like run_program. If an event is missing at the end, the function waits for this event. The wait is so
 * long that a busy machine cannot make the test fail. This function is for callers that do not repeat a failed
 * program at once.
 */
void run_patiently(const sequence *program, const char *backend, verdict *result);

/*
 * waits.c defines these two functions. wait_step runs a step that waits. If an event did not arrive in the last wait,
 * although the model expects this event, wait_for_lacking waits for the event until a deadline.
 */
void wait_step(player *replay, const operation *step);
void wait_for_lacking(player *replay);

/* Writes a line of C to the file `emit` of the player, if there is such a file. */
void say(const player *replay, const char *format, ...) __attribute__((format(PRINTF_FORMAT, 2, 3)));

/* emit.c defines these two functions. They write the parts of the C program before and after the steps. */
void emit_head(FILE *out, const char *backend, const char *failure);
void emit_tail(FILE *out);

#endif /* MIO_TESTS_REPLAY_H */
