/* SPDX-License-Identifier: MIT */
/*
 * Random programs on every backend, compared with the promises of the manual.
 *
 *     differential [SEED [SEQUENCES [SECONDS]]]
 *
 * Sequence n of a run has the seed SEED + n. A program that fails is run again, shortened, and printed as C.
 */
#include "replay.h"
#include "shrink.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 500, PATIENCE = 60, SEQUENCES = 1000 };

/* What a child tells before it ends, however it ends. */
typedef struct shared {
    uint64_t seed;
    char backend[32];
    char failure[FAILURE_SIZE];
} shared;

static shared *report;

/* A candidate for shrinking. */
typedef struct candidate {
    const char *backend;
    char failure[FAILURE_SIZE];
} candidate;

/* Whether the child ended well. One that crashes or hangs has failed, and the way is its failure. */
static bool ended_well(pid_t child)
{
    int status = 0;
    if (child == -1 || waitpid(child, &status, 0) != child) {
        return false;
    }
    if (WIFSIGNALED(status)) {
        (void)snprintf(report->failure, sizeof report->failure, "ended by signal %d (%s)", WTERMSIG(status),
                       WTERMSIG(status) == SIGALRM ? "it hangs" : "it crashes");
    } else if (WEXITSTATUS(status) != 0 && report->failure[0] == '\0') {
        (void)snprintf(report->failure, sizeof report->failure, "ended with %d", WEXITSTATUS(status));
    }
    return report->failure[0] == '\0';
}

static bool fails_once(const sequence *program, const char *backend)
{
    report->failure[0] = '\0';
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE / 2);
        run_program(program, backend, report->failure, NULL);
        _exit(0);
    }
    return !ended_well(child);
}

/* Threads and the network make some programs fail only sometimes: once in a few runs will do. */
static bool fails(const sequence *program, void *context)
{
    candidate *c = context;
    for (int i = 0; i < 3; i++) {
        if (fails_once(program, c->backend)) {
            memcpy(c->failure, report->failure, sizeof c->failure);
            return true;
        }
    }
    return false;
}

static void print_program(const sequence *program, const candidate *c)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        char failure[FAILURE_SIZE];
        alarm(PATIENCE / 2);
        setvbuf(stdout, NULL, _IOLBF, 0); /* it may crash on the way */
        emit_head(stdout, c->backend, c->failure);
        run_program(program, c->backend, failure, stdout);
        fflush(stdout);
        _exit(0);
    }
    (void)waitpid(child, NULL, 0);
    emit_tail(stdout);
}

/* Returns whether it fails when it is run again. One that never does is the machine's doing: a timer, a late packet. */
static bool confirm(uint64_t seed, const char *backend)
{
    sequence program;
    candidate c = {.backend = backend};
    generate(&program, seed);
    int failed = 0;
    for (int i = 0; i < 20 && failed < 2; i++) {
        failed += fails_once(&program, backend);
    }
    if (failed < 2 || !fails(&program, &c)) {
        return false;
    }
    shrink(&program, fails, &c);
    printf("%s: %s\n", backend, c.failure);
    print_program(&program, &c);
    return true;
}

/* Runs sequences until the first failure or to the end, in this process. */
static void run_batch(uint64_t seed, uint64_t end)
{
    for (report->seed = seed; report->seed < end && report->failure[0] == '\0'; report->seed++) {
        const char *backend = NULL;
        sequence program;
        generate(&program, report->seed);
        for (size_t i = 0; (backend = mio_poll_backend_name(i)) != NULL && report->failure[0] == '\0'; i++) {
            (void)snprintf(report->backend, sizeof report->backend, "%s", backend);
            alarm(PATIENCE);
            run_program(&program, backend, report->failure, NULL);
        }
        if (report->failure[0] != '\0') {
            return;
        }
    }
}

/* How many sequences a short run has: a tool that makes all slow makes them fewer. */
static uint64_t usual_count(void)
{
    return getenv("MIO_VALGRIND") != NULL ? SEQUENCES / 20 : SEQUENCES;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    uint64_t end = seed + (argc > 2 ? strtoull(argv[2], NULL, 0) : usual_count());
    int64_t deadline = argc > 3 ? mio_clock_now() + strtoll(argv[3], NULL, 0) * 1000000000 : INT64_MAX;
    uint64_t first = seed;
    int unconfirmed = 0;
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED) {
        return 99;
    }
    printf("differential: seed %llu\n", (unsigned long long)seed);
    while (seed < end && mio_clock_now() < deadline) {
        report->failure[0] = '\0';
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            run_batch(seed, end - seed < BATCH ? end : seed + BATCH);
            _exit(0);
        }
        if (ended_well(child)) {
            seed = report->seed;
            continue;
        }
        shared found = *report;
        if (confirm(found.seed, found.backend)) {
            printf("differential: FAILED, seed %llu, after %llu sequences\n", (unsigned long long)found.seed,
                   (unsigned long long)(found.seed - first));
            return 1;
        }
        printf("not seen again: seed %llu, %s: %s\n", (unsigned long long)found.seed, found.backend, found.failure);
        unconfirmed++;
        seed = found.seed + 1;
    }
    printf("differential: %llu sequences, %d failures that were not seen again\n", (unsigned long long)(seed - first),
           unconfirmed);
    return 0;
}
