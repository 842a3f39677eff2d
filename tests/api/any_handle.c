/* SPDX-License-Identifier: MIT */
/*
 * Registers descriptors for which mio has no type, such as timers and netlink sockets. Also tries to register files
 * that cannot be polled.
 */
#include "../helpers/sockets.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { ANY = 61 };

/*
 * One kind of descriptor. `provoke` makes the descriptor readable, and `consume` reads until it is no longer readable.
 * `provoke` and `consume` must also work if a test calls them a second time. `other` is a second descriptor that
 * `provoke` and `consume` may need.
 */
typedef struct source {
    int fd;
    int other;
    char path[64];
} source;

typedef struct kind {
    const char *name;
    bool (*open)(source *s); /* returns false if the system lacks this kind */
    void (*provoke)(source *s);
    void (*consume)(source *s);
    void (*close)(source *s);
} kind;

static void close_both(source *s)
{
    close_fd(s->fd);
    if (s->other != -1) {
        close_fd(s->other);
    }
}

/* ---- timerfd ----------------------------------------------------------------------------------------------------- */

static bool open_timer(source *s)
{
    s->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return true;
}

static void provoke_timer(source *s)
{
    const struct itimerspec soon = {.it_value = {.tv_nsec = 1000000}};
    ck_assert_int_eq(timerfd_settime(s->fd, 0, &soon, NULL), 0);
}

static void consume_count(source *s)
{
    uint64_t count = 0;
    ck_assert_int_eq(read(s->fd, &count, sizeof count), sizeof count);
    ck_assert_uint_eq(count, 1);
}

/* ---- eventfd ----------------------------------------------------------------------------------------------------- */

static bool open_eventfd(source *s)
{
    s->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return s->fd != -1; /* some variants refuse eventfd */
}

static void provoke_eventfd(source *s)
{
    ck_assert_int_eq(eventfd_write(s->fd, 1), 0);
}

/* ---- signalfd ---------------------------------------------------------------------------------------------------- */

static bool open_signalfd(source *s)
{
    const int numbers[] = {SIGUSR1};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_ok(mio_signal_mask_block(NULL, numbers, 1));
    s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return true;
}

static void provoke_signalfd(source *s)
{
    (void)s;
    ck_assert_int_eq(raise(SIGUSR1), 0);
}

static void consume_signalfd(source *s)
{
    struct signalfd_siginfo info;
    ck_assert_int_eq(read(s->fd, &info, sizeof info), sizeof info);
    ck_assert_uint_eq(info.ssi_signo, SIGUSR1);
}

static void close_signalfd(source *s)
{
    const int numbers[] = {SIGUSR1};
    close_fd(s->fd);
    ck_assert_ok(mio_signal_mask_unblock(NULL, numbers, 1));
}

/* ---- inotify ----------------------------------------------------------------------------------------------------- */

static bool open_inotify(source *s)
{
    strcpy(s->path, "/tmp/mio-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(s->path));
    s->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ck_assert_int_ge(inotify_add_watch(s->fd, s->path, IN_CREATE), 0);
    return true;
}

static void provoke_inotify(source *s)
{
    char name[80];
    snprintf(name, sizeof name, "%s/entry", s->path);
    ck_assert_int_eq(symlink("nowhere", name), 0);
    ck_assert_int_eq(unlink(name), 0);
}

static void consume_inotify(source *s)
{
    char bytes[1024];
    ssize_t length = read(s->fd, bytes, sizeof bytes);
    ck_assert_int_gt(length, (ssize_t)sizeof(struct inotify_event));
    ck_assert_str_eq(bytes + sizeof(struct inotify_event), "entry");
}

static void close_inotify(source *s)
{
    close_fd(s->fd);
    ck_assert_int_eq(rmdir(s->path), 0);
}

/* ---- a terminal -------------------------------------------------------------------------------------------------- */

static bool open_terminal(source *s)
{
    struct termios raw;
    s->other = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (s->other == -1 || grantpt(s->other) != 0 || unlockpt(s->other) != 0) {
        return false;
    }
    s->fd = open(ptsname(s->other), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(s->fd, 0);
    ck_assert_int_eq(tcgetattr(s->fd, &raw), 0);
    cfmakeraw(&raw);
    ck_assert_int_eq(tcsetattr(s->fd, TCSANOW, &raw), 0);
    return true;
}

static void provoke_terminal(source *s)
{
    ck_assert_int_eq(write(s->other, "key", 3), 3);
}

static void consume_terminal(source *s)
{
    char bytes[8];
    wait_handle(s->fd, POLLIN);
    ck_assert_int_eq(read(s->fd, bytes, sizeof bytes), 3);
    ck_assert_mem_eq(bytes, "key", 3);
}

/* ---- netlink: requests the list of interfaces -------------------------------------------------------------------- */

static bool open_netlink(source *s)
{
    s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    return s->fd != -1;
}

static void provoke_netlink(source *s)
{
    struct {
        struct nlmsghdr header;
        struct rtgenmsg body;
    } request;
    memset(&request, 0, sizeof request);
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.body.rtgen_family = AF_UNSPEC;
    ck_assert_int_eq(send(s->fd, &request, sizeof request, 0), sizeof request);
}

static void consume_netlink(source *s)
{
    static char bytes[65536];
    bool done = false;
    while (!done) {
        wait_handle(s->fd, POLLIN);
        ssize_t length = recv(s->fd, bytes, sizeof bytes, 0);
        ck_assert_int_gt(length, 0);
        const struct nlmsghdr *last = (const void *)bytes;
        const size_t end = (size_t)length;
        for (size_t at = 0; at + sizeof *last <= end; at += NLMSG_ALIGN((size_t)last->nlmsg_len)) {
            last = (const void *)(bytes + at);
        }
        done = last->nlmsg_type == NLMSG_DONE;
    }
}

/* ---- epoll: an epoll descriptor that the program has opened itself ----------------------------------------------- */

static bool open_epoll(source *s)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fds[2];
    make_pipe(fds);
    s->fd = epoll_create1(EPOLL_CLOEXEC);
    ck_assert_int_eq(epoll_ctl(s->fd, EPOLL_CTL_ADD, fds[0], &event), 0);
    s->other = fds[1];
    s->path[0] = (char)fds[0];
    return true;
}

static void provoke_epoll(source *s)
{
    write_byte(s->other);
}

static void consume_epoll(source *s)
{
    drain(s->path[0]);
}

static void close_epoll(source *s)
{
    close_both(s);
    close_fd(s->path[0]);
}

static const kind kinds[] = {
    {"timerfd", open_timer, provoke_timer, consume_count, close_both},
    {"eventfd", open_eventfd, provoke_eventfd, consume_count, close_both},
    {"signalfd", open_signalfd, provoke_signalfd, consume_signalfd, close_signalfd},
    {"inotify", open_inotify, provoke_inotify, consume_inotify, close_inotify},
    {"terminal", open_terminal, provoke_terminal, consume_terminal, close_both},
    {"netlink", open_netlink, provoke_netlink, consume_netlink, close_both},
    {"epoll", open_epoll, provoke_epoll, consume_epoll, close_epoll},
};
enum { KINDS = (int)(sizeof kinds / sizeof kinds[0]) };

/* Checks that the poll object has no event. If the poll object had an event, even a wait with a timeout of 0 would
 * return the event. */
static void expect_nothing_now(mio_poll *poll)
{
    mio_event event;
    ck_assert_int_eq(wait_events(poll, &event, 1, 0), 0);
}

/* Opens and registers a descriptor of each kind, waits for its events, and then reregisters and deregisters it. */
static void watch_every_kind(int variant, uint32_t interest)
{
    mio_poll *poll = open_poll_flags(variant, MIO_POLL_RESTART);
    mio_registry *registry = mio_poll_registry(poll);
    int before = count_descriptors();
    for (const kind *k = kinds; k < kinds + KINDS; k++) {
        source s = {.fd = -1, .other = -1};
        if (!k->open(&s)) {
            ck_assert_msg(variant_is_fallback(variant) || strcmp(k->name, "eventfd") != 0, "no eventfd");
            continue;
        }
        ck_assert_int_ge(s.fd, 0);
        call_ok(mio_registry_register_handle(registry, s.fd, ANY, interest));
        expect_nothing_now(poll);
        for (int round = 0; round < 3; round++) {
            k->provoke(&s);
            wait_handle(s.fd, POLLIN);
            expect_events(poll, {ANY, MIO_READABLE});
            k->consume(&s);
            call_ok(mio_registry_rearm_handle(registry, s.fd, MIO_READABLE));
            expect_nothing_now(poll);
        }
        /*
         * If the descriptor is already readable when the test reregisters the descriptor, there is a new event. After
         * the test has deregistered the descriptor, there is no event.
         */
        k->provoke(&s);
        wait_handle(s.fd, POLLIN);
        call_ok(mio_registry_reregister_handle(registry, s.fd, ANY + 1, interest));
        expect_events(poll, {ANY + 1, MIO_READABLE});
        call_ok(mio_registry_deregister_handle(registry, s.fd));
        k->consume(&s);
        k->provoke(&s);
        wait_handle(s.fd, POLLIN);
        expect_nothing_now(poll);
        k->consume(&s);
        k->close(&s);
        ck_assert_int_eq(count_descriptors(), before);
    }
    mio_poll_free(poll);
}

START_TEST(timerfd_eventfd_signalfd_inotify_tty_netlink_and_epoll_can_be_watched_for_edges)
{
    watch_every_kind(_i, MIO_READABLE);
}
END_TEST

START_TEST(timerfd_eventfd_signalfd_inotify_tty_netlink_and_epoll_can_be_watched_for_levels)
{
    watch_every_kind(_i, MIO_READABLE | MIO_LEVEL);
}
END_TEST

/* A pidfd becomes readable when its process ends, and stays readable. */
START_TEST(a_pidfd_is_readable_when_its_process_ends)
{
    int fds[2];
    int status = 0;
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    pid_t child = fork();
    ck_assert_int_ne(child, -1);
    if (child == 0) {
        if (dup2(fds[0], 0) == 0) {
            execl("/bin/sh", "sh", "-c", "read line; exit 6",
                  (char *)NULL); /* the shell ends when the parent closes the pipe */
        }
        _exit(127);
    }
    mio_poll *poll = open_poll(_i);
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    if (pidfd == -1) {
        skip("pidfd_open is from Linux 5.3");
    } else {
        call_ok(mio_registry_register_handle(mio_poll_registry(poll), pidfd, ANY, MIO_READABLE));
        expect_no_events(poll);
    }
    close_fd(fds[0]);
    close_fd(fds[1]);
    if (pidfd != -1) {
        expect_events(poll, {ANY, MIO_READABLE});
        close_fd(pidfd);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 6);
    mio_poll_free(poll);
}
END_TEST

START_TEST(a_terminal_that_hangs_up_says_so)
{
    mio_poll *poll = open_poll(_i);
    source s = {.fd = -1, .other = -1};
    if (open_terminal(&s)) {
        call_ok(mio_registry_register_handle(mio_poll_registry(poll), s.fd, ANY, MIO_READABLE));
        close_fd(s.other);
        expect_events(poll, {ANY, MIO_READABLE | MIO_READ_CLOSED | MIO_WRITE_CLOSED});
        close_fd(s.fd);
    }
    mio_poll_free(poll);
}
END_TEST

/* mio_porting(7) warns of programs that rely on such an edge. */
START_TEST(each_write_to_an_unread_eventfd_causes_an_edge_if_the_backend_has_edges)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    const bool has_edges = (mio_poll_capabilities(poll) & MIO_CAN_EDGE) != 0;
    source s = {.fd = -1, .other = -1};
    mio_event event;
    if (open_eventfd(&s)) {
        ck_assert_ok(mio_registry_register_handle(registry, s.fd, ANY, MIO_READABLE));
        for (int i = 0; i < 3; i++) {
            provoke_eventfd(&s);
            ck_assert_int_eq(mio_poll_wait(poll, &event, 1, 0), i == 0 || has_edges);
        }
        ck_assert_ok(mio_registry_rearm_handle(registry, s.fd, MIO_READABLE));
        ck_assert_int_eq(mio_poll_wait(poll, &event, 1, 0), !has_edges);
        close_both(&s);
    }
    mio_poll_free(poll);
}
END_TEST

/* Such a file is never registered. So changing or removing its registration fails with ENOENT on every backend. */
START_TEST(regular_files_and_directories_are_eperm)
{
    mio_poll *poll = open_poll(_i);
    mio_registry *registry = mio_poll_registry(poll);
    char path[] = "/tmp/mio-test.XXXXXX";
    const int fds[] = {mkstemp(path), open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_ge(fds[i], 0);
        call_fails(mio_registry_register_handle(registry, fds[i], ANY, MIO_READABLE), EPERM);
        call_fails(mio_registry_register_handle(registry, fds[i], ANY, MIO_WRITABLE | MIO_LEVEL), EPERM);
        call_fails(mio_registry_reregister_handle(registry, fds[i], ANY, MIO_READABLE), ENOENT);
        call_fails(mio_registry_reregister_handle(registry, fds[i], ANY, MIO_WRITABLE | MIO_LEVEL), ENOENT);
        call_fails(mio_registry_deregister_handle(registry, fds[i]), ENOENT);
        close_fd(fds[i]);
    }
    ck_assert_int_eq(unlink(path), 0);
    expect_no_events(poll);
    mio_poll_free(poll);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("any_handle");
    TCase *watched = add_tcase(suite, "watched");
    tcase_add_backend_test(watched, timerfd_eventfd_signalfd_inotify_tty_netlink_and_epoll_can_be_watched_for_edges);
    tcase_add_backend_test(watched, timerfd_eventfd_signalfd_inotify_tty_netlink_and_epoll_can_be_watched_for_levels);
    tcase_add_backend_test(watched, each_write_to_an_unread_eventfd_causes_an_edge_if_the_backend_has_edges);
    tcase_add_backend_test(watched, a_pidfd_is_readable_when_its_process_ends);
    tcase_add_backend_test(watched, a_terminal_that_hangs_up_says_so);
    TCase *refused = add_tcase(suite, "refused");
    tcase_add_backend_test(refused, regular_files_and_directories_are_eperm);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
