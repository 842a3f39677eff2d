/* SPDX-License-Identifier: MIT */
/*
 * Tests a program that closes a registered descriptor and does not deregister it. Then the program opens a file that
 * gets the same descriptor number. No event may have the token of the closed file. The call that registers the new file
 * must succeed.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { OLD = 1, NEW = 2 };

/*
 * A kind of file. `open` returns a readable file, and stores the descriptor of the other end, or -1, in `other`. On
 * Linux, all eventfds and timerfds share one inode.
 */
typedef struct kind {
    const char *name;
    int (*open)(int *other);
} kind;

static int open_pipe(int *other)
{
    int fds[2];
    make_pipe(fds);
    write_byte(fds[1]);
    *other = fds[1];
    return fds[0];
}

static int open_stream(int *other)
{
    int fds[2];
    make_socketpair(fds);
    write_byte(fds[1]);
    *other = fds[1];
    return fds[0];
}

static int open_counter(int *other)
{
    *other = -1;
    return eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
}

static int open_timer(int *other)
{
    const struct itimerspec at_once = {.it_value = {.tv_nsec = 1}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    ck_assert_int_eq(timerfd_settime(fd, 0, &at_once, NULL), 0);
    wait_handle(fd, POLLIN);
    *other = -1;
    return fd;
}

static const kind kinds[] = {
    {"pipe", open_pipe},
    {"stream", open_stream},
    {"eventfd", open_counter},
    {"timerfd", open_timer},
};

static const uint32_t interests[] = {
    MIO_READABLE,
    MIO_READABLE | MIO_LEVEL,
    MIO_READABLE | MIO_ONESHOT,
};

/* Opens a file of kind `k` as descriptor `number`. */
static void open_as(const kind *k, int number, int *other)
{
    int fd = k->open(other);
    ck_assert_int_ge(fd, 0);
    if (fd != number) {
        ck_assert_int_eq(dup3(fd, number, O_CLOEXEC), number);
        close_fd(fd);
    }
}

static void close_all(int fd, int other)
{
    close_fd(fd);
    if (other != -1) {
        close_fd(other);
    }
}

/*
 * Registers a file, and closes it while it is registered. Then opens a second file with the same descriptor number.
 * Returns this number.
 */
static int use_again(mio_poll *poll, const kind *k, uint32_t interest, int *other)
{
    int fd = k->open(other);
    ck_assert_int_ge(fd, 0);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fd, OLD, interest));
    close_all(fd, *other);
    open_as(k, fd, other);
    return fd;
}

static void with_every_kind(int variant, void (*body)(mio_poll *poll, const kind *k, uint32_t interest))
{
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (size_t i = 0; i < sizeof interests / sizeof *interests; i++) {
            mio_poll *poll = open_poll(variant);
            if (kinds[k].open != open_counter || !variant_is_fallback(variant)) {
                body(poll, &kinds[k], interests[i]);
            }
            mio_poll_free(poll);
        }
    }
}

static void look_at_new(mio_poll *poll, const kind *k, uint32_t interest)
{
    mio_event event;
    int other;
    int fd = use_again(poll, k, interest, &other);
    ck_assert_msg(wait_events(poll, &event, 1, MS(5)) == 0, "%s: the old token for the new file", k->name);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fd, NEW, interest));
    expect_events(poll, {NEW, MIO_READABLE});
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fd));
    close_all(fd, other);
}

START_TEST(a_new_file_is_not_reported_under_the_old_token)
{
    with_every_kind(_i, look_at_new);
}
END_TEST

static void register_new(mio_poll *poll, const kind *k, uint32_t interest)
{
    mio_event event;
    int other;
    int fd = use_again(poll, k, interest, &other);
    int result = mio_registry_register_handle(mio_poll_registry(poll), fd, NEW, interest);
    ck_assert_msg(result == 0, "%s: %s", k->name, mio_error_name(result));
    ck_assert_errno(mio_registry_register_handle(mio_poll_registry(poll), fd, NEW, interest), -EEXIST);
    ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, NEW);
    close_all(fd, other);
    ck_assert_int_eq(wait_events(poll, &event, 1, MS(5)), 0);
}

START_TEST(a_new_file_can_be_registered)
{
    with_every_kind(_i, register_new);
}
END_TEST

/*
 * An event has reported the old file before the program closes it. After the program has registered the new file, an
 * event must also report the new file.
 */
static void register_after_a_report(mio_poll *poll, const kind *k, uint32_t interest)
{
    int other;
    int fd = k->open(&other);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fd, OLD, interest));
    expect_events(poll, {OLD, MIO_READABLE});
    close_all(fd, other);
    open_as(k, fd, &other);
    ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fd, NEW, interest));
    expect_events(poll, {NEW, MIO_READABLE});
    ck_assert_ok(mio_registry_deregister_handle(mio_poll_registry(poll), fd));
    close_all(fd, other);
}

START_TEST(a_new_file_can_be_registered_after_the_old_one_was_reported)
{
    with_every_kind(_i, register_after_a_report);
}
END_TEST

static void change_new(mio_poll *poll, const kind *k, uint32_t interest)
{
    mio_registry *registry = mio_poll_registry(poll);
    int other;
    int fd = use_again(poll, k, interest, &other);
    ck_assert_errno(mio_registry_reregister_handle(registry, fd, NEW, interest), -ENOENT);
    ck_assert_errno(mio_registry_deregister_handle(registry, fd), -ENOENT);
    close_all(fd, other);
    fd = use_again(poll, k, interest, &other);
    ck_assert_errno(mio_registry_deregister_handle(registry, fd), -ENOENT);
    close_all(fd, other);
    ck_assert_errno(mio_registry_reregister_handle(registry, fd, NEW, interest), -EBADF);
    ck_assert_errno(mio_registry_deregister_handle(registry, fd), -EBADF);
}

START_TEST(a_new_file_is_not_registered)
{
    with_every_kind(_i, change_new);
}
END_TEST

/*
 * The program deregisters and closes a descriptor, but a duplicate keeps the file open. The program then calls dup3 to
 * give the file a new descriptor, with the number of the closed descriptor. The call that registers the new descriptor
 * must succeed.
 */
START_TEST(a_duplicate_that_comes_to_the_number_can_be_registered)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    mio_event event;
    int fds[2];
    make_pipe(fds);
    int duplicate = fcntl(fds[0], F_DUPFD_CLOEXEC, 0);
    ck_assert_ok(mio_registry_register_handle(registry, fds[0], OLD, MIO_READABLE));
    ck_assert_ok(mio_registry_deregister_handle(registry, fds[0]));
    close_fd(fds[0]);
    ck_assert_int_eq(dup3(duplicate, fds[0], O_CLOEXEC), fds[0]);
    ck_assert_ok(mio_registry_register_handle(registry, fds[0], NEW, MIO_READABLE));
    ck_assert_errno(mio_registry_register_handle(registry, fds[0], NEW, MIO_READABLE), -EEXIST);
    write_byte(fds[1]);
    ck_assert_int_eq(wait_events(poll, &event, 1, LONG_WAIT), 1);
    ck_assert_uint_eq(event.token, NEW);
    close_fd(duplicate);
    close_fd(fds[0]);
    close_fd(fds[1]);
    mio_poll_free(poll);
}
END_TEST

/*
 * Uses the poll backend in a sandbox that refuses epoll. The poll backend normally uses an epoll instance to notice
 * that a descriptor number now belongs to another file. Without the epoll instance, the backend compares inodes.
 */
static int look_without_a_ledger(void *context)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll;
    mio_event event;
    int fds[2];
    (void)context;
    options.backend = "poll";
    if (!refuse_epoll(EPERM)) {
        return SKIPPED;
    }
    require(mio_poll_new(&poll, &options) == 0);
    mio_registry *registry = mio_poll_registry(poll);
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    require(mio_registry_register_handle(registry, file, OLD, MIO_READABLE) == -EPERM);
    int name = open("/", O_PATH | O_CLOEXEC);
    require(mio_registry_register_handle(registry, name, OLD, MIO_READABLE) == -EBADF);
    require(pipe(fds) == 0);
    require(mio_registry_register_handle(registry, fds[0], OLD, MIO_READABLE) == 0);
    require(mio_registry_register_handle(registry, fds[0], OLD, MIO_READABLE) == -EEXIST);
    require(mio_registry_reregister_handle(registry, fds[0], OLD, MIO_READABLE) == 0);
    close(fds[0]);
    close(fds[1]);
    int first = fds[0];
    require(pipe(fds) == 0 && fds[0] == first && write(fds[1], "x", 1) == 1);
    require(mio_poll_wait(poll, &event, 1, 0) == 0);
    require(mio_registry_deregister_handle(registry, fds[0]) == -ENOENT);
    require(mio_registry_register_handle(registry, fds[0], NEW, MIO_READABLE) == 0);
    require(mio_poll_wait(poll, &event, 1, 0) == 1 && event.token == NEW);
    require(mio_registry_deregister_handle(registry, fds[0]) == 0);
    mio_poll_free(poll);
    return 0;
}

START_TEST(files_are_told_apart_without_a_ledger)
{
    run_apart(look_without_a_ledger, NULL);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("closed_handles");
    TCase *again = add_tcase(suite, "used again");
    tcase_add_backend_test(again, a_new_file_is_not_reported_under_the_old_token);
    tcase_add_backend_test(again, a_new_file_can_be_registered);
    tcase_add_backend_test(again, a_new_file_can_be_registered_after_the_old_one_was_reported);
    tcase_add_backend_test(again, a_new_file_is_not_registered);
    tcase_add_backend_test(again, a_duplicate_that_comes_to_the_number_can_be_registered);
    tcase_add_test(again, files_are_told_apart_without_a_ledger);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
