/* SPDX-License-Identifier: MIT */
/*
 * Runs random programs on every backend, and compares the results with the promises of the manual.
 *
 *     differential [SEED [SEQUENCES [SECONDS]]]
 *
 * Sequence n of a run has the seed SEED + n. If a program fails, the test runs it again, shortens it, and prints it as
 * C.
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

/* Receives the result of a child, even if the child crashes. */
typedef struct shared {
    uint64_t seed;
    char backend[32];
    verdict result;
} shared;

static shared *report;

/* A candidate for shrinking. */
typedef struct candidate {
    const char *backend;
    char failure[FAILURE_SIZE];
} candidate;

/*
 * Whether the signal means a crash or a hang. A busy machine cannot cause a crash or a hang, so such a failure is
 * certain. Other signals come from outside the test.
 */
static bool is_own_doing(int number)
{
    return number == SIGALRM || number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE ||
           number == SIGABRT || number == SIGPIPE;
}

/* Returns whether the child ended well. Records a crash or a hang as the failure. */
static bool ended_well(pid_t child)
{
    verdict *result = &report->result;
    int status = 0;
    if (child == -1 || waitpid(child, &status, 0) != child) {
        return false;
    }
    if (WIFSIGNALED(status)) {
        (void)snprintf(result->failure, sizeof result->failure, "ended by signal %d (%s)", WTERMSIG(status),
                       WTERMSIG(status) == SIGALRM ? "it hangs" : "it crashes");
        result->certain = is_own_doing(WTERMSIG(status));
    } else if (WEXITSTATUS(status) != 0 && result->failure[0] == '\0') {
        (void)snprintf(result->failure, sizeof result->failure, "ended with %d", WEXITSTATUS(status));
        result->certain = true; /* a sanitizer has ended the child */
    }
    return result->failure[0] == '\0';
}

static bool fails_once(const sequence *program, const char *backend)
{
    report->result.failure[0] = '\0';
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE / 2);
        run_program(program, backend, &report->result, NULL);
        _exit(0);
    }
    return !ended_well(child);
}

/* Threads and the network make some programs fail only sometimes, so one failure in a few runs is enough. */
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

static void print_program(const sequence *program, const candidate *c)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        verdict result;
        alarm(PATIENCE / 2);
        setvbuf(stdout, NULL, _IOLBF, 0); /* the program may crash before its end */
        emit_head(stdout, c->backend, c->failure);
        run_program(program, c->backend, &result, stdout);
        fflush(stdout);
        _exit(0);
    }
    (void)waitpid(child, NULL, 0);
    emit_tail(stdout);
}

/*
 * Returns whether the failure counts. A failure counts if it recurs or is certain. Other failures may come from the
 * machine: a late packet, or a thread that could not run.
 */
static bool confirm(const shared *found)
{
    sequence program;
    candidate c = {.backend = found->backend};
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
    print_program(&program, &c);
    return true;
}

/* Runs sequences until the first failure or to the end, in this process. */
static void run_batch(uint64_t seed, uint64_t end)
{
    const char *failure = report->result.failure;
    for (report->seed = seed; report->seed < end; report->seed++) {
        const char *backend = NULL;
        sequence program;
        generate(&program, report->seed);
        for (size_t i = 0; (backend = mio_poll_backend_name(i)) != NULL && failure[0] == '\0'; i++) {
            (void)snprintf(report->backend, sizeof report->backend, "%s", backend);
            alarm(PATIENCE);
            run_patiently(&program, backend, &report->result);
        }
        if (failure[0] != '\0') {
            return;
        }
    }
}

/* The number of sequences of a short run. A tool that slows the test down reduces the number. */
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
        report->result.failure[0] = '\0';
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
    printf("differential: %llu sequences, %d failures that were not seen again\n", (unsigned long long)(seed - first),
           unconfirmed);
    return 0;
}
