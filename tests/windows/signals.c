/* SPDX-License-Identifier: MIT */
/*
 * Tests the signals of a console. To send a control event, a test does what Windows does: it starts a thread with
 * CtrlRoutine, a function of the system that calls the handlers and holds the lock of the handlers meanwhile.
 */
#include "../helpers/harness.h"

#include <signal.h>
#include <stdio.h>
#include <windows.h>

enum { SUBJECT = 1, LIMIT_MS = 5000 };

static LPTHREAD_START_ROUTINE ctrl_routine(void)
{
    return (LPTHREAD_START_ROUTINE)(void *)GetProcAddress(GetModuleHandleA("kernelbase.dll"), "CtrlRoutine");
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, void *argument)
{
    HANDLE thread = CreateThread(NULL, 0, routine, argument, 0, NULL);
    ck_assert_ptr_nonnull(thread);
    return thread;
}

static void send_event(DWORD event)
{
    CloseHandle(start(ctrl_routine(), (void *)(uintptr_t)event));
}

static void receive(mio_signals *signals, int number)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    mio_poll *poll = open_poll(0);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &signals->source, SUBJECT, MIO_READABLE));
    expect_events(poll, {SUBJECT, MIO_READABLE});
    ck_assert_count(mio_signals_recv(signals, &info), 1);
    ck_assert_int_eq(info.number, number);
    ck_assert_ok(mio_registry_deregister(mio_poll_registry(poll), &signals->source));
    mio_poll_free(poll);
}

START_TEST(a_set_that_is_opened_again_receives)
{
    const int number = SIGINT;
    for (int i = 0; i < 3; i++) {
        mio_signals signals;
        ck_assert_ok(mio_signals_open(&signals, &number, 1, 0));
        send_event(CTRL_C_EVENT);
        receive(&signals, SIGINT);
        mio_signals_close(&signals);
    }
}
END_TEST

static DWORD WINAPI close_and_open(void *set)
{
    const int number = SIGTERM;
    mio_signals *signals = (mio_signals *)set;
    mio_signals_close(signals);
    ck_assert_ok(mio_signals_open(signals, &number, 1, 0));
    mio_signals_close(signals);
    return 0;
}

/* This test must be the last one, because a handler of the library runs until the process ends. */
START_TEST(after_sigterm_a_set_can_be_closed_and_opened)
{
    static mio_signals signals; /* a thread that never ends may still use it after a failure */
    const int number = SIGTERM;
    ck_assert_ok(mio_signals_open(&signals, &number, 1, 0));
    send_event(CTRL_CLOSE_EVENT);
    receive(&signals, SIGTERM);
    HANDLE closer = start(close_and_open, &signals);
    ck_assert_uint_eq(WaitForSingleObject(closer, LIMIT_MS), WAIT_OBJECT_0);
    CloseHandle(closer);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("signals");
    TCase *console = add_tcase(suite, "console");
    if (ctrl_routine() == NULL) {
        printf("Nothing is tested: CtrlRoutine is absent.\n");
        return suite;
    }
    tcase_add_test(console, a_set_that_is_opened_again_receives);
    tcase_add_test(console, after_sigterm_a_set_can_be_closed_and_opened);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
