/* SPDX-License-Identifier: MIT */
/*
 * Tests the rules for registering sources and bare descriptors. If a call breaks a rule, it must return the right
 * error. Other files test the flags of an interest (interest_modes.c), two poll objects (two_polls.c) and several
 * threads (threads.c).
 */
#include "../helpers/harness.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif

enum { READ_WRITE = MIO_READABLE | MIO_WRITABLE };

/* A source and a bare descriptor. Each test runs twice: once with the source, and once with the descriptor. */
typedef struct target {
    mio_tcp_stream stream; /* the source to register */
    mio_tcp_stream peer;
    int fd; /* the bare descriptor to register */
    int peer_fd;
    bool is_source;
} target;

enum { KINDS = 2 };

static void open_target(target *t, int kind)
{
    memset(t, 0, sizeof *t);
    t->is_source = kind == 0;
    if (t->is_source) {
        make_tcp_pair(&t->stream, &t->peer);
    } else {
        int fds[2];
        make_socketpair(fds);
        t->fd = fds[0];
        t->peer_fd = fds[1];
    }
}

static void close_target(target *t)
{
    if (t->is_source) {
        mio_tcp_stream_close(&t->stream);
        mio_tcp_stream_close(&t->peer);
    } else {
        close_fd(t->fd);
        close_fd(t->peer_fd);
    }
}

static int add(mio_poll *poll, target *t, uintptr_t token, uint32_t interest)
{
    mio_registry *registry = mio_poll_registry(poll);
    return t->is_source ? mio_registry_register(registry, &t->stream.source, token, interest)
                        : mio_registry_register_handle(registry, t->fd, token, interest);
}

static int modify(mio_poll *poll, target *t, uintptr_t token, uint32_t interest)
{
    mio_registry *registry = mio_poll_registry(poll);
    return t->is_source ? mio_registry_reregister(registry, &t->stream.source, token, interest)
                        : mio_registry_reregister_handle(registry, t->fd, token, interest);
}

static int remove_from(mio_poll *poll, target *t)
{
    mio_registry *registry = mio_poll_registry(poll);
    return t->is_source ? mio_registry_deregister(registry, &t->stream.source)
                        : mio_registry_deregister_handle(registry, t->fd);
}

/* Makes the target readable. */
static void feed(target *t)
{
    if (t->is_source) {
        write_all(&t->peer, "x", 1);
    } else {
        write_byte(t->peer_fd);
    }
}

START_TEST(null_arguments_are_invalid)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_registry *clone = NULL;
    target t;
    open_target(&t, 0);
    ck_assert_errno(mio_registry_register(NULL, &t.stream.source, 1, MIO_READABLE), -EINVAL);
    ck_assert_errno(mio_registry_reregister(NULL, &t.stream.source, 1, MIO_READABLE), -EINVAL);
    ck_assert_errno(mio_registry_deregister(NULL, &t.stream.source), -EINVAL);
    ck_assert_errno(mio_registry_register(registry, NULL, 1, MIO_READABLE), -EINVAL);
    ck_assert_errno(mio_registry_reregister(registry, NULL, 1, MIO_READABLE), -EINVAL);
    ck_assert_errno(mio_registry_deregister(registry, NULL), -EINVAL);
    ck_assert_errno(mio_registry_register_handle(NULL, 0, 1, MIO_READABLE), -EINVAL);
    ck_assert_errno(mio_registry_reregister_handle(NULL, 0, 1, MIO_READABLE), -EINVAL);
    ck_assert_errno(mio_registry_deregister_handle(NULL, 0), -EINVAL);
    ck_assert_errno(mio_registry_clone(&clone, NULL), -EINVAL);
    ck_assert_errno(mio_registry_clone(NULL, registry), -EINVAL);
    ck_assert_ptr_null(clone);
    mio_registry_free(NULL);
    close_target(&t);
    mio_poll_free(poll);
}
END_TEST

START_TEST(unknown_bits_of_an_interest_are_invalid)
{
    const uint32_t known = MIO_READABLE | MIO_WRITABLE | MIO_AIO | MIO_LIO | MIO_PRIORITY | MIO_CLOSED | MIO_LEVEL |
                           MIO_ONESHOT | MIO_EXCLUSIVE;
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        open_target(&t, kind);
        for (unsigned i = 0; i < 32; i++) {
            uint32_t bit = UINT32_C(1) << i;
            if ((bit & known) == 0) {
                ck_assert_errno(add(poll, &t, 1, bit), -EINVAL);
                ck_assert_errno(add(poll, &t, 1, bit | READ_WRITE), -EINVAL);
            }
        }
        /* This call succeeds only if the failed calls above have added no registration. */
        ck_assert_ok(add(poll, &t, 1, MIO_READABLE));
        ck_assert_errno(modify(poll, &t, 2, MIO_WRITABLE | MIO_ERROR), -EINVAL);
        ck_assert_errno(modify(poll, &t, 2, MIO_WRITABLE | MIO_WRITE_CLOSED), -EINVAL);
        ck_assert_errno(modify(poll, &t, 2, MIO_WRITABLE | UINT32_C(0x80000000)), -EINVAL);
        expect_no_events(poll);
        feed(&t);
        expect_events(poll, {1, MIO_READABLE});
        close_target(&t);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(exclusive_with_oneshot_or_more_is_invalid)
{
    static const uint32_t wrong[] = {MIO_ONESHOT,
                                     MIO_PRIORITY,
                                     MIO_CLOSED,
                                     MIO_AIO,
                                     MIO_LIO,
                                     MIO_ONESHOT | MIO_READABLE,
                                     MIO_CLOSED | READ_WRITE,
                                     MIO_ONESHOT | MIO_LEVEL};
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        open_target(&t, kind);
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            ck_assert_errno(add(poll, &t, 1, wrong[i] | MIO_EXCLUSIVE), -EINVAL);
        }
        ck_assert_errno(remove_from(poll, &t), -ENOENT);
        close_target(&t);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(exclusive_cannot_be_reregistered)
{
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS && (mio_poll_capabilities(poll) & MIO_CAN_EXCLUSIVE) != 0; kind++) {
        target t;
        open_target(&t, kind);
        ck_assert_ok(add(poll, &t, 1, MIO_READABLE));
        ck_assert_errno(modify(poll, &t, 2, MIO_READABLE | MIO_EXCLUSIVE), -EINVAL);
        ck_assert_ok(remove_from(poll, &t));
        ck_assert_ok(add(poll, &t, 3, MIO_READABLE | MIO_EXCLUSIVE));
        ck_assert_errno(modify(poll, &t, 4, MIO_READABLE), -EINVAL);
        ck_assert_errno(modify(poll, &t, 4, MIO_READABLE | MIO_EXCLUSIVE), -EINVAL);
        feed(&t);
        expect_events(poll, {3, MIO_READABLE});
        ck_assert_ok(remove_from(poll, &t));
        close_target(&t);
        /* mio_registry_reregister_handle checks the interest first, and then the descriptor. */
        mio_registry *registry = mio_poll_registry(poll);
        ck_assert_errno(mio_registry_reregister_handle(registry, 1 << 20, 5, MIO_READABLE), -EBADF);
        ck_assert_errno(mio_registry_reregister_handle(registry, 1 << 20, 5, MIO_READABLE | MIO_EXCLUSIVE), -EINVAL);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(what_the_backend_lacks_is_not_supported)
{
    static const struct {
        uint32_t interest;
        uint32_t capability;
    } pairs[] = {
        {MIO_LEVEL, MIO_CAN_LEVEL},       {MIO_ONESHOT, MIO_CAN_ONESHOT}, {MIO_EXCLUSIVE, MIO_CAN_EXCLUSIVE},
        {MIO_PRIORITY, MIO_CAN_PRIORITY}, {MIO_CLOSED, MIO_CAN_CLOSED},   {MIO_AIO, MIO_CAN_AIO},
        {MIO_LIO, MIO_CAN_LIO},
    };
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
            target t;
            bool has_it = (mio_poll_capabilities(poll) & pairs[i].capability) != 0;
            open_target(&t, kind);
            ck_assert_errno(add(poll, &t, 1, pairs[i].interest), has_it ? 0 : -ENOTSUP);
            ck_assert_errno(remove_from(poll, &t), has_it ? 0 : -ENOENT);
            ck_assert_ok(add(poll, &t, 2, MIO_READABLE));
            if (pairs[i].interest != MIO_EXCLUSIVE) {
                ck_assert_errno(modify(poll, &t, 3, pairs[i].interest), has_it ? 0 : -ENOTSUP);
            }
            close_target(&t);
        }
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(registering_twice_fails_already_registered)
{
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        open_target(&t, kind);
        ck_assert_ok(add(poll, &t, 1, MIO_READABLE));
        ck_assert_errno(add(poll, &t, 1, MIO_READABLE), -EEXIST);
        ck_assert_errno(add(poll, &t, 2, MIO_WRITABLE), -EEXIST);
        expect_no_events(poll);
        feed(&t);
        expect_events(poll, {1, MIO_READABLE}); /* the second, failed registration has not changed the first */
        close_target(&t);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(reregister_without_register_fails_not_registered)
{
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        open_target(&t, kind);
        ck_assert_errno(modify(poll, &t, 1, READ_WRITE), -ENOENT);
        expect_no_events(poll);
        ck_assert_ok(add(poll, &t, 1, MIO_WRITABLE)); /* the failed reregistration has not registered the target */
        expect_events(poll, {1, MIO_WRITABLE});
        ck_assert_ok(remove_from(poll, &t));
        ck_assert_errno(modify(poll, &t, 1, READ_WRITE), -ENOENT);
        expect_no_events(poll);
        close_target(&t);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(reregister_of_a_pipe_without_a_reader_fails_not_registered)
{
    static const uint32_t interests[] = {MIO_WRITABLE, MIO_WRITABLE | MIO_LEVEL, MIO_WRITABLE | MIO_ONESHOT,
                                         MIO_CLOSED};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int ends[2];
    make_pipe(ends);
    close_fd(ends[0]);
    for (size_t i = 0; i < sizeof interests / sizeof interests[0]; i++) {
        ck_assert_errno(mio_registry_reregister_handle(registry, ends[1], 1, interests[i]), -ENOENT);
        expect_no_events(poll);
        ck_assert_errno(mio_registry_deregister_handle(registry, ends[1]), -ENOENT);
    }
    close_fd(ends[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(deregister_without_register_fails_not_registered)
{
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        target t;
        open_target(&t, kind);
        ck_assert_errno(remove_from(poll, &t), -ENOENT);
        ck_assert_ok(add(poll, &t, 1, MIO_WRITABLE));
        expect_events(poll, {1, MIO_WRITABLE});
        ck_assert_ok(remove_from(poll, &t));
        ck_assert_errno(remove_from(poll, &t), -ENOENT);
        expect_no_events(poll);
        close_target(&t);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(closed_sources_and_descriptors_are_bad)
{
    static const int bad[] = {-1, -2, INT32_MIN, INT32_MAX, 1000000};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_source zero = {{0}};
    int fds[2];
    ck_assert_errno(mio_registry_register(registry, &zero, 1, MIO_READABLE), -EBADF);
    ck_assert_errno(mio_registry_reregister(registry, &zero, 1, MIO_READABLE), -EBADF);
    ck_assert_errno(mio_registry_deregister(registry, &zero), -EBADF);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_errno(mio_registry_register_handle(registry, bad[i], 1, MIO_READABLE), -EBADF);
        ck_assert_errno(mio_registry_reregister_handle(registry, bad[i], 1, MIO_READABLE), -EBADF);
        ck_assert_errno(mio_registry_deregister_handle(registry, bad[i]), -EBADF);
    }
    make_pipe(fds);
    ck_assert_ok(mio_registry_register_handle(registry, fds[0], 1, MIO_READABLE));
    close_fd(fds[0]);
    ck_assert_errno(mio_registry_deregister_handle(registry, fds[0]), -EBADF);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_regular_file_is_not_permitted_however_often_it_is_tried)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_errno(mio_registry_register_handle(registry, fd, 1, MIO_READABLE), -EPERM);
        ck_assert_errno(mio_registry_register_handle(registry, fd, 1, 0), -EPERM);
        ck_assert_errno(mio_registry_deregister_handle(registry, fd), -ENOENT);
    }
    close_fd(fd);
    mio_poll_free(poll);
}
END_TEST

/*
 * No function of mio opens a regular file as a source. So the test replaces the descriptor of an open source with a
 * file, which cannot be polled.
 */
START_TEST(a_source_that_failed_to_register_can_be_tried_again)
{
    mio_poll *poll = open_poll(_i);
    mio_poll *other = open_poll(_i);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    target t;
    open_target(&t, 0);
    int fd = mio_tcp_stream_handle(&t.stream);
    int kept = dup(fd);
    ck_assert_int_eq(dup2(file, fd), fd);
    ck_assert_errno(add(poll, &t, 1, MIO_READABLE), -EPERM);
    ck_assert_errno(add(poll, &t, 1, MIO_READABLE), -EPERM);
    ck_assert_errno(add(other, &t, 1, MIO_READABLE), -EPERM);
    ck_assert_errno(remove_from(poll, &t), -ENOENT);
    ck_assert_int_eq(dup2(kept, fd), fd);
    ck_assert_ok(add(other, &t, 1, MIO_READABLE)); /* now the source can be registered with any poll object */
    feed(&t);
    expect_events(other, {1, MIO_READABLE});
    ck_assert_ok(remove_from(other, &t));
    close_fd(kept);
    close_fd(file);
    close_target(&t);
    mio_poll_free(other);
    mio_poll_free(poll);
}
END_TEST

#ifdef __linux__
START_TEST(pipes_eventfds_and_timerfds_are_watched_without_a_wrapper)
{
    const struct itimerspec soon = {.it_value.tv_nsec = 1000000};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int pipe_fds[2];
    int event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    make_pipe(pipe_fds);
    ck_assert_ok(mio_registry_register_handle(registry, pipe_fds[0], 1, MIO_READABLE));
    ck_assert_ok(mio_registry_register_handle(registry, pipe_fds[1], 2, MIO_WRITABLE));
    ck_assert_ok(mio_registry_register_handle(registry, timer_fd, 3, MIO_READABLE));
    expect_events(poll, {2, MIO_WRITABLE});
    expect_no_events(poll);
    ck_assert_int_eq(timerfd_settime(timer_fd, 0, &soon, NULL), 0);
    expect_events(poll, {3, MIO_READABLE});
    write_byte(pipe_fds[1]);
    expect_events(poll, {1, MIO_READABLE});
    if (event_fd >= 0) { /* variants that act like an old kernel have no eventfd */
        ck_assert_ok(mio_registry_register_handle(registry, event_fd, 4, MIO_READABLE));
        ck_assert_int_eq(eventfd_write(event_fd, 1), 0);
        expect_events(poll, {4, MIO_READABLE});
        close_fd(event_fd);
    }
    close_fd(timer_fd);
    close_fd(pipe_fds[0]);
    close_fd(pipe_fds[1]);
    mio_poll_free(poll);
}
END_TEST
#endif

START_TEST(every_token_value_is_returned_as_it_was_given)
{
    static const uintptr_t tokens[] = {0, 1, INTPTR_MAX, (uintptr_t)INTPTR_MAX + 1, UINTPTR_MAX - 1, UINTPTR_MAX};
    mio_poll *poll = open_poll(_i);
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
            mio_event event;
            target t;
            open_target(&t, kind);
            ck_assert_ok(add(poll, &t, tokens[i], MIO_WRITABLE));
            ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
            ck_assert_uint_eq(event.token, tokens[i]);
            close_target(&t);
        }
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(descriptors_that_share_a_token_give_an_event_each)
{
    mio_poll *poll = open_poll(_i);
    target targets[KINDS];
    mio_event events[KINDS + 1];
    for (int kind = 0; kind < KINDS; kind++) {
        open_target(&targets[kind], kind);
        ck_assert_ok(add(poll, &targets[kind], 6, MIO_WRITABLE));
    }
    ck_assert_int_eq(wait_events(poll, events, KINDS + 1, LONG_WAIT), KINDS);
    for (int kind = 0; kind < KINDS; kind++) {
        ck_assert_uint_eq(events[kind].token, 6);
        ck_assert_uint_eq(events[kind].readiness, MIO_WRITABLE);
        close_target(&targets[kind]);
    }
    mio_poll_free(poll);
}
END_TEST

static void add_error_tests(Suite *suite)
{
    TCase *tcase = add_tcase(suite, "errors");
    tcase_add_backend_test(tcase, null_arguments_are_invalid);
    tcase_add_backend_test(tcase, unknown_bits_of_an_interest_are_invalid);
    tcase_add_backend_test(tcase, exclusive_with_oneshot_or_more_is_invalid);
    tcase_add_backend_test(tcase, exclusive_cannot_be_reregistered);
    tcase_add_backend_test(tcase, what_the_backend_lacks_is_not_supported);
    tcase_add_backend_test(tcase, registering_twice_fails_already_registered);
    tcase_add_backend_test(tcase, reregister_without_register_fails_not_registered);
    tcase_add_backend_test(tcase, reregister_of_a_pipe_without_a_reader_fails_not_registered);
    tcase_add_backend_test(tcase, deregister_without_register_fails_not_registered);
    tcase_add_backend_test(tcase, closed_sources_and_descriptors_are_bad);
    tcase_add_backend_test(tcase, a_regular_file_is_not_permitted_however_often_it_is_tried);
    tcase_add_backend_test(tcase, a_source_that_failed_to_register_can_be_tried_again);
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("registry");
    add_error_tests(suite);
    TCase *handles = add_tcase(suite, "handles and tokens");
#ifdef __linux__
    tcase_add_backend_test(handles, pipes_eventfds_and_timerfds_are_watched_without_a_wrapper);
#endif
    tcase_add_backend_test(handles, every_token_value_is_returned_as_it_was_given);
    tcase_add_backend_test(handles, descriptors_that_share_a_token_give_an_event_each);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
