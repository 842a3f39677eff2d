/* SPDX-License-Identifier: MIT */
/*
 * Tests sets of signals with several threads and processes. The tests check which set receives a signal, and what state
 * a child inherits. They also call the functions from several threads at the same time.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIGNALS = 51 };

/*
 * Returns the real process ID, from the kernel. The function getpid in this file replaces libc's getpid. If
 * `same_number` is true, the replacement returns the same number in parent and child, as in nested PID namespaces.
 */
static pid_t process_number(void)
{
    return (pid_t)syscall(SYS_getpid);
}

static bool same_number;

pid_t getpid(void)
{
    return same_number ? 1 : process_number();
}

static const uint32_t ways[] = {0, MIO_SIGNALS_SELF_PIPE};
#define FOR_EACH_WAY(flags) for (uint32_t w_ = 0, flags = ways[0]; w_ < 2; w_++, flags = ways[w_ % 2])

static mio_signals open_set(uint32_t flags, int number)
{
    mio_signals signals;
    call_ok(mio_signals_open(&signals, &number, 1, flags));
    return signals;
}

static mio_signal_info recv_one(mio_signals *signals)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    wait_handle(mio_signals_handle(signals), POLLIN);
    call_counts(mio_signals_recv(signals, &info), 1);
    return info;
}

static void expect_none(mio_signals *signals)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    call_fails(mio_signals_recv(signals, &info), EAGAIN);
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

static atomic_int not_received;

static void count_lost(int number)
{
    (void)number;
    atomic_fetch_add(&not_received, 1);
}

static void *idle(void *context)
{
    barrier_wait(context); /* all threads have started */
    barrier_wait(context); /* all threads may end */
    return NULL;
}

/*
 * The program blocks the signals, then starts threads, and then opens the set, as the manual page requires. Then the
 * set receives every signal that is sent to the process.
 */
START_TEST(blocked_before_threads_start_every_signal_comes_to_the_set)
{
    FOR_EACH_WAY(flags)
    {
        enum { THREADS = 4 };
        const int numbers[] = {SIGUSR1};
        mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
        mio_signal_mask saved;
        pthread_t threads[THREADS];
        barrier b;
        ck_assert(signal(SIGUSR1, count_lost) != SIG_ERR);
        atomic_store(&not_received, 0);
        call_ok(mio_signal_mask_block(&saved, numbers, 1));
        barrier_init(&b, THREADS + 1);
        for (int i = 0; i < THREADS; i++) {
            threads[i] = start_thread(idle, &b);
        }
        barrier_wait(&b);
        mio_signals signals = open_set(flags, SIGUSR1);
        call_ok(mio_registry_register(mio_poll_registry(poll), &signals.source, SIGNALS, MIO_READABLE));
        for (int i = 0; i < 50; i++) {
            ck_assert_int_eq(kill(process_number(), SIGUSR1), 0);
            expect_events(poll, {SIGNALS, MIO_READABLE});
            ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
            expect_none(&signals);
        }
        mio_signals_close(&signals);
        barrier_wait(&b);
        for (int i = 0; i < THREADS; i++) {
            join_thread(threads[i]);
        }
        ck_assert_int_eq(atomic_load(&not_received), 0);
        call_ok(mio_signal_mask_restore(&saved));
        ck_assert(signal(SIGUSR1, SIG_DFL) != SIG_ERR);
        barrier_destroy(&b);
        mio_poll_free(poll);
    }
}
END_TEST

typedef struct sleeper {
    int fd;
    int tid;
    ssize_t result;
    barrier started;
} sleeper;

#ifndef __SANITIZE_THREAD__
static void *read_in_thread(void *context)
{
    const int numbers[] = {SIGUSR1};
    sleeper *s = context;
    char byte;
    mio_signal_mask_unblock(NULL, numbers, 1);
    s->tid = thread_id();
    barrier_wait(&s->started);
    s->result = read(s->fd, &byte, 1);
    return NULL;
}

START_TEST(a_system_call_that_the_handler_interrupts_is_restarted)
{
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1);
    sleeper s;
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    s.fd = fds[0];
    barrier_init(&s.started, 2);
    pthread_t thread = start_thread(read_in_thread, &s);
    barrier_wait(&s.started);
    for (int i = 0; i < 20; i++) {
        wait_until_asleep(s.tid);
        ck_assert_int_eq(pthread_kill(thread, SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
    }
    write_byte(fds[1]);
    join_thread(thread);
    ck_assert_int_eq(s.result, 1);
    barrier_destroy(&s.started);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_signals_close(&signals);
}
END_TEST
#endif

static atomic_bool stop;

static void *keep_signalling(void *context)
{
    while (!atomic_load(&stop)) {
        kill(process_number(), *(const int *)context);
        usleep(20); /* lets the other thread run, even when a sanitizer makes the handlers slow */
    }
    return NULL;
}

static void *keep_raising(void *context)
{
    while (!atomic_load(&stop)) {
        raise(*(const int *)context);
        usleep(20);
    }
    return NULL;
}

/*
 * One thread closes a set while the set's handler still runs in another thread. The set's handler writes to a pipe.
 * After the set is closed, another descriptor can have the number of the pipe's writing end. The handler must not write
 * to that other descriptor. A handler that runs late restores the earlier action of the signal. If the test has already
 * opened the next set, the late handler must not remove the handler of the next set.
 */
START_TEST(a_closed_set_is_written_to_no_more)
{
    int number = SIGUSR1;
    ck_assert(signal(SIGUSR1, count_lost) != SIG_ERR);
    atomic_store(&stop, false);
    pthread_t threads[] = {start_thread(keep_signalling, &number), start_thread(keep_raising, &number),
                           start_thread(keep_raising, &number)};
    for (int i = 0; i < rounds(500); i++) {
        char byte;
        int fds[2];
        mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1);
        recv_one(&signals);
        mio_signals_close(&signals);
        make_pipe(fds);
        sched_yield();
        ck_assert(read(fds[0], &byte, 1) == -1 && errno == EAGAIN);
        close_fd(fds[0]);
        close_fd(fds[1]);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        join_thread(threads[i]);
    }
    ck_assert(forget_signal(SIGUSR1) == count_lost);
}
END_TEST

typedef struct churn {
    uint32_t flags;
    int numbers[2];
    bool right;
} churn;

/* The body of a thread. In each round, the thread opens a set of signals, sends itself a signal of the set, receives
 * the signal, and closes the set. */
static void *open_and_close(void *context)
{
    churn *c = context;
    c->right = true;
    for (int i = 0; i < rounds(2000); i++) {
        mio_signal_info info = MIO_SIGNAL_INFO_INIT;
        mio_signals signals;
        c->right = c->right && mio_signals_open(&signals, c->numbers, 2, c->flags) == 0;
        c->right = c->right && pthread_kill(pthread_self(), c->numbers[1]) == 0;
        c->right = c->right && mio_signals_recv(&signals, &info) == 1 && info.number == c->numbers[1];
        mio_signals_close(&signals);
    }
    return NULL;
}

START_TEST(threads_may_open_and_close_sets_at_once)
{
    /* Two threads use signalfd, and open sets with SIGHUP. Two threads use the handler, and open sets with SIGUSR2. */
    churn c[] = {{0, {SIGHUP, SIGRTMIN}, false},
                 {0, {SIGHUP, SIGRTMIN + 1}, false},
                 {MIO_SIGNALS_SELF_PIPE, {SIGUSR2, SIGRTMIN + 2}, false},
                 {MIO_SIGNALS_SELF_PIPE, {SIGUSR2, SIGRTMIN + 3}, false}};
    enum { THREADS = (int)(sizeof c / sizeof c[0]) };
    pthread_t threads[THREADS];
    int descriptors = count_descriptors();
    for (int i = 0; i < THREADS; i++) {
        threads[i] = start_thread(open_and_close, &c[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        join_thread(threads[i]);
        ck_assert(c[i].right);
    }
    ck_assert_int_eq(count_descriptors(), descriptors);
    for (int i = 0; i < THREADS; i++) {
        struct sigaction action;
        ck_assert_int_eq(sigaction(c[i].numbers[1], NULL, &action), 0);
        ck_assert(action.sa_handler == SIG_DFL);
        ck_assert_int_eq(sigaction(c[i].numbers[0], NULL, &action), 0);
        ck_assert(action.sa_handler == SIG_DFL);
    }
}
END_TEST

/* ---- children ---------------------------------------------------------------------------------------------------- */

/*
 * Runs a shell that sends itself SIGTERM. If `restore` is not null, the child sets this signal mask before it runs the
 * shell. Returns the exit status of the shell.
 */
static int run_shell(const mio_signal_mask *restore)
{
    int status = 0;
    pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        if (restore != NULL) {
            mio_signal_mask_restore(restore);
        }
        execl("/bin/sh", "sh", "-c", "kill -TERM $$; exit 5", (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

/* Returns a mask that blocks no signal. */
static mio_signal_mask empty_mask(void)
{
    mio_signal_mask mask;
    mio_signal_mask before;
    call_ok(mio_signal_mask_unblock_all(&before));
    call_ok(mio_signal_mask_unblock_all(&mask));
    call_ok(mio_signal_mask_restore(&before));
    return mask;
}

START_TEST(a_program_that_is_started_inherits_the_mask_unless_it_is_restored)
{
    const mio_signal_mask empty = empty_mask();
    mio_signals signals = open_set(0, SIGTERM);
    int status = run_shell(NULL);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    status = run_shell(&empty);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    mio_signals_close(&signals);
    status = run_shell(NULL);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    /* exec removes the handlers, so the shell has none of them */
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGTERM);
    status = run_shell(NULL);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    mio_signals_close(&signals);
}
END_TEST

/*
 * A forked child inherits a set of its parent, but receives no signals from this set. A signal to the child runs the
 * handler that was installed before the parent opened the set.
 */
static int signal_in_child(void *context)
{
    (void)context;
    atomic_store(&not_received, 0);
    require(raise(SIGUSR1) == 0);
    require(atomic_load(&not_received) == 1);
    require(raise(SIGUSR1) == 0);
    require(atomic_load(&not_received) == 2);
    return 0;
}

/* A child closes the inherited set and opens a set of its own. The set in the parent must still work. */
static int own_set_in_child(void *context)
{
    mio_signals *inherited = context;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_signals own;
    const int numbers[] = {SIGUSR1};
    mio_signals_close(inherited);
    atomic_store(&not_received, 0);
    require(raise(SIGUSR1) == 0);
    require(atomic_load(&not_received) == 1);
    for (uint32_t way = 0; way < 2; way++) {
        require(mio_signals_open(&own, numbers, 1, ways[way]) == 0);
        require(raise(SIGUSR1) == 0);
        require(mio_signals_recv(&own, &info) == 1 && info.pid == process_number());
        require(mio_signals_recv(&own, &info) == -EAGAIN);
        mio_signals_close(&own);
    }
    return 0;
}

/* The child opens a set of its own while the inherited set is open. */
static int two_sets_in_child(void *context)
{
    mio_signals *inherited = context;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_signals own;
    const int numbers[] = {SIGUSR1};
    require(mio_signals_open(&own, numbers, 1, MIO_SIGNALS_SELF_PIPE) == 0);
    require(raise(SIGUSR1) == 0);
    require(mio_signals_recv(&own, &info) == 1 && info.pid == process_number());
    mio_signals_close(inherited);
    require(raise(SIGUSR1) == 0);
    require(mio_signals_recv(&own, &info) == 1 && info.pid == process_number());
    mio_signals_close(&own);
    atomic_store(&not_received, 0);
    require(raise(SIGUSR1) == 0);
    require(atomic_load(&not_received) == 1);
    return 0;
}

/*
 * The child blocks the signals and then opens a set of its own. So this set receives every signal, and no signal runs
 * the handler that was installed before the parent opened the inherited set.
 */
static int second_set_in_child(void *context)
{
    mio_signals *inherited = context;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_signals own;
    const int numbers[] = {SIGUSR1};
    atomic_store(&not_received, 0);
    require(raise(SIGUSR1) == 0);
    require(mio_signals_open(&own, numbers, 1, 0) == 0);
    mio_signals_close(inherited);
    require(mio_signals_recv(&own, &info) == 1 && info.pid == process_number());
    require(atomic_load(&not_received) == 0);
    mio_signals_close(&own);
    return 0;
}

static void expect_undisturbed_parent(void)
{
    FOR_EACH_WAY(flags)
    {
        ck_assert(signal(SIGUSR1, count_lost) != SIG_ERR);
        mio_signals signals = open_set(flags, SIGUSR1);
        if (flags != 0) {
            run_apart(signal_in_child, NULL);
            run_apart(two_sets_in_child, &signals);
        } else {
            run_apart(second_set_in_child, &signals);
        }
        run_apart(own_set_in_child, &signals);
        expect_none(&signals);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&signals).pid, process_number());
        expect_none(&signals);
        mio_signals_close(&signals);
        ck_assert(forget_signal(SIGUSR1) == count_lost);
    }
}

START_TEST(a_child_that_forked_does_not_disturb_its_parent)
{
    expect_undisturbed_parent();
}
END_TEST

START_TEST(a_child_with_the_number_of_its_parent_does_not_disturb_it)
{
    same_number = true;
    expect_undisturbed_parent();
    same_number = false;
}
END_TEST

START_TEST(a_child_does_not_disturb_its_parent_where_the_kernel_does_not_tell)
{
    ck_assert(under_valgrind() || refuse_system_call(SYS_madvise, EPERM));
    same_number = true;
    expect_undisturbed_parent();
    same_number = false;
}
END_TEST

#ifndef __SANITIZE_THREAD__ /* this sanitizer replaces vfork(2) with fork(2), and delays the child's signal */
/*
 * Until a child of vfork(2) calls exec, it shares the parent's memory. The library can detect such a child only by its
 * process ID.
 */
START_TEST(a_child_that_shares_the_memory_does_not_disturb_its_parent)
{
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1);
    int status = 0;
    pid_t child = vfork();
    if (child == 0) {
        syscall(SYS_kill, process_number(), SIGUSR1);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
    expect_none(&signals);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
    mio_signals_close(&signals);
}
END_TEST
#endif

/*
 * The process forks while other threads open sets, close sets and receive signals. The child must not wait for a lock
 * that one of these threads holds.
 */
static int open_in_child(void *context)
{
    const int numbers[] = {SIGUSR1, SIGHUP};
    (void)context;
    alarm(20);
    for (int i = 0; i < 10; i++) {
        mio_signals own;
        require(mio_signals_open(&own, numbers, 2, MIO_SIGNALS_SELF_PIPE) == 0);
        mio_signals_close(&own);
    }
    return 0;
}

static void expect_children_do_not_wait(void)
{
    int number = SIGUSR1;
    churn c = {MIO_SIGNALS_SELF_PIPE, {SIGHUP, SIGRTMIN}, false};
    ck_assert(signal(SIGUSR1, count_lost) != SIG_ERR);
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1);
    atomic_store(&stop, false);
    pthread_t signaller = start_thread(keep_signalling, &number);
    pthread_t churner = start_thread(open_and_close, &c);
    for (int i = 0; i < rounds(200); i++) {
        run_apart(open_in_child, NULL);
    }
    join_thread(churner);
    atomic_store(&stop, true);
    join_thread(signaller);
    mio_signals_close(&signals);
    ck_assert(forget_signal(SIGUSR1) == count_lost);
}

START_TEST(a_child_does_not_wait_for_threads_that_it_has_not)
{
    expect_children_do_not_wait();
}
END_TEST

START_TEST(a_child_with_the_number_of_its_parent_does_not_wait_either)
{
    same_number = true;
    expect_children_do_not_wait();
    same_number = false;
}
END_TEST

/* ---- a system that refuses signalfd ------------------------------------------------------------------------------ */

static int open_without_signalfd(void *context)
{
    const int numbers[] = {SIGUSR1};
    const int code = *(const int *)context;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_signals signals;
    require(refuse_system_call(SYS_signalfd4, code));
    if (code == EMFILE) { /* after EMFILE, the library does not fall back to a signal handler */
        require(mio_signals_open(&signals, numbers, 1, 0) == -EMFILE);
        return 0;
    }
    require(mio_signals_open(&signals, numbers, 1, 0) == 0);
    require(raise(SIGUSR1) == 0);
    require(mio_signals_recv(&signals, &info) == 1 && info.number == SIGUSR1);
    mio_signals_close(&signals);
    return 0;
}

START_TEST(where_the_system_refuses_signalfd_a_handler_serves)
{
    int codes[] = {ENOSYS, EPERM, EMFILE};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && !under_valgrind(); i++) {
        run_apart(open_without_signalfd, &codes[i]);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("signals_process");
    TCase *threads = add_tcase(suite, "threads");
    tcase_add_backend_test(threads, blocked_before_threads_start_every_signal_comes_to_the_set);
#ifndef __SANITIZE_THREAD__ /* this sanitizer can delay a signal that arrives just before a thread blocks it */
    tcase_add_test(threads, a_system_call_that_the_handler_interrupts_is_restarted);
#endif
    tcase_add_test(threads, a_closed_set_is_written_to_no_more);
    tcase_add_test(threads, threads_may_open_and_close_sets_at_once);
    TCase *children = add_tcase(suite, "children");
    tcase_add_test(children, a_program_that_is_started_inherits_the_mask_unless_it_is_restored);
    tcase_add_test(children, a_child_that_forked_does_not_disturb_its_parent);
    tcase_add_test(children, a_child_with_the_number_of_its_parent_does_not_disturb_it);
    tcase_add_test(children, a_child_does_not_disturb_its_parent_where_the_kernel_does_not_tell);
#ifndef __SANITIZE_THREAD__
    tcase_add_test(children, a_child_that_shares_the_memory_does_not_disturb_its_parent);
#endif
    tcase_add_test(children, a_child_does_not_wait_for_threads_that_it_has_not);
    tcase_add_test(children, a_child_with_the_number_of_its_parent_does_not_wait_either);
    TCase *system = add_tcase(suite, "system");
    tcase_add_test(system, where_the_system_refuses_signalfd_a_handler_serves);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
