/* SPDX-License-Identifier: MIT */
/*
 * Tests thread cancellation. A program can cancel a thread that waits on a poll object. Other threads can then still
 * use the poll object. A function that is not a cancellation point finishes, even if its thread has a pending
 * cancellation.
 */
#include "../helpers/sockets.h"
#include "../helpers/system.h"

#include <poll.h>
#include <sched.h>
#include <unistd.h>

enum { WAKER = 7, WAITERS = 4 };

typedef struct waiter {
    mio_poll *poll;
    int64_t timeout_ns;
    pthread_t thread;
    _Atomic int tid;
    int count;
} waiter;

static void *wait_for_an_event(void *context)
{
    waiter *w = context;
    mio_event event;
    atomic_store(&w->tid, thread_id());
    w->count = mio_poll_wait(w->poll, &event, 1, w->timeout_ns);
    return w;
}

static void start_waiter(waiter *w, mio_poll *poll, int64_t timeout_ns)
{
    *w = (waiter){.poll = poll, .timeout_ns = timeout_ns};
    w->thread = start_thread(wait_for_an_event, w);
    while (atomic_load(&w->tid) == 0) {
        sched_yield();
    }
    wait_until_asleep(w->tid);
}

static void cancel_waiter(waiter *w)
{
    void *result = NULL;
    ck_assert_int_eq(pthread_cancel(w->thread), 0);
    ck_assert_int_eq(pthread_join(w->thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
}

static mio_waker *new_waker(mio_poll *poll)
{
    mio_waker *waker = NULL;
    ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), WAKER));
    return waker;
}

START_TEST(a_thread_that_waits_can_be_cancelled)
{
    const int64_t timeouts[] = {-1, LONG_WAIT, LONG_WAIT + 1};
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = new_waker(poll);
    for (int i = 0; i < (can_cancel_exact_wait(variant_name(_i)) ? 3 : 2); i++) {
        waiter w;
        start_waiter(&w, poll, timeouts[i]);
        cancel_waiter(&w);
        ck_assert_ok(mio_waker_wake(waker));
        expect_events(poll, {WAKER, MIO_READABLE});
        expect_no_events(poll);
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

/*
 * Several threads wait on one poll object. With the backend "poll", one thread waits in the kernel, and the other
 * threads wait for their turn. The test cancels one thread. The remaining threads must still get events.
 */
#ifndef __SANITIZE_THREAD__ /* ThreadSanitizer does not see that a cancelled thread locks a mutex when it unwinds */
START_TEST(the_others_wait_on_when_one_is_cancelled)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = new_waker(poll);
    for (int gone = 0; gone < WAITERS; gone++) {
        waiter waiters[WAITERS];
        int fds[2];
        for (int i = 0; i < WAITERS; i++) {
            start_waiter(&waiters[i], poll, i % 2 == 0 ? -1 : LONG_WAIT);
        }
        cancel_waiter(&waiters[gone]);
        /* the remaining threads must get the event of a new registration */
        make_socketpair(fds);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[0], 1, MIO_READABLE | MIO_LEVEL));
        ck_assert_int_eq(write(fds[1], "x", 1), 1);
        for (int i = 0; i < WAITERS; i++) {
            if (i != gone) {
                ck_assert_ptr_eq(join_thread(waiters[i].thread), &waiters[i]);
                ck_assert_int_eq(waiters[i].count, 1);
            }
        }
        ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fds[0]));
        close_fd(fds[0]);
        close_fd(fds[1]);
        ck_assert_ok(mio_waker_wake(waker));
        expect_events(poll, {WAKER, MIO_READABLE});
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST
#endif

START_TEST(a_thread_that_is_to_be_cancelled_begins_no_wait)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = new_waker(poll);
    waiter w = {.poll = poll};
    ck_assert_ok(mio_waker_wake(waker));
    ck_assert_int_eq(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL), 0);
    w.thread = start_thread(wait_for_an_event, &w); /* the new thread starts with cancellation enabled */
    pthread_cancel(w.thread);
    void *result = NULL;
    ck_assert_int_eq(pthread_join(w.thread, &result), 0);
    if (result == PTHREAD_CANCELED) {
        expect_events(poll, {WAKER, MIO_READABLE}); /* the cancelled thread has not consumed the event */
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

static void *look_with_a_pending_cancellation(void *context)
{
    waiter *w = context;
    mio_event event;
    pthread_cancel(pthread_self());
    w->count = mio_poll_wait(w->poll, &event, 1, 0);
    return w;
}

/* With the backend "poll", a wait that does not block takes a special path if another thread waits already. */
START_TEST(a_wait_that_does_not_block_is_a_cancellation_point)
{
    mio_poll *poll = open_poll(_i);
    waiter leader;
    waiter w = {.poll = poll};
    void *result = NULL;
    start_waiter(&leader, poll, -1);
    w.thread = start_thread(look_with_a_pending_cancellation, &w);
    ck_assert_int_eq(pthread_join(w.thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    cancel_waiter(&leader);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_thread_that_disables_cancellation_is_not_cancelled)
{
    mio_poll *poll = open_poll(_i);
    mio_waker *waker = new_waker(poll);
    mio_event event;
    int state = -1;
    ck_assert_int_eq(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL), 0);
    ck_assert_int_eq(pthread_cancel(pthread_self()), 0);
    ck_assert_ok(mio_waker_wake(waker));
    ck_assert_int_eq(mio_poll_wait(poll, &event, 1, -1), 1);
    mio_waker_free(waker);
    mio_poll_free(poll);
    ck_assert_int_eq(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state), 0);
    ck_assert_int_eq(state, PTHREAD_CANCEL_DISABLE); /* the library has restored the cancellation state */
}
END_TEST

/*
 * A thread with a pending cancellation. If a call of this thread were a cancellation point, the thread would end before
 * it sets `done`. libcheck's assertions are cancellation points, so the thread does not use them. At the first call
 * with a wrong result, the thread stores the source line of this call in `wrong_line`.
 */
typedef struct deeds {
    const char *backend;
    int wrong_line;
    bool done;
} deeds;

#define DO(call, wanted)                                                                                               \
    do {                                                                                                               \
        if ((call) != (wanted) && d->wrong_line == 0) {                                                                \
            d->wrong_line = __LINE__;                                                                                  \
        }                                                                                                              \
    } while (0)

static void set_cancelable(bool on)
{
    int before;
    pthread_setcancelstate(on ? PTHREAD_CANCEL_ENABLE : PTHREAD_CANCEL_DISABLE, &before);
}

static void open_and_close(deeds *d, mio_registry *registry)
{
    mio_addr addr;
    mio_tcp_listener listener;
    mio_tcp_stream client;
    mio_tcp_stream server;
    DO(mio_addr_parse(&addr, "127.0.0.1:0"), 0);
    DO(mio_tcp_listener_bind(&listener, &addr, 8), 0);
    DO(mio_tcp_listener_local_addr(&listener, &addr), 0);
    DO(mio_registry_register(registry, &listener.source, 1, MIO_READABLE), 0);
    DO(mio_tcp_stream_connect(&client, &addr), 0);
    set_cancelable(false);
    wait_handle(mio_tcp_listener_handle(&listener), POLLIN);
    set_cancelable(true);
    DO(mio_tcp_listener_accept(&listener, &server, NULL), 0);
    DO(mio_tcp_listener_accept(&listener, &server, NULL), -EAGAIN);
    DO(mio_registry_reregister(registry, &listener.source, 2, MIO_READABLE), 0);
    DO(mio_registry_deregister(registry, &listener.source), 0);
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    mio_tcp_listener_close(&listener);
}

static void pass_a_handle(deeds *d)
{
    mio_unix_stream left;
    mio_unix_stream right;
    mio_handle sent;
    char byte = 'x';
    mio_handle received = -1;
    mio_iovec piece = {&byte, 1};
    mio_unix_message message = MIO_UNIX_MESSAGE_INIT;
    message.pieces = &piece;
    message.piece_count = 1;
    DO(mio_unix_stream_pair(&left, &right, 0), 0);
    sent = mio_unix_stream_handle(&left);
    set_cancelable(false); /* sending is a cancellation point, so cancellation is off */
    message.handles = &sent;
    message.handle_count = 1;
    DO(mio_unix_stream_send_message(&left, &message), 1);
    set_cancelable(true);
    message.handles = &received;
    message.handle_count = 0;
    message.handle_capacity = 1;
    DO(mio_unix_stream_recv_message(&right, &message), 1);
    set_cancelable(false);
    close_fd(received);
    set_cancelable(true);
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
}

static void *do_deeds(void *context)
{
    deeds *d = context;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    mio_waker *waker = NULL;
    mio_text text;
    char buffer[16];
    int fds[2];
    set_cancelable(false);
    make_pipe(fds);
    pthread_cancel(pthread_self());
    set_cancelable(true);
    options.backend = d->backend;
    DO(mio_poll_new(&poll, &options), 0);
    DO(mio_waker_new(&waker, mio_poll_registry(poll), WAKER), 0);
    DO(mio_waker_wake(waker), 0);
    open_and_close(d, mio_poll_registry(poll));
    pass_a_handle(d);
    DO(mio_safe_write(fds[1], "x", 1), 1);
    DO(mio_text_init(&text, buffer, sizeof buffer), 0);
    DO(mio_text_append(&text, "text"), 4);
    DO(mio_text_write(&text, fds[1]), 4);
    DO(mio_poll_dump(poll, fds[1]), 0);
    mio_waker_free(waker);
    mio_poll_free(poll);
    set_cancelable(false);
    close_fd(fds[0]);
    close_fd(fds[1]);
    d->done = true;
    set_cancelable(true);
    pthread_testcancel();
    return NULL;
}

START_TEST(what_is_no_cancellation_point_is_done_in_full)
{
    enter_variant(_i);
    deeds d = {.backend = variant_backend(_i)};
    void *result = NULL;
    const int before = count_descriptors();
    pthread_t thread = start_thread(do_deeds, &d);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    ck_assert(d.done);
    ck_assert_int_eq(d.wrong_line, 0);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/*
 * The body of a thread that cancels itself and then reads. Reading and writing are cancellation points. A read that is
 * cancelled has read no bytes.
 */
static void *read_and_rearm(void *context)
{
    char byte;
    pthread_cancel(pthread_self());
    (void)!mio_unix_stream_read(context, &byte, 1);
    return NULL;
}

START_TEST(a_read_that_is_cancelled_has_read_nothing)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_stream left;
    mio_unix_stream right;
    char byte;
    void *result = NULL;
    ck_assert_ok(mio_unix_stream_pair(&left, &right, 0));
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &right.source, 1, MIO_READABLE));
    ck_assert_count(mio_unix_stream_write(&left, "x", 1), 1);
    expect_events(poll, {1, MIO_READABLE});
    pthread_t thread = start_thread(read_and_rearm, &right);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    ck_assert_count(mio_unix_stream_read(&right, &byte, 1), 1);
    ck_assert_errno(mio_unix_stream_read(&right, &byte, 1), -EAGAIN);
    ck_assert_count(mio_unix_stream_write(&left, "x", 1), 1);
    expect_events(poll, {1, MIO_READABLE});
    mio_unix_stream_close(&left);
    mio_unix_stream_close(&right);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("cancel");
    TCase *tcase = add_tcase(suite, "cancel");
    tcase_add_backend_test(tcase, a_thread_that_waits_can_be_cancelled);
#ifndef __SANITIZE_THREAD__
    tcase_add_backend_test(tcase, the_others_wait_on_when_one_is_cancelled);
#endif
    tcase_add_backend_test(tcase, a_thread_that_is_to_be_cancelled_begins_no_wait);
    tcase_add_backend_test(tcase, a_wait_that_does_not_block_is_a_cancellation_point);
    tcase_add_backend_test(tcase, a_thread_that_disables_cancellation_is_not_cancelled);
    tcase_add_backend_test(tcase, what_is_no_cancellation_point_is_done_in_full);
    tcase_add_backend_test(tcase, a_read_that_is_cancelled_has_read_nothing);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
