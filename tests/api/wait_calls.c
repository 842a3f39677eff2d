/* SPDX-License-Identifier: MIT */
/*
 * Tests which system call a wait makes: epoll_pwait2(2) or the older epoll_wait(2). If milliseconds can express the
 * timeout, the library makes the older call, because more tools support it. No wait may be shorter than its timeout.
 */
#include "../helpers/sockets.h"

#include <sys/syscall.h>

static uint32_t has_nanoseconds(const mio_poll *poll)
{
    return mio_poll_capabilities(poll) & MIO_CAN_NS;
}

/* Waits without any registration. Returns whether the wait took at least `timeout_ns`. */
static bool waits_for(mio_poll *poll, int64_t timeout_ns)
{
    mio_event event;
    const int64_t start = mio_clock_now();
    return mio_poll_wait(poll, &event, 1, timeout_ns) == 0 && mio_clock_now() - start >= timeout_ns;
}

static mio_poll *open_epoll(void)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    options.backend = "epoll";
    return mio_poll_new(&poll, &options) == 0 ? poll : NULL;
}

/*
 * The process makes a poll object, and then enters a sandbox that refuses epoll_pwait2(2). In the sandbox, the library
 * must call epoll_wait(2) instead.
 */
static int refused_later(void *context)
{
    mio_poll *poll = open_epoll();
    require(poll != NULL);
    if (has_nanoseconds(poll) == 0) {
        return SKIPPED;
    }
    require(waits_for(poll, US(100)));
    if (!refuse_system_call(SYS_epoll_pwait2, *(const int *)context)) {
        return SKIPPED;
    }
    require(waits_for(poll, US(100)) && waits_for(poll, US(100)));
    require(has_nanoseconds(poll) == 0);
    mio_poll *other = open_epoll();
    require(other != NULL && has_nanoseconds(other) == 0 && waits_for(other, US(100)));
    mio_poll_free(other);
    mio_poll_free(poll);
    return 0;
}

START_TEST(a_later_refusal_of_the_newer_call_falls_back)
{
    int codes[] = {ENOSYS, EPERM, EACCES};
    run_apart(refused_later, &codes[_i]);
}
END_TEST

/* After the sandbox has refused epoll_pwait2(2) once, the library must not make this call again. */
static int asked_once(void *context)
{
    mio_event event;
    mio_poll *poll = open_epoll();
    (void)context;
    require(poll != NULL);
    if (has_nanoseconds(poll) == 0 || !refuse_system_call(SYS_epoll_pwait2, ENOSYS)) {
        return SKIPPED;
    }
    mio_poll *other = open_epoll();
    require(other != NULL);
    require(waits_for(other, MS(1)) && mio_poll_wait(other, &event, 1, 0) == 0);
    require(mio_poll_wait_until(other, &event, 1, mio_clock_now()) == 0);
    require(has_nanoseconds(other) != 0);
    mio_poll_free(other);
    mio_poll_free(poll);
    return 0;
}

START_TEST(the_newer_call_is_asked_for_once_and_not_used_for_whole_milliseconds)
{
    run_apart(asked_once, NULL);
}
END_TEST

typedef struct waker_thread {
    mio_waker *waker;
    int sleeper;
} waker_thread;

static void *wake_the_sleeper(void *context)
{
    const waker_thread *w = context;
    wait_until_asleep(w->sleeper);
    ck_assert_ok(mio_waker_wake(w->waker));
    return NULL;
}

/* Most of these numbers of seconds do not fit a time_t of 32 bits. Some would become negative or 0 in 32 bits. */
START_TEST(a_wait_of_many_years_is_neither_refused_nor_cut_short)
{
    const int64_t seconds[] = {2147483647, 2147483648, 3000000000, 4294967296, 6442450944, 9223372036};
    mio_poll *poll = open_poll(_i);
    waker_thread w = {NULL, thread_id()};
    mio_event event;
    ck_assert_ok(mio_waker_new(&w.waker, mio_poll_registry(poll), 1));
    for (int i = 0; i < 2 * (int)(sizeof seconds / sizeof seconds[0]); i++) {
        pthread_t thread = start_thread(wake_the_sleeper, &w);
        ck_assert_int_eq(mio_poll_wait(poll, &event, 1, seconds[i / 2] * MS(1000) + i % 2), 1);
        join_thread(thread);
    }
    mio_waker_free(w.waker);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("wait_calls");
    TCase *tcase = add_tcase(suite, "wait_calls");
    if (!under_valgrind()) { /* Valgrind does not know epoll_pwait2(2) */
        tcase_add_loop_test(tcase, a_later_refusal_of_the_newer_call_falls_back, 0, 3);
        tcase_add_test(tcase, the_newer_call_is_asked_for_once_and_not_used_for_whole_milliseconds);
    }
    tcase_add_backend_test(tcase, a_wait_of_many_years_is_neither_refused_nor_cut_short);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
