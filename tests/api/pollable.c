/* SPDX-License-Identifier: MIT */
/*
 * Tests which files a program can register. If the system can poll a file, a program can register it with every
 * backend, whatever the type of the file. If the system refuses a registration, the earlier registrations still work.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TOKEN = 1, OTHER = 2 };

/* Returns 0 if epoll_ctl(2) can register the file, and a negative errno value otherwise. */
static int ask_the_kernel(int fd)
{
    struct epoll_event nothing = {.events = 0};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int result = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &nothing) == 0 ? 0 : -errno;
    close_fd(epoll);
    return result;
}

START_TEST(every_file_that_the_kernel_polls_can_be_registered)
{
    static const char *const paths[] = {
        "/proc/self/mountinfo",
        "/proc/self/mounts",
        "/proc/swaps",
        "/proc/pressure/cpu",
        "/proc/self/status",
        "/proc/sys/kernel/hostname",
        "/sys/class/net/lo/operstate",
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/urandom",
        "/dev/ptmx",
        "/etc/passwd",
        "/",
    };
    static const uint32_t interests[] = {MIO_PRIORITY, MIO_READABLE | MIO_LEVEL, 0};
    mio_poll *poll = open_poll(_i);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = open(paths[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (fd == -1) {
            continue; /* this system has no such file */
        }
        for (size_t k = 0; k < sizeof interests / sizeof *interests; k++) {
            int wanted = ask_the_kernel(fd);
            int result = mio_registry_register_handle(mio_poll_registry(poll), fd, TOKEN, interests[k]);
            ck_assert_msg(result == wanted, "%s: %s, not %s", paths[i], errno_name(result), errno_name(wanted));
            if (result == 0) {
                ck_assert_ok(mio_registry_reregister_handle(mio_poll_registry(poll), fd, OTHER, interests[k]));
            }
            ck_assert_errno(mio_registry_deregister_handle(mio_poll_registry(poll), fd), result == 0 ? 0 : -ENOENT);
        }
        close_fd(fd);
    }
    mio_poll_free(poll);
}
END_TEST

static int watch_mounts(void *context)
{
    char bytes[4096];
    mio_event event;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0) {
        return SKIPPED;
    }
    mio_poll *poll = open_poll(*(const int *)context);
    int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    require(mio_registry_register_handle(mio_poll_registry(poll), fd, TOKEN, MIO_PRIORITY) == 0);
    require(mio_poll_wait(poll, &event, 1, 0) >= 0);
    for (int round = 0; round < 3; round++) {
        while (read(fd, bytes, sizeof bytes) > 0) {}
        used_up(poll, fd);
        require(mio_poll_wait(poll, &event, 1, 0) == 0);
        require(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
        require(mio_poll_wait(poll, &event, 1, LONG_WAIT) == 1 && event.token == TOKEN);
        require(mio_event_is_priority(&event));
        require(mio_poll_wait(poll, &event, 1, 0) == 0);
        require(lseek(fd, 0, SEEK_SET) == 0);
    }
    close(fd);
    mio_poll_free(poll);
    return 0;
}

START_TEST(every_change_of_the_mounts_is_an_event)
{
    run_apart(watch_mounts, &_i);
}
END_TEST

START_TEST(a_descriptor_that_only_names_a_file_is_ebadf)
{
    static const char *const paths[] = {"/", "/etc/passwd", "/dev/null", "pollable.fifo"};
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    char folder[] = "/tmp/mio-pollable-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(mkfifoat(at, "pollable.fifo", 0600), 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        int fd = openat(at, paths[i], O_PATH | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_errno(mio_registry_register_handle(registry, fd, TOKEN, MIO_READABLE), -EBADF);
        ck_assert_errno(mio_registry_reregister_handle(registry, fd, TOKEN, MIO_READABLE), -EBADF);
        ck_assert_errno(mio_registry_deregister_handle(registry, fd), -EBADF);
        close_fd(fd);
    }
    expect_no_events(poll);
    ck_assert_int_eq(unlinkat(at, "pollable.fifo", 0), 0);
    close_fd(at);
    ck_assert_int_eq(rmdir(folder), 0);
    mio_poll_free(poll);
}
END_TEST

/* ---- registrations survive ---- */

/*
 * The program lowers RLIMIT_NOFILE to the number of registrations or below. Then a wait with the poll backend fails
 * with -EMFILE, and a wait with another backend succeeds.
 */
START_TEST(a_limit_below_the_number_of_registrations_is_no_einval)
{
    enum { COUNT = 8 };
    mio_poll *poll = open_poll(_i);
    mio_event events[COUNT];
    struct rlimit usual;
    int fds[COUNT][2];
    for (int i = 0; i < COUNT; i++) {
        make_pipe(fds[i]);
        ck_assert_ok(mio_registry_register_handle(mio_poll_registry(poll), fds[i][0], (uintptr_t)i, MIO_READABLE));
    }
    write_byte(fds[0][1]);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    static const int64_t timeouts[] = {0, MS(1), -1};
    for (rlim_t limit = 0; limit < 2 * COUNT; limit++) {
        const struct rlimit lowered = {.rlim_cur = limit, .rlim_max = usual.rlim_max};
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lowered), 0);
        int result = mio_poll_wait(poll, events, COUNT, timeouts[limit % 3]);
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
        if ((mio_poll_capabilities(poll) & MIO_CAN_EDGE) != 0 || limit > COUNT) {
            ck_assert_count(result, 1);
            ck_assert_ok(mio_registry_reregister_handle(mio_poll_registry(poll), fds[0][0], 0, MIO_READABLE));
        } else {
            ck_assert_errno(result, -EMFILE);
        }
    }
    expect_events(poll, {0, MIO_READABLE});
    for (int i = 0; i < COUNT; i++) {
        close_fd(fds[i][0]);
        close_fd(fds[i][1]);
    }
    mio_poll_free(poll);
}
END_TEST

/* Refuses every system call that libc may use for fstat(3). Which call libc uses depends on the processor. */
static bool refuse_fstat(void)
{
    static const int numbers[] = {
        SYS_statx,
#ifdef SYS_fstat
        SYS_fstat,
#endif
#ifdef SYS_fstat64
        SYS_fstat64,
#endif
#ifdef SYS_newfstatat
        SYS_newfstatat,
#endif
#ifdef SYS_fstatat64
        SYS_fstatat64,
#endif
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!refuse_system_call(numbers[i], ENOMEM)) {
            return false;
        }
    }
    return true;
}

/*
 * Registers a descriptor, and enters a sandbox that refuses fstat(2). In the sandbox, some calls of the library may
 * fail, but waits still report events of the descriptor.
 */
static int register_without_fstat(void *context)
{
    mio_poll *poll = open_poll(*(const int *)context);
    mio_registry *registry = mio_poll_registry(poll);
    mio_event event;
    int fds[2];
    make_pipe(fds);
    require(mio_registry_register_handle(registry, fds[0], TOKEN, MIO_READABLE | MIO_LEVEL) == 0);
    if (!refuse_fstat()) {
        mio_poll_free(poll);
        return SKIPPED;
    }
    write_byte(fds[1]);
    require(mio_poll_wait(poll, &event, 1, 0) == 1 && event.token == TOKEN);
    int result = mio_registry_register_handle(registry, fds[0], OTHER, MIO_READABLE | MIO_LEVEL);
    require(result == -EEXIST || result == -ENOMEM);
    require(mio_poll_wait(poll, &event, 1, 0) == 1 && event.token == TOKEN);
    result = mio_registry_reregister_handle(registry, fds[0], OTHER, MIO_READABLE | MIO_LEVEL);
    require(result == 0 || result == -ENOMEM);
    require(mio_poll_wait(poll, &event, 1, 0) == 1 && event.token == (result == 0 ? OTHER : TOKEN));
    result = mio_registry_deregister_handle(registry, fds[0]);
    require(result == 0 || result == -ENOMEM);
    require(mio_poll_wait(poll, &event, 1, 0) == (result == 0 ? 0 : 1));
    mio_poll_free(poll);
    return 0;
}

START_TEST(what_is_registered_stays_where_fstat_fails)
{
    run_apart(register_without_fstat, &_i);
}
END_TEST

typedef struct refusal {
    int variant;
    int code; /* the error of the refused call */
} refusal;

/*
 * Registers a descriptor, and enters a sandbox that refuses epoll_ctl(2). In the sandbox, waits still report events of
 * the descriptor, even with the epoll backend. The poll backend can itself find out whether a descriptor is registered,
 * and can register descriptors, unless the error can mean that the system lacks memory or watches.
 */
static int register_without_epoll_ctl(void *context)
{
    const refusal *r = context;
    mio_poll *poll = open_poll(r->variant);
    mio_registry *registry = mio_poll_registry(poll);
    const bool compares = (mio_poll_capabilities(poll) & MIO_CAN_EDGE) == 0;
    const bool registers = compares && r->code != ENOMEM && r->code != ENOSPC;
    mio_event event;
    int fds[2];
    make_pipe(fds);
    require(mio_registry_register_handle(registry, fds[0], TOKEN, MIO_READABLE | MIO_LEVEL) == 0);
    if (!refuse_system_call(SYS_epoll_ctl, r->code)) {
        mio_poll_free(poll);
        return SKIPPED;
    }
    write_byte(fds[1]);
    require(mio_poll_wait(poll, &event, 1, 0) == 1 && event.token == TOKEN);
    int result = mio_registry_register_handle(registry, fds[0], OTHER, MIO_READABLE | MIO_LEVEL);
    require(result == (registers ? -EEXIST : -r->code));
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    require(mio_registry_register_handle(registry, file, OTHER, MIO_READABLE) == (registers ? -EPERM : -r->code));
    result = mio_registry_register_handle(registry, fds[1], OTHER, MIO_WRITABLE | MIO_ONESHOT);
    require(result == (registers ? 0 : -r->code));
    mio_event events[2];
    require(mio_poll_wait(poll, events, 2, 0) == (registers ? 2 : 1));
    result = mio_registry_deregister_handle(registry, fds[0]);
    require(compares ? result == 0 : result < 0);
    require(mio_poll_wait(poll, &event, 1, 0) == (compares ? 0 : 1));
    mio_poll_free(poll);
    return 0;
}

static const int refusals[] = {ENOMEM, ENOSPC, EPERM, EACCES, ENOSYS};

START_TEST(what_is_registered_stays_where_epoll_ctl_fails)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        refusal r = {_i, refusals[i]};
        run_apart(register_without_epoll_ctl, &r);
    }
}
END_TEST

/*
 * Closes a source and frees a waker in a sandbox that refuses epoll_ctl(2). Then a pipe gets the numbers of both
 * descriptors. A wait returns neither token, and reads nothing from the pipe.
 */
static int close_without_epoll_ctl(void *context)
{
    const refusal *r = context;
    mio_poll *poll = open_poll(r->variant);
    mio_registry *registry = mio_poll_registry(poll);
    mio_pipe_sender sender;
    mio_pipe_receiver receiver;
    mio_waker *waker = NULL;
    mio_event event;
    int fds[2];
    int unread = 0;
    make_pipe(fds);
    write_byte(fds[1]);
    require(mio_pipe_pair(&sender, &receiver) == 0);
    require(mio_registry_register(registry, &receiver.source, TOKEN, MIO_READABLE | MIO_LEVEL) == 0);
    const int closed = mio_pipe_receiver_handle(&receiver);
    const int freed = dup(fds[0]); /* the waker gets this number */
    close_fd(freed);
    require(mio_waker_new(&waker, registry, OTHER) == 0);
    if (!refuse_system_call(SYS_epoll_ctl, r->code)) {
        mio_waker_free(waker);
        mio_poll_free(poll);
        return SKIPPED;
    }
    mio_pipe_receiver_close(&receiver);
    mio_waker_free(waker);
    require(dup2(fds[0], closed) == closed && dup2(fds[0], freed) == freed);
    require(mio_poll_wait(poll, &event, 1, 0) == 0);
    require(ioctl(fds[0], FIONREAD, &unread) == 0 && unread == 1);
    mio_poll_free(poll);
    return 0;
}

START_TEST(what_is_closed_is_not_reported_where_epoll_ctl_fails)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        refusal r = {_i, refusals[i]};
        run_apart(close_without_epoll_ctl, &r);
    }
}
END_TEST

START_TEST(descriptor_0_is_as_good_as_any)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    int saved = dup(STDIN_FILENO); /* dup returns -1 if descriptor 0 is already closed */
    int ends[2];
    close(STDIN_FILENO);
    make_pipe(ends);
    ck_assert_int_eq(ends[0], 0);
    ck_assert_ok(mio_registry_register_handle(registry, 0, TOKEN, MIO_READABLE));
    expect_no_events(poll);
    write_byte(ends[1]);
    expect_events(poll, {TOKEN, MIO_READABLE});
    ck_assert_ok(mio_registry_reregister_handle(registry, 0, OTHER, MIO_READABLE));
    expect_events(poll, {OTHER, MIO_READABLE});
    ck_assert_ok(mio_registry_deregister_handle(registry, 0));
    expect_no_events(poll);
    mio_handle_close(0);
    ck_assert(!is_open(0));
    close_fd(ends[1]);
    if (saved != -1) {
        ck_assert_int_eq(dup2(saved, STDIN_FILENO), STDIN_FILENO);
        close_fd(saved);
    }
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("pollable");
    TCase *files = add_tcase(suite, "files");
    tcase_add_backend_test(files, every_file_that_the_kernel_polls_can_be_registered);
    tcase_add_backend_test(files, every_change_of_the_mounts_is_an_event);
    tcase_add_backend_test(files, a_descriptor_that_only_names_a_file_is_ebadf);
    tcase_add_backend_test(files, descriptor_0_is_as_good_as_any);
    TCase *refused = add_tcase(suite, "refused");
    /*
     * Under Valgrind, the kernel does not know the lowered limit, because Valgrind implements limits of descriptors
     * itself.
     */
    if (!under_valgrind()) tcase_add_backend_test(refused, a_limit_below_the_number_of_registrations_is_no_einval);
    tcase_add_backend_test(refused, what_is_registered_stays_where_fstat_fails);
    tcase_add_backend_test(refused, what_is_registered_stays_where_epoll_ctl_fails);
    tcase_add_backend_test(refused, what_is_closed_is_not_reported_where_epoll_ctl_fails);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
