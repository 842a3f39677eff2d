/* SPDX-License-Identifier: MIT */
/*
 * Tests mio_signals, a source that receives a set of signals. The tests check which events arrive, what
 * mio_signals_recv returns, and which arguments mio refuses. mio can catch signals with signalfd or with a signal
 * handler, and the tests check both ways.
 */
#include "../helpers/sockets.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS = 41, OTHERS = 42 };

/*
 * The two mechanisms. 0 selects signalfd, and MIO_SIGNALS_SELF_PIPE selects a signal handler. Each test runs with both.
 */
static const uint32_t ways[] = {0, MIO_SIGNALS_SELF_PIPE};
#define FOR_EACH_WAY(flags) for (uint32_t w_ = 0, flags = ways[0]; w_ < 2; w_++, flags = ways[w_ % 2])

static mio_signals open_set(uint32_t flags, int first, int second)
{
    const int numbers[] = {first, second};
    mio_signals signals;
    scribble(&signals, sizeof signals);
    call_ok(mio_signals_open(&signals, numbers, second != 0 ? 2 : 1, flags));
    return signals;
}

/* Waits until a signal can be received, and receives it. */
static mio_signal_info recv_one(mio_signals *signals)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    wait_handle(mio_signals_handle(signals), POLLIN);
    call_counts(mio_signals_recv(signals, &info), 1);
    ck_assert_uint_eq(info.size, sizeof info);
    return info;
}

static void expect_none(mio_signals *signals)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    call_fails_keeping(&info, mio_signals_recv(signals, &info), EAGAIN);
}

START_TEST(a_signal_makes_the_set_readable_and_is_received_with_its_sender)
{
    FOR_EACH_WAY(flags)
    {
        mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
        int before = count_descriptors();
        mio_signals signals = open_set(flags, SIGUSR1, SIGTERM);
        call_ok(mio_registry_register(mio_poll_registry(poll), &signals.source, SIGNALS, MIO_READABLE));
        expect_no_events(poll);
        for (int round = 0; round < 3; round++) {
            int number = round == 1 ? SIGUSR1 : SIGTERM;
            ck_assert_int_eq(kill(getpid(), number), 0);
            expect_events(poll, {SIGNALS, MIO_READABLE});
            mio_signal_info info = recv_one(&signals);
            ck_assert_int_eq(info.number, number);
            ck_assert_int_eq(info.code, SI_USER);
            ck_assert_int_eq(info.pid, getpid());
            ck_assert_uint_eq(info.uid, getuid());
            ck_assert(info.status == 0 && info.value == 0 && info.overrun == 0 && info.pointer == 0);
            expect_none(&signals);
            expect_no_events(poll);
        }
        kept_void(mio_signals_close(&signals));
        ck_assert(is_zero(&signals, sizeof signals));
        ck_assert_int_eq(count_descriptors(), before);
        mio_poll_free(poll);
    }
}
END_TEST

START_TEST(the_descriptors_are_non_blocking_and_close_on_exec)
{
    FOR_EACH_WAY(flags)
    {
        enum { MOST = 256 };
        bool was_open[MOST];
        int opened = 0;
        for (int fd = 0; fd < MOST; fd++) {
            was_open[fd] = is_open(fd);
        }
        mio_signals signals = open_set(flags, SIGUSR1, 0);
        for (int fd = 0; fd < MOST; fd++) {
            if (is_open(fd) && !was_open[fd]) {
                ck_assert(is_nonblocking(fd) && is_cloexec(fd));
                opened++;
            }
        }
        ck_assert_int_eq(opened, flags == 0 ? 1 : 2);
        mio_signals_close(&signals);
    }
}
END_TEST

START_TEST(a_set_may_be_descriptor_0)
{
    FOR_EACH_WAY(flags)
    {
        int saved = dup(STDIN_FILENO); /* dup returns -1 if descriptor 0 is already closed */
        close(STDIN_FILENO);
        mio_signals signals = open_set(flags, SIGUSR1, 0);
        call_counts(mio_signals_handle(&signals), 0);
        ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
        mio_signals_close(&signals);
        ck_assert(!is_open(0));
        if (saved != -1) {
            ck_assert_int_eq(dup2(saved, STDIN_FILENO), STDIN_FILENO);
            close_fd(saved);
        }
    }
}
END_TEST

#ifdef SIGRTMIN /* macOS has neither real-time signals nor sigqueue(3) */
START_TEST(the_value_of_sigqueue_is_received)
{
    FOR_EACH_WAY(flags)
    {
        mio_signals signals = open_set(flags, SIGUSR2, 0);
        const union sigval value = {.sival_ptr = &signals};
        int as_int;
        memcpy(&as_int, &value, sizeof as_int);
        ck_assert_int_eq(sigqueue(getpid(), SIGUSR2, value), 0);
        mio_signal_info info = recv_one(&signals);
        ck_assert_int_eq(info.code, SI_QUEUE);
        ck_assert_int_eq(info.pid, getpid());
        ck_assert_uint_eq(info.uid, getuid());
        ck_assert_uint_eq(info.pointer, (uintptr_t)&signals);
        ck_assert_int_eq(info.value, as_int);
        mio_signals_close(&signals);
    }
}
END_TEST

START_TEST(real_time_signals_are_queued_in_order)
{
    FOR_EACH_WAY(flags)
    {
        enum { COUNT = 100 };
        mio_signals signals = open_set(flags, SIGRTMIN + 1, SIGRTMIN + 2);
        for (int i = 0; i < COUNT; i++) {
            ck_assert_int_eq(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = i}), 0);
        }
        ck_assert_int_eq(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = COUNT}), 0);
        for (int i = 0; i <= COUNT; i++) {
            mio_signal_info info = recv_one(&signals);
            ck_assert_int_eq(info.number, SIGRTMIN + (i < COUNT ? 1 : 2));
            ck_assert_int_eq(info.value, i);
        }
        expect_none(&signals);
        mio_signals_close(&signals);
    }
}
END_TEST
#endif

/*
 * Starts a child that executes a shell, which runs `script`. Without a shell, Valgrind would clean up when the child
 * exits, and would move the offsets of files that the parent is writing.
 */
static pid_t start_child(const char *script)
{
    pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child == 0) {
        mio_signal_mask_unblock_all(NULL);
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    return child;
}

static mio_signal_info recv_sigchld(mio_signals *signals, pid_t child, int code)
{
    mio_signal_info info = recv_one(signals);
    ck_assert_int_eq(info.number, SIGCHLD);
    ck_assert_int_eq(info.pid, child);
    ck_assert_uint_eq(info.uid, getuid());
    ck_assert_int_eq(info.code, code);
    expect_none(signals);
    return info;
}

START_TEST(sigchld_tells_the_child_and_reaps_nothing)
{
    FOR_EACH_WAY(flags)
    {
        int status = 0;
        mio_signals signals = open_set(flags, SIGCHLD, 0);
        pid_t child = start_child("exit 7");
        ck_assert_int_eq(recv_sigchld(&signals, child, CLD_EXITED).status, 7);
        ck_assert_int_eq(waitpid(child, &status, WNOHANG), child);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);

        child = start_child("kill -STOP $$");
        ck_assert_int_eq(recv_sigchld(&signals, child, CLD_STOPPED).status, SIGSTOP);
        ck_assert_int_eq(waitpid(child, &status, WNOHANG | WUNTRACED), child);
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(recv_sigchld(&signals, child, CLD_KILLED).status, SIGKILL);
        ck_assert_int_eq(waitpid(child, &status, WNOHANG), child);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        mio_signals_close(&signals);
    }
}
END_TEST

#ifdef SIGRTMIN /* macOS lacks SIGRTMIN, and also lacks timer_create(2) */
START_TEST(a_timer_is_received_with_its_value)
{
    FOR_EACH_WAY(flags)
    {
        mio_signals signals = open_set(flags, SIGALRM, 0);
        timer_t timer;
        struct sigevent event;
        memset(&event, 0, sizeof event);
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGALRM;
        event.sigev_value.sival_int = 1234;
        ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
        const struct itimerspec soon = {.it_value = {.tv_nsec = 1000000}};
        ck_assert_int_eq(timer_settime(timer, 0, &soon, NULL), 0);
        mio_signal_info info = recv_one(&signals);
        ck_assert_int_eq(info.number, SIGALRM);
        ck_assert_int_eq(info.code, SI_TIMER);
        ck_assert_int_eq(info.value, 1234);
        ck_assert(info.overrun == 0 && info.pid == 0 && info.uid == 0);
        ck_assert_int_eq(timer_delete(timer), 0);
        mio_signals_close(&signals);
    }
}
END_TEST
#endif

START_TEST(a_signal_that_was_pending_before_is_received)
{
    FOR_EACH_WAY(flags)
    {
        const int numbers[] = {SIGUSR1};
        mio_signal_mask saved;
        call_ok(mio_signal_mask_block(&saved, numbers, 1));
        ck_assert_int_eq(raise(SIGUSR1), 0);
        mio_signals signals = open_set(flags, SIGUSR1, 0);
        ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
        mio_signals_close(&signals);
        call_ok(mio_signal_mask_restore(&saved));
    }
}
END_TEST

START_TEST(several_sets_receive_each_its_own)
{
    FOR_EACH_WAY(flags)
    {
        mio_poll *poll = open_poll_flags(_i, MIO_POLL_RESTART);
        mio_registry *registry = mio_poll_registry(poll);
        mio_signals left = open_set(flags, SIGUSR1, SIGHUP);
        mio_signals right = open_set(flags ^ MIO_SIGNALS_SELF_PIPE, SIGUSR2, SIGTERM);
        call_ok(mio_registry_register(registry, &left.source, SIGNALS, MIO_READABLE));
        call_ok(mio_registry_register(registry, &right.source, OTHERS, MIO_READABLE));
        ck_assert_int_eq(raise(SIGHUP), 0);
        expect_events(poll, {SIGNALS, MIO_READABLE});
        expect_none(&right);
        ck_assert_int_eq(recv_one(&left).number, SIGHUP);
        ck_assert_int_eq(raise(SIGTERM), 0);
        expect_events(poll, {OTHERS, MIO_READABLE});
        expect_none(&left);
        ck_assert_int_eq(recv_one(&right).number, SIGTERM);
        expect_no_events(poll);
        mio_signals_close(&left);
        mio_signals_close(&right);
        mio_poll_free(poll);
    }
}
END_TEST

START_TEST(ignored_signals_are_received)
{
    static const int numbers[] = {SIGCHLD, SIGURG, SIGWINCH, SIGUSR1};
    ck_assert(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
    FOR_EACH_WAY(flags)
    {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            mio_signals signals = open_set(flags, numbers[i], 0);
            ck_assert_int_eq(kill(getpid(), numbers[i]), 0);
            ck_assert_int_eq(recv_one(&signals).number, numbers[i]);
            expect_none(&signals);
            mio_signals_close(&signals);
        }
    }
    ck_assert(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
}
END_TEST

START_TEST(a_set_may_be_moved_in_memory)
{
    FOR_EACH_WAY(flags)
    {
        mio_signals first = open_set(flags, SIGUSR1, 0);
        mio_signals moved;
        memcpy(&moved, &first, sizeof moved);
        scribble(&first, sizeof first);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&moved).number, SIGUSR1);
        mio_signals_close(&moved);
    }
}
END_TEST

START_TEST(an_info_of_another_version_is_filled_as_far_as_it_goes)
{
    FOR_EACH_WAY(flags)
    {
        struct {
            mio_signal_info known;
            uint64_t later;
        } info = {MIO_SIGNAL_INFO_INIT, 99};
        mio_signals signals = open_set(flags, SIGUSR1, 0);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        info.known.size = sizeof info;
        call_fails_keeping(&info, mio_signals_recv(&signals, &info.known), E2BIG);
        info.later = 0;
        wait_handle(mio_signals_handle(&signals), POLLIN);
        call_counts(mio_signals_recv(&signals, &info.known), 1);
        ck_assert_int_eq(info.known.number, SIGUSR1);
        ck_assert_uint_eq(info.known.size, sizeof info);
        ck_assert_uint_eq(info.later, 0);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        info.known.size = sizeof info.known - 1;
        call_fails_keeping(&info, mio_signals_recv(&signals, &info.known), EINVAL);
        info.known.size = 0;
        call_fails_keeping(&info, mio_signals_recv(&signals, &info.known), EINVAL);
        ck_assert_int_eq(recv_one(&signals).number, SIGUSR1); /* the failed calls have not consumed the signal */
        mio_signals_close(&signals);
    }
}
END_TEST

static sigset_t current_mask(void)
{
    sigset_t mask;
    memset(&mask, 0, sizeof mask); /* the kernel writes only the first part of the mask */
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    return mask;
}

START_TEST(what_cannot_be_waited_for_is_refused_and_nothing_changed)
{
    const int bad[] = {0,       -1,     SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE,  SIGILL,
                       SIGTRAP, SIGSYS, 32,      33,      NSIG,    129,    INT_MAX, INT_MIN};
    FOR_EACH_WAY(flags)
    {
        sigset_t before = current_mask();
        int descriptors = count_descriptors();
        struct sigaction action;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            const int numbers[] = {SIGUSR1, bad[i]};
            mio_signals signals;
            scribble(&signals, sizeof signals);
            call_fails_keeping(&signals, mio_signals_open(&signals, numbers, 2, flags), EINVAL);
        }
        sigset_t after = current_mask();
        ck_assert_mem_eq(&after, &before, sizeof after);
        ck_assert_int_eq(sigaction(SIGUSR1, NULL, &action), 0);
        ck_assert(action.sa_handler == SIG_DFL);
        ck_assert_int_eq(count_descriptors(), descriptors);
    }
}
END_TEST

START_TEST(null_closed_and_unknown_arguments_are_refused)
{
    const int numbers[] = {SIGUSR1};
    mio_signals signals = {0};
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    call_fails(mio_signals_open(NULL, numbers, 1, 0), EINVAL);
    call_fails(mio_signals_open(&signals, NULL, 1, 0), EINVAL);
    call_fails(mio_signals_open(&signals, numbers, 0, 0), EINVAL);
    call_fails(mio_signals_open(&signals, numbers, 1, 2), EINVAL);
    call_fails(mio_signals_open(&signals, numbers, 1, UINT32_MAX), EINVAL);
    call_fails(mio_signals_handle(NULL), EINVAL);
    call_fails(mio_signals_recv(NULL, &info), EINVAL);
    call_fails(mio_signals_handle(&signals), EBADF);
    call_fails(mio_signals_recv(&signals, &info), EBADF);
    kept_void(mio_signals_close(NULL));
    kept_void(mio_signals_close(&signals));
    signals = open_set(0, SIGUSR1, 0);
    call_fails(mio_signals_recv(&signals, NULL), EINVAL);
    mio_signals_close(&signals);
    kept_void(mio_signals_close(&signals));
    /*
     * Fills the memory of a closed set with garbage, and stores the number of an open descriptor there.
     * mio_signals_close must not close this descriptor.
     */
    int descriptor = dup(1);
    scribble(&signals, sizeof signals);
    signals.source = (mio_source){{(uint64_t)descriptor + 1, 0, 0, 0}};
    call_fails(mio_signals_recv(&signals, &info), EBADF);
    kept_void(mio_signals_close(&signals));
}
END_TEST

START_TEST(out_of_descriptors_opening_fails_and_changes_nothing)
{
    FOR_EACH_WAY(flags)
    {
        const int numbers[] = {SIGUSR1, SIGTERM};
        mio_signals signals;
        struct sigaction action;
        struct sigaction action_before;
        sigset_t before = current_mask();
        ck_assert_int_eq(sigaction(SIGTERM, NULL, &action_before), 0);
        scribble(&signals, sizeof signals);
        refuse_descriptors();
        int64_t rc = kept(mio_signals_open(&signals, numbers, 2, flags));
        allow_descriptors();
        ck_assert_errno(rc, -EMFILE);
        sigset_t after = current_mask();
        ck_assert_mem_eq(&after, &before, sizeof after);
        ck_assert_int_eq(sigaction(SIGTERM, NULL, &action), 0);
        ck_assert(action.sa_handler == action_before.sa_handler);
        ck_assert_uint_eq(signals.opaque[3], UINT64_C(0xa5a5a5a5a5a5a5a5));
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("signals");
    TCase *events = add_tcase(suite, "events");
    tcase_add_backend_test(events, a_signal_makes_the_set_readable_and_is_received_with_its_sender);
    tcase_add_backend_test(events, several_sets_receive_each_its_own);
    TCase *received = add_tcase(suite, "received");
#ifdef SIGRTMIN
    tcase_add_test(received, the_value_of_sigqueue_is_received);
    tcase_add_test(received, real_time_signals_are_queued_in_order);
#endif
    tcase_add_test(received, sigchld_tells_the_child_and_reaps_nothing);
#ifdef SIGRTMIN
    tcase_add_test(received, a_timer_is_received_with_its_value);
#endif
    tcase_add_test(received, a_signal_that_was_pending_before_is_received);
    tcase_add_test(received, ignored_signals_are_received);
    tcase_add_test(received, an_info_of_another_version_is_filled_as_far_as_it_goes);
    TCase *objects = add_tcase(suite, "objects");
    tcase_add_test(objects, the_descriptors_are_non_blocking_and_close_on_exec);
    tcase_add_test(objects, a_set_may_be_descriptor_0);
    tcase_add_test(objects, a_set_may_be_moved_in_memory);
    TCase *errors = add_tcase(suite, "errors");
    tcase_add_test(errors, what_cannot_be_waited_for_is_refused_and_nothing_changed);
    tcase_add_test(errors, null_closed_and_unknown_arguments_are_refused);
    tcase_add_test(errors, out_of_descriptors_opening_fails_and_changes_nothing);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
