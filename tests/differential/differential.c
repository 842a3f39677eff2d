/* SPDX-License-Identifier: MIT */
/*
 * Runs random programs on every backend, and checks the results against the manual.
 *
 *     differential [SEED [SEQUENCES [SECONDS]]]
 *
 * A run generates at most SEQUENCES programs in SECONDS seconds. Program n of the run has the seed SEED + n. If a
 * program fails, the test runs it again, shortens it, and prints it as C.
 */
#include "child.h"
#include "replay.h"
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 500, PATIENCE = 60, SEQUENCES = 1000 };

/* The work that a child must do. */
typedef enum order { RUN_BATCH, RUN_ONCE, PRINT } order;

/* Receives the result of a child, even if the child crashes. */
typedef struct shared {
    order order;
    uint64_t seed; /* RUN_BATCH: the seed of the current sequence; the run stops before `end` */
    uint64_t end;
    sequence program; /* RUN_ONCE, PRINT: the program to run or to print */
    char backend[32];
    verdict result; /* PRINT: the failure to print */
} shared;

static shared *report;

/* Holds two texts while the test shortens a program: the name of the backend that runs the program, and the last
 * failure of the program. */
typedef struct candidate {
    char backend[sizeof report->backend];
    char failure[FAILURE_SIZE];
} candidate;

/* Runs the sequences of the job in this process, until one of them fails. */
static void run_batch(shared *job)
{
    const char *failure = job->result.failure;
    for (; job->seed < job->end; job->seed++) {
        const char *backend = NULL;
        sequence program;
        generate(&program, job->seed);
        for (size_t i = 0; (backend = mio_poll_backend_name(i)) != NULL && failure[0] == '\0'; i++) {
            (void)snprintf(job->backend, sizeof job->backend, "%s", backend);
            limit_time(PATIENCE);
            run_patiently(&program, backend, &job->result);
        }
        if (failure[0] != '\0') {
            return;
        }
    }
}

static void print_program(const shared *job)
{
    verdict result;
    setvbuf(stdout, NULL, _IONBF, 0); /* no buffer, because a crash of the program would lose the buffered text */
    emit_head(stdout, job->backend, job->result.failure);
    run_program(&job->program, job->backend, &result, stdout);
}

/* A child process calls this function. The function does what the parent has stored in `order`. */
static void obey(void *memory)
{
    shared *job = memory;
    if (job->order == RUN_BATCH) {
        run_batch(job);
        return;
    }
    limit_time(PATIENCE / 2);
    if (job->order == RUN_ONCE) {
        run_program(&job->program, job->backend, &job->result, NULL);
    } else {
        print_program(job);
    }
}

/* Returns a text that says why a child did not finish its task. */
static const char *ending_text(ending end)
{
    switch (end) {
    case ENDED_BY_TIME:
        return "it hangs";
    case ENDED_BY_CRASH:
        return "it crashes";
    default:
        return "it did not start, or something else ended it";
    }
}

/* Runs a child. Records a crash or a hang as a failure that counts even if it does not recur. */
static ending run_order(order what)
{
    verdict *result = &report->result;
    int number = 0;
    report->order = what;
    ending end = run_in_child(report, obey, &number);
    if (end == ENDED_WITH_STATUS) { /* a sanitizer has ended the child */
        if (result->failure[0] == '\0') {
            (void)snprintf(result->failure, sizeof result->failure, "ended with %d", number);
            result->certain = true;
        }
    } else if (end != ENDED_WELL) {
        (void)snprintf(result->failure, sizeof result->failure, "ended by %#x (%s)", (unsigned)number,
                       ending_text(end));
        result->certain = end != ENDED_FROM_OUTSIDE;
    }
    return end;
}

static bool ends_well(order what)
{
    (void)run_order(what);
    return report->result.failure[0] == '\0';
}

/*
 * Runs the program once in a child process, and returns whether the program fails. If the system cannot start the
 * child, or kills the child, the function returns false, because the program is not the cause.
 */
static bool fails_once(const sequence *program, const char *backend)
{
    report->result.failure[0] = '\0';
    report->program = *program;
    (void)snprintf(report->backend, sizeof report->backend, "%s", backend);
    return run_order(RUN_ONCE) != ENDED_FROM_OUTSIDE && report->result.failure[0] != '\0';
}

/*
 * Runs the program up to three times, and returns whether it fails at least once. Threads and the network make some
 * programs fail only sometimes.
 */
static bool fails(const sequence *program, void *context)
{
    candidate *c = context;
    for (int i = 0; i < 3; i++) {
        if (fails_once(program, c->backend)) {
            memcpy(c->failure, report->result.failure, sizeof c->failure);
            return true;
        }
    }
    return false;
}

static void print_failure(const sequence *program, const candidate *c)
{
    report->program = *program;
    memcpy(report->backend, c->backend, sizeof report->backend);
    memcpy(report->result.failure, c->failure, sizeof c->failure);
    (void)ends_well(PRINT);
    emit_tail(stdout);
}

/*
 * Returns whether the failure counts. A failure counts if it recurs, or if its member `certain` is true. Other failures
 * can be due to the machine: a late packet, or a thread that could not run.
 */
static bool confirm(const shared *found)
{
    sequence program;
    candidate c = {.failure = ""};
    memcpy(c.backend, found->backend, sizeof c.backend);
    generate(&program, found->seed);
    int failed = 0;
    for (int i = 0; i < 20 && failed < 2; i++) {
        failed += fails_once(&program, found->backend);
    }
    if (failed == 2 && fails(&program, &c)) {
        shrink(&program, fails, &c);
    } else if (found->result.certain) {
        printf("not seen again, and certain all the same: the program is not shortened\n");
        memcpy(c.failure, found->result.failure, sizeof c.failure);
    } else {
        return false;
    }
    printf("%s: %s\n", found->backend, c.failure);
    print_failure(&program, &c);
    return true;
}

/* Returns the number of sequences in a short run. A slow tool such as Valgrind gets fewer sequences. */
static uint64_t usual_count(void)
{
    return getenv("MIO_VALGRIND") != NULL ? SEQUENCES / 20 : SEQUENCES;
}

/*
 * On a busy machine, a sequence can fail once, and pass when it runs again. This is rare. If many sequences fail and
 * then pass, either the system cannot start child processes, or the library has a fault that seldom shows.
 */
static bool too_many(uint64_t unconfirmed, uint64_t sequences)
{
    return unconfirmed > 3 + sequences / 1000;
}

int main(int argc, char **argv)
{
    report = share_memory(sizeof *report, argc, argv, obey);
    if (report == NULL) {
        return 99;
    }
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    uint64_t end = seed + (argc > 2 ? strtoull(argv[2], NULL, 0) : usual_count());
    int64_t deadline = argc > 3 ? mio_clock_now() + strtoll(argv[3], NULL, 0) * 1000000000 : INT64_MAX;
    uint64_t first = seed;
    uint64_t unconfirmed = 0;
    printf("differential: seed %llu\n", (unsigned long long)seed);
    while (seed < end && mio_clock_now() < deadline) {
        report->result.failure[0] = '\0';
        report->seed = seed;
        report->end = end - seed < BATCH ? end : seed + BATCH;
        if (ends_well(RUN_BATCH)) {
            seed = report->seed;
            continue;
        }
        shared found = *report;
        if (confirm(&found)) {
            printf("differential: FAILED, seed %llu, after %llu sequences\n", (unsigned long long)found.seed,
                   (unsigned long long)(found.seed - first));
            return 1;
        }
        printf("not seen again: seed %llu, %s: %s\n", (unsigned long long)found.seed, found.backend,
               found.result.failure);
        unconfirmed++;
        seed = found.seed + 1;
    }
    printf("differential: %llu sequences, %llu failures that were not seen again\n", (unsigned long long)(seed - first),
           (unsigned long long)unconfirmed);
    return too_many(unconfirmed, seed - first) ? 1 : 0;
}
