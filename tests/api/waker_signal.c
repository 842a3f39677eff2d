/* SPDX-License-Identifier: MIT */
/* Tests wakers in a signal handler, and under a filter that kills the process at any system call. */
#include "../helpers/harness.h"
#include "../helpers/sockets.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static mio_waker *handler_waker;
static volatile sig_atomic_t handler_kept_errno;
static volatile sig_atomic_t handler_runs;

static void wake_in_handler(int number)
{
    int interrupted = errno;
    (void)number;
    errno = 4711;
    int rc = mio_waker_wake(handler_waker);
    handler_kept_errno = rc == 0 && errno == 4711;
    handler_runs++;
    errno = interrupted;
}

START_TEST(wake_from_a_signal_handler_keeps_errno)
{
    mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = wake_in_handler;
    ck_assert_int_eq(sigaction(SIGUSR2, &action, NULL), 0);
    handler_runs = 0;
    handler_waker = make_waker(poll, 12);
    for (int i = 1; i <= 100; i++) {
        ck_assert_int_eq(raise(SIGUSR2), 0);
        ck_assert_int_eq(handler_runs, i);
        ck_assert_int_eq(handler_kept_errno, 1);
        expect_one_wake(poll, 12);
    }
    mio_waker_free(handler_waker);
    mio_poll_free(poll);
}
END_TEST

/* A thread that gets a signal as soon as it sleeps in its wait. */
typedef struct victim {
    pthread_t thread;
    int tid;
} victim;

static void *signal_the_sleeper(void *context)
{
    const victim *v = context;
    wait_until_asleep(v->tid);
    ck_assert_int_eq(pthread_kill(v->thread, SIGUSR2), 0);
    return NULL;
}

START_TEST(wake_from_a_signal_handler_ends_the_wait_it_interrupts)
{
    mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
    struct sigaction action;
    victim self = {.thread = pthread_self(), .tid = thread_id()};
    memset(&action, 0, sizeof action);
    action.sa_handler = wake_in_handler;
    ck_assert_int_eq(sigaction(SIGUSR2, &action, NULL), 0);
    handler_waker = make_waker(poll, 13);
    for (int i = 0; i < 20; i++) {
        pthread_t thread = start_thread(signal_the_sleeper, &self);
        expect_one_wake(poll, 13);
        join_thread(thread);
    }
    mio_waker_free(handler_waker);
    mio_poll_free(poll);
}
END_TEST

/* Installs a filter. From then on, every system call except exit_group(2) kills the process. */
static void forbid_system_calls(void)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof program[0], .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) {
        _exit(77);
    }
}

/*
 * Forks a child that installs the filter and then calls mio_waker_wake. If `first` is false, the child also calls
 * mio_waker_wake once before it installs the filter. Returns the child's exit status, or -1 if the filter has killed
 * the child. The child makes its own poll object, because a call with the parent's poll object would return -ECHILD.
 */
static int wake_without_system_calls(int variant, bool first)
{
    int status = 0;
    enter_variant(variant);
    pid_t child = fork();
    if (child == 0) {
        long code = 0;
        mio_waker *waker = make_waker(open_poll(variant), 1);
        code |= first ? 0 : mio_waker_wake(waker);
        forbid_system_calls();
        for (int i = 0; i < 1000; i++) {
            code |= mio_waker_wake(waker);
        }
        syscall(SYS_exit_group, code == 0 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(coalesced_wakes_make_no_system_call)
{
    if (under_valgrind()) {
        skip("valgrind makes system calls of its own");
    } else {
        ck_assert_int_eq(wake_without_system_calls(_i, false), 0);
        /* This time, the filter is already installed when the child makes its first wake. A first wake makes a system
         * call, so the filter must kill the child. */
        ck_assert_int_eq(wake_without_system_calls(_i, true), -1);
    }
}
END_TEST

typedef struct refused {
    mio_waker *waker;
    int code;
    int results[2];
} refused;

static void *wake_with_writes_refused(void *context)
{
    refused *r = context;
    ck_assert(refuse_system_call(SYS_write, r->code)); /* only for this thread */
    r->results[0] = mio_waker_wake(r->waker);
    r->results[1] = mio_waker_wake(r->waker);
    return NULL;
}

/*
 * In one thread write(2) fails, so each wake by this thread fails. The library must not treat a failed wake as a
 * pending wake. Otherwise the wakes of other threads would skip write(2), and no wake would end the wait.
 */
START_TEST(a_wake_that_fails_says_so_and_takes_no_other_with_it)
{
    static const int codes[][2] = {{ENOMEM, ENOMEM}, {EPERM, EPERM}, {EACCES, EPERM}, {ENOSYS, EPERM},
                                   {EINVAL, EBADF},  {EIO, EBADF},   {EPIPE, EBADF}};
    if (under_valgrind()) {
        skip("valgrind hands its threads their turns by write(2)");
        return;
    }
    mio_poll *poll = open_poll(_i);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        refused r = {.waker = make_waker(poll, 1), .code = codes[i][0]};
        for (int round = 0; round < 3; round++) {
            join_thread(start_thread(wake_with_writes_refused, &r));
            ck_assert_errno(r.results[0], -codes[i][1]);
            ck_assert_errno(r.results[1], -codes[i][1]);
            ck_assert_ok(mio_waker_wake(r.waker));
            /* A wake is already pending, so the next thread's first wake writes nothing and succeeds. */
            join_thread(start_thread(wake_with_writes_refused, &r));
            ck_assert_ok(r.results[0]);
            expect_one_wake(poll, 1);
        }
        mio_waker_free(r.waker);
    }
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("waker_signal");
    TCase *handlers = add_tcase(suite, "signal handlers");
    tcase_add_backend_test(handlers, wake_from_a_signal_handler_keeps_errno);
    tcase_add_backend_test(handlers, wake_from_a_signal_handler_ends_the_wait_it_interrupts);
    TCase *calls = add_tcase(suite, "system calls");
    tcase_add_backend_test(calls, coalesced_wakes_make_no_system_call);
    tcase_add_backend_test(calls, a_wake_that_fails_says_so_and_takes_no_other_with_it);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
