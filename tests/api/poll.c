/* SPDX-License-Identifier: MIT */
/*
 * Tests mio_poll_new and mio_poll_free, nested poll objects, and the options, backends and capabilities of a poll
 * object. The tests of waits are in poll_wait.c.
 */
#include "../helpers/harness.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * UNTOUCHED is not the address of any poll object. A failed mio_poll_new must not replace UNTOUCHED with another
 * pointer.
 */
static char nobody;
#define UNTOUCHED ((mio_poll *)(void *)&nobody)

/* Calls mio_poll_new with these options. It must return `code` and leak no descriptor. */
static void expect_new_fails(const mio_poll_options *options, int code)
{
    mio_poll *poll = UNTOUCHED;
    int before = count_descriptors();
    ck_assert_errno(mio_poll_new(&poll, options), code);
    ck_assert_ptr_eq(poll, UNTOUCHED);
    ck_assert_int_eq(count_descriptors(), before);
}

/* Checks that mio_poll_new succeeds with these options. */
static void expect_new_works(const mio_poll_options *options)
{
    mio_poll *poll = NULL;
    ck_assert_ok(mio_poll_new(&poll, options));
    ck_assert_ptr_nonnull(poll);
    mio_poll_free(poll);
}

START_TEST(null_poll_is_invalid)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    ck_assert_errno(mio_poll_new(NULL, NULL), -EINVAL);
    ck_assert_errno(mio_poll_new(NULL, &options), -EINVAL);
}
END_TEST

START_TEST(null_options_give_the_best_backend)
{
    mio_poll *poll = NULL;
    ck_assert_ok(mio_poll_new(&poll, NULL));
    ck_assert_str_eq(mio_poll_backend(poll), mio_poll_backend_name(0));
    mio_poll_free(poll);
}
END_TEST

START_TEST(initial_options_are_the_same_as_none)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    ck_assert_uint_eq(options.size, sizeof options);
    ck_assert_uint_eq(options.flags, 0);
    ck_assert_ptr_null(options.backend);
    ck_assert_ok(mio_poll_new(&poll, &options));
    ck_assert_str_eq(mio_poll_backend(poll), mio_poll_backend_name(0));
    mio_poll_free(poll);
}
END_TEST

START_TEST(unknown_flags_are_invalid)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    for (unsigned bit = 0; bit < 32; bit++) {
        options.flags = UINT32_C(1) << bit;
        if (options.flags == MIO_POLL_RESTART) {
            expect_new_works(&options);
        } else {
            expect_new_fails(&options, -EINVAL);
            options.flags |= MIO_POLL_RESTART;
            expect_new_fails(&options, -EINVAL);
        }
    }
}
END_TEST

START_TEST(options_below_the_first_size_are_invalid)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    for (uint32_t size = 0; size < sizeof options; size++) {
        options.size = size;
        expect_new_fails(&options, -EINVAL);
    }
}
END_TEST

/* The options of a later release, which has added members after the known members. */
typedef struct later_options {
    mio_poll_options known;
    unsigned char unknown[4000];
} later_options;

START_TEST(options_of_a_newer_version_that_ask_nothing_new_work)
{
    later_options options = {.known = MIO_POLL_OPTIONS_INIT};
    for (size_t more = 1; more <= sizeof options.unknown; more += more < 32 ? 1 : 331) {
        options.known.size = (uint32_t)(sizeof options.known + more);
        expect_new_works(&options.known);
    }
}
END_TEST

START_TEST(options_of_a_newer_version_that_ask_for_the_unknown_are_too_big)
{
    later_options options = {.known = MIO_POLL_OPTIONS_INIT};
    options.known.size = (uint32_t)sizeof options;
    for (size_t at = 0; at < sizeof options.unknown; at += at < 32 ? 1 : 331) {
        options.unknown[at] = 0x80;
        expect_new_fails(&options.known, -E2BIG);
        options.unknown[at] = 0;
    }
    options.unknown[sizeof options.unknown - 1] = 1;
    expect_new_fails(&options.known, -E2BIG);
    /* The library reads no bytes beyond `size`, so the last byte no longer counts. */
    options.known.size--;
    expect_new_works(&options.known);
}
END_TEST

START_TEST(options_with_a_garbage_size_are_too_big)
{
    static mio_poll_options options; /* zeros follow, up to the end of the memory of the process */
    options.size = UINT32_MAX;
    expect_new_fails(&options, -E2BIG);
}
END_TEST

START_TEST(unknown_backend_is_not_supported)
{
    static const char *const names[] = {"", "EPOLL", "epol", "epolll", "epoll ", "select", "no-such-backend", "\xff"};
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        options.backend = names[i];
        expect_new_fails(&options, -ENOTSUP);
    }
}
END_TEST

START_TEST(backend_is_chosen_by_name)
{
    mio_poll *poll = open_poll(_i);
    ck_assert_str_eq(mio_poll_backend(poll), variant_backend(_i));
    mio_poll_free(poll);
}
END_TEST

START_TEST(backend_of_the_environment_is_used)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = NULL;
    enter_variant(_i);
    ck_assert_int_eq(setenv("MIO_BACKEND", variant_backend(_i), 1), 0);
    ck_assert_ok(mio_poll_new(&poll, NULL));
    ck_assert_str_eq(mio_poll_backend(poll), variant_backend(_i));
    mio_poll_free(poll);
    ck_assert_ok(mio_poll_new(&poll, &options));
    ck_assert_str_eq(mio_poll_backend(poll), variant_backend(_i));
    mio_poll_free(poll);
    unsetenv("MIO_BACKEND");
}
END_TEST

START_TEST(empty_backend_of_the_environment_is_none)
{
    mio_poll *poll = NULL;
    ck_assert_int_eq(setenv("MIO_BACKEND", "", 1), 0);
    ck_assert_ok(mio_poll_new(&poll, NULL));
    ck_assert_str_eq(mio_poll_backend(poll), mio_poll_backend_name(0));
    mio_poll_free(poll);
    unsetenv("MIO_BACKEND");
}
END_TEST

START_TEST(unknown_backend_of_the_environment_is_not_supported)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    ck_assert_int_eq(setenv("MIO_BACKEND", "no-such-backend", 1), 0);
    expect_new_fails(NULL, -ENOTSUP);
    expect_new_fails(&options, -ENOTSUP);
    /* If the options name a backend, the library ignores the environment variable MIO_BACKEND. */
    options.backend = mio_poll_backend_name(0);
    expect_new_works(&options);
    unsetenv("MIO_BACKEND");
}
END_TEST

START_TEST(backend_names_are_constant_and_distinct)
{
    size_t count = 0;
    while (mio_poll_backend_name(count) != NULL) {
        ck_assert_str_ne(mio_poll_backend_name(count), "");
        ck_assert_ptr_eq(mio_poll_backend_name(count), mio_poll_backend_name(count));
        for (size_t i = 0; i < count; i++) {
            ck_assert_str_ne(mio_poll_backend_name(i), mio_poll_backend_name(count));
        }
        count++;
    }
    ck_assert_uint_ge(count, 1);
    ck_assert_ptr_null(mio_poll_backend_name(count + 1));
    ck_assert_ptr_null(mio_poll_backend_name(1000));
    ck_assert_ptr_null(mio_poll_backend_name(SIZE_MAX));
}
END_TEST

START_TEST(capabilities_of_epoll)
{
    const uint32_t always = MIO_CAN_EDGE | MIO_CAN_LEVEL | MIO_CAN_ONESHOT | MIO_CAN_EXCLUSIVE | MIO_CAN_PRIORITY |
                            MIO_CAN_CLOSED | MIO_CAN_NEST | MIO_CAN_SIGMASK | MIO_CAN_CLOSE;
    mio_poll *poll = open_poll(_i);
    if (strcmp(variant_backend(_i), "epoll") == 0) {
        uint32_t can = mio_poll_capabilities(poll);
        ck_assert_uint_eq(can & ~MIO_CAN_NS, always);
        if (variant_is_fallback(_i)) {
            ck_assert_uint_eq(can & MIO_CAN_NS, 0);
        }
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(capabilities_of_a_backend_are_those_of_its_poll_objects)
{
    mio_poll *poll = open_poll(_i);
    uint32_t can = 0;
    int before = count_descriptors();
    ck_assert_ok(mio_poll_backend_capabilities(variant_backend(_i), &can));
    ck_assert_uint_eq(can, mio_poll_capabilities(poll));
    ck_assert_int_eq(count_descriptors(), before);
    can = 77;
    ck_assert_errno(mio_poll_backend_capabilities("no-such-backend", &can), -ENOTSUP);
    ck_assert_uint_eq(can, 77);
    mio_poll_free(poll);
}
END_TEST

START_TEST(without_a_name_the_capabilities_are_those_of_the_default)
{
    uint32_t can = 0;
    uint32_t wanted = 0;
    ck_assert_int_eq(unsetenv("MIO_BACKEND"), 0);
    ck_assert_ok(mio_poll_backend_capabilities(NULL, &can));
    ck_assert_ok(mio_poll_backend_capabilities(mio_poll_backend_name(0), &wanted));
    ck_assert_uint_eq(can, wanted);
    ck_assert_int_eq(setenv("MIO_BACKEND", "poll", 1), 0);
    ck_assert_ok(mio_poll_backend_capabilities(NULL, &can));
    ck_assert_ok(mio_poll_backend_capabilities("poll", &wanted));
    ck_assert_uint_eq(can, wanted);
    ck_assert_int_eq(unsetenv("MIO_BACKEND"), 0);
}
END_TEST

/*
 * With MIO_CAN_CLOSE, a program may close a descriptor without deregistering it. After the close, no event has the
 * token of the descriptor, even if another file gets the number of the descriptor.
 */
START_TEST(with_can_close_a_closed_descriptor_is_registered_no_longer)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_event event;
    int fds[2];
    int others[2];
    if ((mio_poll_capabilities(poll) & MIO_CAN_CLOSE) != 0) {
        ck_assert_int_eq(pipe(fds), 0);
        ck_assert_int_eq(pipe(others), 0);
        ck_assert_ok(mio_registry_register_handle(registry, fds[0], 1, MIO_READABLE));
        ck_assert_int_eq(close(fds[0]), 0);
        ck_assert_int_eq(dup2(others[0], fds[0]), fds[0]);
        ck_assert_int_eq(write(others[1], "x", 1), 1);
        ck_assert_count(mio_poll_wait(poll, &event, 1, 0), 0);
        ck_assert_errno(mio_registry_deregister_handle(registry, fds[0]), -ENOENT);
        ck_assert_ok(mio_registry_register_handle(registry, fds[0], 2, MIO_READABLE));
        ck_assert_count(mio_poll_wait(poll, &event, 1, 0), 1);
        ck_assert_uint_eq(event.token, 2);
        close(fds[0]);
        close(fds[1]);
        close(others[0]);
        close(others[1]);
    }
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_registry_gives_the_handle_of_its_poll_object)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *clone = NULL;
    ck_assert_int_eq(mio_registry_poll_handle(mio_poll_registry(poll)), mio_poll_handle(poll));
    ck_assert_ok(mio_registry_clone(&clone, mio_poll_registry(poll)));
    ck_assert_int_eq(mio_registry_poll_handle(clone), mio_poll_handle(poll));
    if ((mio_poll_capabilities(poll) & MIO_CAN_NEST) != 0) {
        ck_assert_int_ge(mio_registry_poll_handle(clone), 0);
    } else {
        ck_assert_errno(mio_registry_poll_handle(clone), -ENOTSUP);
    }
    mio_poll_free(poll);
    ck_assert_errno(mio_registry_poll_handle(clone), -EBADF);
    ck_assert_errno(mio_registry_poll_handle(NULL), -EINVAL);
    mio_registry_free(clone);
}
END_TEST

START_TEST(null_poll_has_no_parts)
{
    ck_assert_ptr_null(mio_poll_registry(NULL));
    ck_assert_ptr_null(mio_poll_backend(NULL));
    ck_assert_uint_eq(mio_poll_capabilities(NULL), 0);
    ck_assert_errno(mio_poll_handle(NULL), -EINVAL);
    mio_poll_free(NULL);
}
END_TEST

START_TEST(registry_of_a_poll_is_always_the_same)
{
    mio_poll *poll = open_poll(_i);
    ck_assert_ptr_nonnull(mio_poll_registry(poll));
    ck_assert_ptr_eq(mio_poll_registry(poll), mio_poll_registry(poll));
    mio_poll_free(poll);
}
END_TEST

START_TEST(every_descriptor_is_close_on_exec_and_non_blocking)
{
    bool was_open[256];
    mio_waker *waker = NULL;
    enter_variant(_i);
    for (int fd = 0; fd < 256; fd++) {
        was_open[fd] = is_open(fd);
    }
    mio_poll *poll = open_poll(_i);
    ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 1));
    for (int fd = 0; fd < 256; fd++) {
        if (!was_open[fd] && is_open(fd)) {
            ck_assert_msg(is_cloexec(fd), "descriptor %d is inherited by programs", fd);
            ck_assert_msg(fd == mio_poll_handle(poll) || is_nonblocking(fd), "descriptor %d is blocking", fd);
        }
    }
    mio_waker_free(waker);
    mio_poll_free(poll);
}
END_TEST

START_TEST(two_thousand_polls_made_and_dropped_leak_no_descriptor)
{
    enter_variant(_i);
    int before = count_descriptors();
    for (int i = 0; i < 2000; i++) {
        mio_poll *poll = open_poll(_i);
        mio_waker *waker = NULL;
        if (i % 2 == 0) {
            ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(poll), 1));
        }
        if (i % 4 == 0) {
            mio_waker_free(waker);
            waker = NULL;
        }
        mio_poll_free(poll);
        mio_waker_free(waker);
    }
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(a_poll_object_has_the_descriptors_that_its_page_says)
{
    enter_variant(_i);
    int before = count_descriptors();
    mio_poll *poll = open_poll(_i);
    int own = count_descriptors() - before;
    if (strcmp(mio_poll_backend(poll), "epoll") == 0) ck_assert_int_eq(own, 1);
    if (strcmp(mio_poll_backend(poll), "poll") == 0) ck_assert(own == 4 || own == 5);
    mio_poll_free(poll);
}
END_TEST

START_TEST(no_descriptor_left_is_an_error_without_a_trace)
{
    struct rlimit limit;
    struct rlimit lowered;
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll = UNTOUCHED;
    enter_variant(_i);
    options.backend = variant_backend(_i);
    int before = count_descriptors();
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    lowered = limit;
    lowered.rlim_cur = (rlim_t)lowest_free_descriptor();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lowered), 0);
    int rc = mio_poll_new(&poll, &options);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_errno(rc, -EMFILE);
    ck_assert_ptr_eq(poll, UNTOUCHED);
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

START_TEST(what_is_registered_stays_open_when_the_poll_ends)
{
    mio_poll *poll = open_poll(_i);
    mio_tcp_stream client;
    mio_tcp_stream server;
    char byte = 0;
    int fds[2];
    make_pipe(fds);
    make_tcp_pair(&client, &server);
    ck_assert_ok(mio_registry_register(mio_poll_registry(poll), &client.source, 1, MIO_READABLE));
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[0], 2, MIO_READABLE));
    mio_poll_free(poll);
    ck_assert(is_open(fds[0]));
    write_all(&server, "a", 1);
    read_all(&client, &byte, 1);
    ck_assert_int_eq(byte, 'a');
    mio_tcp_stream_close(&client);
    mio_tcp_stream_close(&server);
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

/* Returns whether poll(2) reports the descriptor as readable now. */
static bool is_ready(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, 0) == 1;
}

START_TEST(poll_handle_in_poll_2_is_readable_when_there_are_events)
{
    mio_poll *poll = open_poll(_i);
    mio_event event;
    int fds[2];
    if ((mio_poll_capabilities(poll) & MIO_CAN_NEST) == 0) {
        ck_assert_errno(mio_poll_handle(poll), -ENOTSUP);
        mio_poll_free(poll);
        return;
    }
    int handle = mio_poll_handle(poll);
    ck_assert_int_ge(handle, 0);
    ck_assert_int_eq(handle, mio_poll_handle(poll));
    ck_assert(!is_ready(handle));
    make_pipe(fds);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[0], 1, MIO_READABLE));
    ck_assert(!is_ready(handle));
    write_byte(fds[1]);
    ck_assert(is_ready(handle));
    ck_assert_int_eq(wait_events(poll, &event, 1, 0), 1);
    ck_assert(!is_ready(handle));
    mio_poll_free(poll);
    close_fd(fds[0]);
    close_fd(fds[1]);
}
END_TEST

/*
 * poll(2) reports a poll object's handle as readable until the program has fetched the last event. An edge-triggered
 * registration of the handle reports one event.
 */
START_TEST(poll_handle_is_readable_until_the_last_event_is_taken)
{
    mio_poll *outer = open_poll(_i);
    mio_poll *inner = open_poll(_i);
    mio_event event;
    int fds[2][2];
    if ((mio_poll_capabilities(inner) & MIO_CAN_NEST) != 0) {
        int handle = mio_poll_handle(inner);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(outer), handle, 7, MIO_READABLE));
        for (uintptr_t i = 0; i < 2; i++) {
            make_pipe(fds[i]);
            ck_assert_ok(mio_registry_register_handle(mio_poll_registry(inner), fds[i][0], i, MIO_READABLE));
            write_byte(fds[i][1]);
        }
        expect_events(outer, {7, MIO_READABLE});
        ck_assert_int_eq(wait_events(inner, &event, 1, 0), 1);
        ck_assert(is_ready(handle));
        expect_no_events(outer);
        ck_assert_int_eq(wait_events(inner, &event, 1, 0), 1);
        ck_assert(!is_ready(handle));
        for (int i = 0; i < 2; i++) {
            close_fd(fds[i][0]);
            close_fd(fds[i][1]);
        }
    }
    mio_poll_free(inner);
    mio_poll_free(outer);
}
END_TEST

START_TEST(poll_handle_nests_in_another_poll)
{
    mio_poll *outer = open_poll(_i);
    mio_poll *inner = open_poll(_i);
    mio_waker *waker = NULL;
    if ((mio_poll_capabilities(inner) & MIO_CAN_NEST) != 0) {
        int handle = mio_poll_handle(inner);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(outer), handle, 7, MIO_READABLE));
        ck_assert_ok(mio_waker_new(&waker, mio_poll_registry(inner), 8));
        expect_no_events(outer);
        ck_assert_ok(mio_waker_wake(waker));
        expect_events(outer, {7, MIO_READABLE});
        expect_events(inner, {8, MIO_READABLE});
        expect_no_events(outer);
        ck_assert_ok(mio_waker_wake(waker));
        expect_events(outer, {7, MIO_READABLE});
    }
    mio_waker_free(waker);
    mio_poll_free(inner);
    mio_poll_free(outer);
}
END_TEST

START_TEST(polls_nested_in_a_ring_or_too_deep_are_refused)
{
    enum { DEPTH = 12 };
    mio_poll *polls[DEPTH];
    int rc = 0;
    for (int i = 0; i < DEPTH; i++) {
        polls[i] = open_poll(_i);
    }
    if ((mio_poll_capabilities(polls[0]) & MIO_CAN_NEST) != 0) {
        mio_registry *first = mio_poll_registry(polls[0]);
        mio_registry *second = mio_poll_registry(polls[1]);
        ck_assert_errno(mio_registry_register_handle(first, mio_poll_handle(polls[0]), 1, MIO_READABLE), -EINVAL);
        ck_assert_ok(mio_registry_register_handle(first, mio_poll_handle(polls[1]), 1, MIO_READABLE));
        ck_assert_errno(mio_registry_register_handle(second, mio_poll_handle(polls[0]), 1, MIO_READABLE), -ELOOP);
        for (int i = 1; i + 1 < DEPTH && rc == 0; i++) {
            mio_registry *registry = mio_poll_registry(polls[i]);
            rc = mio_registry_register_handle(registry, mio_poll_handle(polls[i + 1]), 1, MIO_READABLE);
        }
        ck_assert_errno(rc, -ELOOP);
    }
    for (int i = 0; i < DEPTH; i++) {
        mio_poll_free(polls[i]);
    }
}
END_TEST

static void add_object_tests(Suite *suite)
{
    TCase *tcase = add_tcase(suite, "object");
    tcase_add_backend_test(tcase, backend_is_chosen_by_name);
    tcase_add_backend_test(tcase, backend_of_the_environment_is_used);
    tcase_add_test(tcase, empty_backend_of_the_environment_is_none);
    tcase_add_test(tcase, unknown_backend_of_the_environment_is_not_supported);
    tcase_add_test(tcase, backend_names_are_constant_and_distinct);
    tcase_add_backend_test(tcase, capabilities_of_epoll);
    tcase_add_backend_test(tcase, capabilities_of_a_backend_are_those_of_its_poll_objects);
    tcase_add_test(tcase, without_a_name_the_capabilities_are_those_of_the_default);
    tcase_add_backend_test(tcase, with_can_close_a_closed_descriptor_is_registered_no_longer);
    tcase_add_backend_test(tcase, a_registry_gives_the_handle_of_its_poll_object);
    tcase_add_test(tcase, null_poll_has_no_parts);
    tcase_add_backend_test(tcase, registry_of_a_poll_is_always_the_same);
    tcase_add_backend_test(tcase, every_descriptor_is_close_on_exec_and_non_blocking);
    tcase_add_backend_test(tcase, two_thousand_polls_made_and_dropped_leak_no_descriptor);
    tcase_add_backend_test(tcase, a_poll_object_has_the_descriptors_that_its_page_says);
    tcase_add_backend_test(tcase, no_descriptor_left_is_an_error_without_a_trace);
    tcase_add_backend_test(tcase, what_is_registered_stays_open_when_the_poll_ends);
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("poll");
    TCase *options = add_tcase(suite, "options");
    tcase_add_test(options, null_poll_is_invalid);
    tcase_add_test(options, null_options_give_the_best_backend);
    tcase_add_test(options, initial_options_are_the_same_as_none);
    tcase_add_test(options, unknown_flags_are_invalid);
    tcase_add_test(options, options_below_the_first_size_are_invalid);
    tcase_add_test(options, options_of_a_newer_version_that_ask_nothing_new_work);
    tcase_add_test(options, options_of_a_newer_version_that_ask_for_the_unknown_are_too_big);
    tcase_add_test(options, options_with_a_garbage_size_are_too_big);
    tcase_add_test(options, unknown_backend_is_not_supported);
    add_object_tests(suite);
    TCase *nesting = add_tcase(suite, "nesting");
    tcase_add_backend_test(nesting, poll_handle_in_poll_2_is_readable_when_there_are_events);
    tcase_add_backend_test(nesting, poll_handle_is_readable_until_the_last_event_is_taken);
    tcase_add_backend_test(nesting, poll_handle_nests_in_another_poll);
    tcase_add_backend_test(nesting, polls_nested_in_a_ring_or_too_deep_are_refused);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
