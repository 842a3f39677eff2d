/* SPDX-License-Identifier: MIT */
/* Helpers that change the process, or make another process. On Windows, tests/windows/process.c replaces this file. */
#include "sockets.h"
#include "system.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef MIO_COVERAGE
#include <gcov.h>
#endif

/* ---- the process of the tests ----------------------------------------------------------------------------------- */

/*
 * Stops ignoring and blocking signals. A process inherits ignored and blocked signals from its parent, for example from
 * nohup(1). The tests need a process without ignored or blocked signals.
 */
static void forget_inherited_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
            signal(number, SIG_DFL);
        }
    }
}

void prepare_process(void)
{
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    forget_inherited_signals();
}

int run_in_child(int (*run)(Suite *(*make_suite)(void), int variant), Suite *(*make_suite)(void), int variant)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        exit(run(make_suite, variant));
    }
    if (child == -1 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        fprintf(stderr, "the tests with %s did not come to an end\n", variant_name(variant));
        return EXIT_FAILURE;
    }
    return WEXITSTATUS(status);
}

void *bad_memory(void)
{
    static void *page;
    if (page == NULL) {
        page = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ck_assert_ptr_ne(page, MAP_FAILED);
    }
    return page;
}

/* ---- limits and signals ----------------------------------------------------------------------------------------- */

static struct rlimit usual_limit;

void refuse_descriptors_from(int lowest)
{
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual_limit), 0);
    const struct rlimit limit = {.rlim_cur = (rlim_t)lowest, .rlim_max = usual_limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

void refuse_descriptors(void)
{
    refuse_descriptors_from(lowest_free_descriptor());
}

void allow_descriptors(void)
{
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual_limit), 0);
}

void make_sigpipe_deadly(void)
{
    sigset_t set;
    ck_assert_int_eq(sigemptyset(&set), 0);
    ck_assert_int_eq(sigaddset(&set, SIGPIPE), 0);
    ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    ck_assert_int_eq(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
}

void (*forget_signal(int number))(int)
{
    sigset_t set;
    sigset_t before;
    sigset_t pending;
    int taken = 0;
    ck_assert_int_eq(sigemptyset(&set), 0);
    ck_assert_int_eq(sigaddset(&set, number), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, &before), 0);
    while (sigpending(&pending) == 0 && sigismember(&pending, number) == 1) {
        ck_assert_int_eq(sigwait(&set, &taken), 0);
    }
    /* With MemorySanitizer, signal(2) would return a handler of the sanitizer. */
    struct sigaction was;
    ck_assert_int_eq(sigaction(number, &(struct sigaction){.sa_handler = SIG_DFL}, &was), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    return was.sa_handler;
}

/* ---- a separate process ----------------------------------------------------------------------------------------- */

void end_child(int status)
{
#ifdef MIO_COVERAGE
    /*
     * exit(3) writes the coverage counts of the process, but _exit(2) does not. All processes write their counts to the
     * same files. If RLIMIT_FSIZE limits the size of files, the process could damage one of these files. So such a
     * process writes no counts.
     */
    struct rlimit size;
    if (getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur == RLIM_INFINITY) {
        __gcov_dump();
    }
#endif
    _exit(status);
}

int run_apart_at(const char *file, int line, int (*body)(void *context), void *context)
{
    /* The child passes the line number in shared memory, because the number can exceed the range of an exit status. */
    int *failed = mmap(NULL, sizeof *failed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    ck_assert_ptr_ne(failed, MAP_FAILED);
    fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child == 0) {
        *failed = body(context);
        end_child(EXIT_SUCCESS);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS) {
        ck_abort_msg("%s:%d: the child ended with status 0x%x", file, line, (unsigned)status);
    }
    int result = *failed;
    ck_assert_int_eq(munmap(failed, sizeof *failed), 0);
    if (result != 0 && result != SKIPPED) {
        ck_abort_msg("%s:%d: line %d of this file failed in the child", file, line, result);
    }
    return result;
}

bool drop_privileges(void)
{
    enum { NOBODY = 65534 };
    return geteuid() != 0 || (setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}
