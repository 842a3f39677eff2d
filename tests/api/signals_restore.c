/* SPDX-License-Identifier: MIT */
/*
 * Tests that a set of signals leaves no change behind after it is closed. Opening a set changes the signal mask or
 * installs handlers. Closing the sets restores the earlier mask or handlers, whatever the order of closing.
 */
#include "../helpers/sockets.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint32_t ways[] = {0, MIO_SIGNALS_SELF_PIPE};
#define FOR_EACH_WAY(flags) for (uint32_t w_ = 0, flags = ways[0]; w_ < 2; w_++, flags = ways[w_ % 2])

static bool raise_at_next_block;

/*
 * Replaces libc's sigprocmask. While the library opens a set, it blocks all signals for a moment. If
 * `raise_at_next_block` is true, SIGUSR1 arrives just before this moment.
 */
int sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
    if (raise_at_next_block && how == SIG_BLOCK) {
        raise_at_next_block = false;
        ck_assert_int_eq(raise(SIGUSR1), 0);
    }
    const int wrong = pthread_sigmask(how, set, before);
    errno = wrong != 0 ? wrong : errno;
    return wrong == 0 ? 0 : -1;
}

static mio_signals open_set(uint32_t flags, int first, int second)
{
    const int numbers[] = {first, second};
    mio_signals signals;
    call_ok(mio_signals_open(&signals, numbers, second != 0 ? 2 : 1, flags));
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

/* SA_RESTORER, which libc adds to the flags of every action. */
enum { LIBC_RESTORER = 0x04000000 };

/* The thread's signal mask, and the actions of all signals. */
typedef struct state {
    sigset_t mask;
    struct sigaction actions[65];
} state;

static bool is_blocked(int number)
{
    sigset_t mask;
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    return sigismember(&mask, number) == 1;
}

static void change_mask(int how, int number)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    ck_assert_int_eq(pthread_sigmask(how, &set, NULL), 0);
}

static state look(void)
{
    state s;
    memset(&s, 0, sizeof s);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &s.mask), 0);
    for (int number = 1; number < 65; number++) {
        (void)sigaction(number, NULL, &s.actions[number]); /* this fails for two signals, which libc reserves */
        s.actions[number].sa_flags &= ~LIBC_RESTORER;
    }
    return s;
}

static void assert_same_action(const struct sigaction *left, const struct sigaction *right)
{
    ck_assert(left->sa_handler == right->sa_handler);
    ck_assert_int_eq(left->sa_flags, right->sa_flags);
    if (left->sa_handler == SIG_DFL || left->sa_handler == SIG_IGN) {
        return; /* without a handler, the kernel does not use the mask of the action */
    }
    for (int number = 1; number < 65; number++) {
        ck_assert_int_eq(sigismember(&left->sa_mask, number), sigismember(&right->sa_mask, number));
    }
}

static void assert_same_state(const state *left, const state *right)
{
    for (int number = 1; number < 65; number++) {
        ck_assert_int_eq(sigismember(&left->mask, number), sigismember(&right->mask, number));
        assert_same_action(&left->actions[number], &right->actions[number]);
    }
}

static volatile sig_atomic_t handled;

static void count_signal(int number)
{
    (void)number;
    handled++;
}

static void other_handler(int number)
{
    (void)number;
    handled += 100;
}

static void install(int number, void (*handler)(int number))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_NODEFER;
    sigaddset(&action.sa_mask, SIGHUP);
    ck_assert_int_eq(sigaction(number, &action, NULL), 0);
    handled = 0;
}

#ifdef SIGRTMIN
#define OTHER_SIGNAL SIGRTMIN
#else
#define OTHER_SIGNAL SIGUSR2 /* this system has no real-time signals */
#endif

START_TEST(opening_touches_no_other_signal)
{
    FOR_EACH_WAY(flags)
    {
        state before = look();
        mio_signals signals = open_set(flags, SIGUSR1, OTHER_SIGNAL);
        state open = look();
        for (int number = 1; number < 65; number++) {
            if (number != SIGUSR1 && number != OTHER_SIGNAL) {
                ck_assert_int_eq(sigismember(&open.mask, number), sigismember(&before.mask, number));
                assert_same_action(&open.actions[number], &before.actions[number]);
            }
        }
        /*
         * A set with signalfd (flags 0) blocks its signals and leaves their actions unchanged. A set with
         * MIO_SIGNALS_SELF_PIPE installs handlers and leaves the mask unchanged.
         */
        ck_assert_int_eq(is_blocked(SIGUSR1), flags == 0);
        ck_assert_int_eq(open.actions[SIGUSR1].sa_handler == SIG_DFL, flags == 0);
        kept_void(mio_signals_close(&signals));
        state after = look();
        assert_same_state(&after, &before);
    }
}
END_TEST

START_TEST(closing_restores_every_kind_of_mask_and_action)
{
    FOR_EACH_WAY(flags)
    {
        install(SIGUSR1, count_signal);
        install(SIGUSR2, SIG_IGN);
        install(SIGTERM, SIG_DFL);
        install(SIGCHLD, SIG_IGN);
        change_mask(SIG_BLOCK, SIGUSR2);
        change_mask(SIG_BLOCK, SIGTERM);
        state before = look();
        mio_signals left = open_set(flags, SIGUSR1, SIGUSR2);
        mio_signals right = open_set(flags, SIGTERM, SIGCHLD);
        mio_signals_close(&left);
        mio_signals_close(&right);
        state after = look();
        assert_same_state(&after, &before);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(handled, 1);
        install(SIGUSR1, SIG_DFL);
        install(SIGUSR2, SIG_DFL);
        install(SIGCHLD, SIG_DFL);
        change_mask(SIG_UNBLOCK, SIGUSR2);
        change_mask(SIG_UNBLOCK, SIGTERM);
    }
}
END_TEST

START_TEST(sets_that_share_a_number_can_be_closed_in_any_order)
{
    FOR_EACH_WAY(flags)
    {
        for (int order = 0; order < 2; order++) {
            state before = look();
            mio_signals first = open_set(flags, SIGUSR1, SIGUSR2);
            mio_signals second = open_set(flags, SIGUSR2, SIGTERM);
            mio_signals *stays = order == 0 ? &first : &second;
            mio_signals_close(order == 0 ? &second : &first);
            ck_assert_int_eq(is_blocked(SIGUSR2), flags == 0);
            /*
             * mio_signals_close restores a signal only if no open set contains the signal. The set that stays open
             * still receives its signals.
             */
            ck_assert(!is_blocked(order == 0 ? SIGTERM : SIGUSR1));
            state open = look();
            assert_same_action(&open.actions[order == 0 ? SIGTERM : SIGUSR1],
                               &before.actions[order == 0 ? SIGTERM : SIGUSR1]);
            ck_assert_int_eq(raise(SIGUSR2), 0);
            ck_assert_int_eq(recv_one(stays).number, SIGUSR2);
            mio_signals_close(stays);
            state after = look();
            assert_same_state(&after, &before);
        }
    }
}
END_TEST

START_TEST(a_shared_signal_goes_to_one_set)
{
    FOR_EACH_WAY(flags)
    {
        mio_signals first = open_set(flags, SIGUSR1, 0);
        mio_signals second = open_set(flags, SIGUSR1, 0);
        mio_signals third = open_set(flags, SIGUSR1, 0);
        mio_signals_close(&second); /* the next set may get the place of this set in the library's table */
        second = open_set(flags, SIGUSR1, 0);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&second).number, SIGUSR1); /* exactly one of the three sets receives the signal */
        expect_none(&first);
        expect_none(&second);
        expect_none(&third);
        mio_signals_close(&second);
        mio_signals_close(&first);
        mio_signals_close(&third);
    }
}
END_TEST

START_TEST(the_two_ways_exclude_each_other_for_a_number)
{
    FOR_EACH_WAY(flags)
    {
        const int numbers[] = {SIGTERM, SIGUSR1};
        mio_signals signals = open_set(flags, SIGUSR1, 0);
        mio_signals other;
        state before = look();
        int descriptors = count_descriptors();
        scribble(&other, sizeof other);
        call_fails_keeping(&other, mio_signals_open(&other, numbers, 2, flags ^ MIO_SIGNALS_SELF_PIPE), EBUSY);
        state after = look();
        assert_same_state(&after, &before);
        ck_assert_int_eq(count_descriptors(), descriptors);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
        mio_signals_close(&signals);
        call_ok(mio_signals_open(&other, numbers, 2, flags ^ MIO_SIGNALS_SELF_PIPE));
        mio_signals_close(&other);
    }
}
END_TEST

/* A signal arrives while the library opens a set, and then the library refuses the set. */
START_TEST(a_set_that_does_not_open_takes_no_signal)
{
    const int numbers[] = {SIGUSR1, SIGUSR2};
    mio_signals by_handler = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    mio_signals by_blocking = open_set(0, SIGUSR2, 0);
    mio_signals refused;
    raise_at_next_block = true;
    call_fails(mio_signals_open(&refused, numbers, 2, MIO_SIGNALS_SELF_PIPE), EBUSY);
    ck_assert(!raise_at_next_block);
    ck_assert_int_eq(recv_one(&by_handler).number, SIGUSR1);
    expect_none(&by_handler);
    mio_signals_close(&by_blocking);
    mio_signals_close(&by_handler);
}
END_TEST

START_TEST(a_foreign_handler_over_that_of_mio_is_left_alone)
{
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    struct sigaction ours;
    install(SIGUSR1, other_handler);
    mio_signals_close(&signals);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(handled, 100);

    /*
     * Other code may have saved mio's handler, and may install it again after the set is closed. When a signal arrives,
     * mio's handler then calls the handler that was installed before the set was opened.
     */
    install(SIGUSR1, count_signal);
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    ck_assert_int_eq(sigaction(SIGUSR1, NULL, &ours), 0);
    mio_signals_close(&signals);
    ck_assert_int_eq(sigaction(SIGUSR1, &ours, NULL), 0);
    handled = 0;
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(handled, 1);

    /* Now other code installs mio's handler again before the program opens another set. */
    ck_assert_int_eq(sigaction(SIGUSR1, &ours, NULL), 0);
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(recv_one(&signals).number, SIGUSR1);
    mio_signals_close(&signals);
    ck_assert_int_eq(sigaction(SIGUSR1, &ours, NULL), 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(handled, 2);

    /*
     * Other code replaces mio's handler while a set is open. When the program opens a second set, the library installs
     * its handler again.
     */
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    install(SIGUSR1, other_handler);
    mio_signals second = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(recv_one(&second).number, SIGUSR1);
    mio_signals_close(&second);
    mio_signals_close(&signals);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(handled, 100);
    install(SIGUSR1, SIG_DFL);
}
END_TEST

static struct sigaction chained;
static volatile sig_atomic_t calls;

/* Calls the handler that it has replaced. If the handler raises the signal again, the second call ends this. */
static void chain(int number, siginfo_t *info, void *context)
{
    if (++calls == 1) {
        chained.sa_sigaction(number, info, context);
    }
}

static void chain_over_mio(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = chain;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    ck_assert_int_eq(sigaction(SIGUSR1, &action, &chained), 0);
    ck_assert_int_ne(chained.sa_flags & SA_SIGINFO, 0);
}

static void count_own_signal(int number, siginfo_t *info, void *context)
{
    handled += number == SIGUSR1 && info->si_pid == getpid() && context != NULL;
}

/* The actions that SIGUSR1 has before the program opens a set. */
enum { DEFAULT, IGNORED, PLAIN, DETAILED, EARLIER_ACTIONS };

static void install_earlier(int which)
{
    struct sigaction action;
    install(SIGUSR1, which == DEFAULT ? SIG_DFL : which == IGNORED ? SIG_IGN : count_signal);
    if (which == DETAILED) {
        memset(&action, 0, sizeof action);
        action.sa_sigaction = count_own_signal;
        action.sa_flags = SA_SIGINFO;
        ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    }
}

/*
 * Raises the signal when no set of this process contains it. The handler `chain` must run once, and the earlier handler
 * too, if there is one.
 */
static int raise_without_a_set(void *context)
{
    const int wanted = *(const int *)context >= PLAIN ? 1 : 0;
    for (int i = 0; i < 2; i++) {
        handled = 0;
        calls = 0;
        require(raise(SIGUSR1) == 0);
        require(calls == 1 && handled == wanted);
    }
    return 0;
}

static void expect_a_signal(mio_signals *signals)
{
    calls = 0;
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(recv_one(signals).number, SIGUSR1);
}

/*
 * Other code installs a handler that calls mio's handler. After the set is closed, and in a forked child, mio's handler
 * then calls the handler that was installed before mio's handler.
 */
START_TEST(a_handler_that_calls_that_of_mio_runs_once)
{
    int which = _i;
    install_earlier(which);
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    chain_over_mio();
    expect_a_signal(&signals);
    ck_assert_int_eq(calls, 1);
    run_apart(raise_without_a_set, &which);
    mio_signals_close(&signals);
    ck_assert_int_eq(raise_without_a_set(&which), 0);

    /* A new set replaces the other handler, and closing the set restores the other handler. */
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    expect_a_signal(&signals);
    ck_assert_int_eq(calls, 0);
    run_apart(raise_without_a_set, &which);
    mio_signals_close(&signals);
    ck_assert_int_eq(raise_without_a_set(&which), 0);
    install(SIGUSR1, SIG_DFL);
}
END_TEST

/* Here the second set opens while the first set is open. */
START_TEST(a_handler_that_calls_that_of_mio_runs_once_after_two_sets)
{
    int which = _i;
    install_earlier(which);
    mio_signals first = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    chain_over_mio();
    mio_signals second = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    expect_a_signal(&second);
    run_apart(raise_without_a_set, &which);
    mio_signals_close(&first);
    mio_signals_close(&second);
    ck_assert_int_eq(raise_without_a_set(&which), 0);
    install(SIGUSR1, SIG_DFL);
}
END_TEST

/*
 * Restores the handler that it has replaced, and raises the signal again, like the handler of a second copy of the
 * library. If the two handlers restore each other for ever, the tenth call ends this.
 */
static void step_aside(int number)
{
    if (++calls == 10) {
        install(number, SIG_IGN);
        return;
    }
    sigaction(number, &chained, NULL);
    raise(number);
}

static int raise_before_both_step_aside(void *context)
{
    (void)context;
    handled = 0;
    calls = 0;
    require(raise(SIGUSR1) == 0);
    require(calls == 1 && handled == 1);
    return 0;
}

START_TEST(handlers_that_restore_each_other_end)
{
    install(SIGUSR1, count_signal);
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    ck_assert_int_eq(sigaction(SIGUSR1, NULL, &chained), 0);
    install(SIGUSR1, step_aside);

    /* In a forked child, mio's handler restores the other handler, which restores mio's handler. */
    mio_signals second = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    run_apart(raise_before_both_step_aside, NULL);
    mio_signals_close(&second);
    mio_signals_close(&signals);

    /* The set closes before the other code restores mio's handler. */
    install(SIGUSR1, count_signal);
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    ck_assert_int_eq(sigaction(SIGUSR1, NULL, &chained), 0);
    install(SIGUSR1, step_aside);
    mio_signals_close(&signals);
    ck_assert_int_eq(sigaction(SIGUSR1, &chained, NULL), 0);
    handled = 0;
    calls = 0;
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(handled, 1);
    install(SIGUSR1, SIG_DFL);
}
END_TEST

START_TEST(what_the_system_kept_is_delivered_on_close)
{
    install(SIGUSR1, count_signal);
    mio_signals signals = open_set(0, SIGUSR1, 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(handled, 0);
    mio_signals_close(&signals);
    ck_assert_int_eq(handled, 1);

    /* Closing a set that uses handlers drops the signals that the program has not received yet. */
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    mio_signals_close(&signals);
    ck_assert_int_eq(handled, 1);
    signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    expect_none(&signals);
    mio_signals_close(&signals);
    install(SIGUSR1, SIG_DFL);
}
END_TEST

START_TEST(ignored_signals_are_received_sigchld_as_well)
{
    FOR_EACH_WAY(flags)
    {
        int status = 0;
        install(SIGCHLD, SIG_IGN);
        install(SIGHUP, SIG_IGN);
        mio_signals signals = open_set(flags, SIGCHLD, SIGHUP);
        ck_assert_int_eq(raise(SIGHUP), 0);
        ck_assert_int_eq(recv_one(&signals).number, SIGHUP);
        pid_t child = fork();
        if (child == 0) {
            execl("/bin/sh", "sh", "-c", "exit 3", (char *)NULL);
            _exit(127);
        }
        ck_assert_int_eq(recv_one(&signals).status, 3);
        ck_assert_int_eq(waitpid(child, &status, 0), child); /* so the library has not reaped the child */
        mio_signals_close(&signals);
        ck_assert(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
        ck_assert(signal(SIGHUP, SIG_DFL) == SIG_IGN);
    }
}
END_TEST

START_TEST(many_sets_by_handler_are_enospc)
{
    enum { MOST = 32 };
    mio_signals sets[MOST];
    const int numbers[] = {SIGUSR1};
    mio_signals one_more;
    state before = look();
    int descriptors = count_descriptors();
    for (int i = 0; i < MOST; i++) {
        sets[i] = open_set(MIO_SIGNALS_SELF_PIPE, SIGUSR1, 0);
    }
    scribble(&one_more, sizeof one_more);
    call_fails_keeping(&one_more, mio_signals_open(&one_more, numbers, 1, MIO_SIGNALS_SELF_PIPE), ENOSPC);
    ck_assert_int_eq(count_descriptors(), descriptors + 2 * MOST);
    for (int i = 0; i < MOST; i++) {
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&sets[MOST - 1]).number, SIGUSR1);
        if (i < MOST - 1) {
            mio_signals_close(&sets[i]);
        }
    }
    call_ok(mio_signals_open(&one_more, numbers, 1, MIO_SIGNALS_SELF_PIPE));
    mio_signals_close(&one_more);
    mio_signals_close(&sets[MOST - 1]);
    state after = look();
    assert_same_state(&after, &before);
    ck_assert_int_eq(count_descriptors(), descriptors);
}
END_TEST

#ifdef SIGRTMIN
/*
 * The test sends more signals than the pipe of the handler can hold. The set must still report each signal number at
 * least once.
 */
START_TEST(a_full_pipe_loses_no_number)
{
    enum { COUNT = 3000 };
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGRTMIN, SIGUSR1);
    for (int round = 0; round < 2; round++) {
        mio_signal_info info = MIO_SIGNAL_INFO_INIT;
        int queued = 0;
        int noted = 0;
        int others = 0;
        for (int i = 0; i < COUNT; i++) {
            ck_assert_int_eq(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}), 0);
        }
        ck_assert_int_eq(raise(SIGUSR1), 0);
        wait_handle(mio_signals_handle(&signals), POLLIN);
        while (kept(mio_signals_recv(&signals, &info)) == 1) {
            if (info.number == SIGUSR1) {
                others++;
            } else if (info.code == SI_QUEUE) {
                ck_assert_int_eq(info.value, queued++);
            } else {
                noted++;
                ck_assert(info.number == SIGRTMIN && info.code == 0 && info.pid == 0 && info.value == 0);
            }
        }
        ck_assert_int_gt(queued, 1600);
        ck_assert_int_eq(noted, 1);
        ck_assert_int_eq(others, 1);
        ck_assert_int_eq(raise(SIGUSR1), 0);
        ck_assert_int_eq(recv_one(&signals).pid, getpid());
        expect_none(&signals);
    }
    mio_signals_close(&signals);
}
END_TEST

/* A program may receive one signal per event, and never read until -EAGAIN. The set must stay readable until the
 * program has also received the signal that did not fit into the pipe. */
START_TEST(a_set_is_readable_until_the_last_number_is_received)
{
    enum { COUNT = 3000 };
    mio_signals signals = open_set(MIO_SIGNALS_SELF_PIPE, SIGRTMIN, SIGUSR1);
    struct pollfd set = {mio_signals_handle(&signals), POLLIN, 0};
    int others = 0;
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}), 0);
    }
    ck_assert_int_eq(raise(SIGUSR1), 0);
    while (poll(&set, 1, 0) == 1) {
        mio_signal_info info = MIO_SIGNAL_INFO_INIT;
        if (kept(mio_signals_recv(&signals, &info)) == 1 && info.number == SIGUSR1) {
            others++;
        }
    }
    ck_assert_int_eq(others, 1);
    expect_none(&signals);
    mio_signals_close(&signals);
}
END_TEST
#endif

static Suite *make_suite(void)
{
    Suite *suite = suite_create("signals_restore");
    TCase *put_back = add_tcase(suite, "put back");
    tcase_add_test(put_back, opening_touches_no_other_signal);
    tcase_add_test(put_back, closing_restores_every_kind_of_mask_and_action);
    tcase_add_test(put_back, a_foreign_handler_over_that_of_mio_is_left_alone);
    tcase_add_loop_test(put_back, a_handler_that_calls_that_of_mio_runs_once, 0, EARLIER_ACTIONS);
    tcase_add_loop_test(put_back, a_handler_that_calls_that_of_mio_runs_once_after_two_sets, 0, EARLIER_ACTIONS);
    tcase_add_test(put_back, handlers_that_restore_each_other_end);
    tcase_add_test(put_back, what_the_system_kept_is_delivered_on_close);
    tcase_add_test(put_back, ignored_signals_are_received_sigchld_as_well);
    TCase *several = add_tcase(suite, "several sets");
    tcase_add_test(several, sets_that_share_a_number_can_be_closed_in_any_order);
    tcase_add_test(several, a_shared_signal_goes_to_one_set);
    tcase_add_test(several, the_two_ways_exclude_each_other_for_a_number);
    tcase_add_test(several, a_set_that_does_not_open_takes_no_signal);
    tcase_add_test(several, many_sets_by_handler_are_enospc);
#ifdef SIGRTMIN
    TCase *full = add_tcase(suite, "full");
    tcase_add_test(full, a_full_pipe_loses_no_number);
    tcase_add_test(full, a_set_is_readable_until_the_last_number_is_received);
#endif
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
