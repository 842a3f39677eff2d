/* SPDX-License-Identifier: MIT */
/*
 * Tests the functions for service managers such as systemd. The tests act as the manager: they set the environment
 * variables, and receive the notifications. The socket for notifications has a path or an abstract name.
 */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVERYTHING = MIO_SERVICE_LISTEN | MIO_SERVICE_NOTIFY | MIO_SERVICE_WATCHDOG };

static void set(const char *name, const char *value)
{
    ck_assert_int_eq(value != NULL ? setenv(name, value, 1) : unsetenv(name), 0);
}

static const char *own_pid(void)
{
    static char text[32];
    snprintf(text, sizeof text, "%ld", (long)getpid());
    return text;
}

/* Sets the environment variables as if a service manager had passed `count` descriptors with these names. */
static void pass(const char *count, const char *names)
{
    forget_service_manager();
    set("LISTEN_PID", own_pid());
    set("LISTEN_FDS", count);
    set("LISTEN_FDNAMES", names);
}

/* ---- passed descriptors ------------------------------------------------------------------------------------------ */

START_TEST(without_a_manager_nothing_is_passed)
{
    forget_service_manager();
    ck_assert_count(mio_service_listen_count(), 0);
    ck_assert_count(mio_service_listen_handle(0), -EINVAL);
    ck_assert_count(mio_service_listen_find("x", 0), -ENOENT);
    set("LISTEN_FDS", "2"); /* LISTEN_PID is not set */
    ck_assert_count(mio_service_listen_count(), 0);
    pass(NULL, NULL);
    ck_assert_count(mio_service_listen_count(), 0);
    pass("", NULL);
    ck_assert_count(mio_service_listen_count(), 0);
    pass("0", NULL);
    ck_assert_count(mio_service_listen_count(), 0);
    pass("2", NULL);
    ck_assert_count(mio_service_listen_count(), 2);
    set("LISTEN_PID", "1");
    ck_assert_count(mio_service_listen_count(), 0);
}
END_TEST

START_TEST(malformed_numbers_are_einval)
{
    static const char *const texts[] = {"x",
                                        "1x",
                                        " 1",
                                        "1 ",
                                        "+1",
                                        "-1",
                                        "0x1",
                                        "2147483645",
                                        "2147483648",
                                        "18446744073709551617",
                                        "99999999999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        pass(texts[i], NULL);
        ck_assert_count(mio_service_listen_count(), -EINVAL);
        ck_assert_count(mio_service_listen_handle(0), -EINVAL);
    }
    pass("2147483644", NULL);
    ck_assert_count(mio_service_listen_count(), 2147483644);
    for (size_t i = 0; i < 7; i++) {
        pass("1", NULL);
        set("LISTEN_PID", texts[i]);
        ck_assert_count(mio_service_listen_count(), -EINVAL);
        pass("1", NULL);
        set("LISTEN_PIDFDID", texts[i]);
        ck_assert_count(mio_service_listen_count(), -EINVAL);
    }
    set("LISTEN_PIDFDID", "18446744073709551616"); /* 2^64 */
    ck_assert_count(mio_service_listen_count(), -EINVAL);
}
END_TEST

/*
 * Stores the id that the kernel gives this process: the inode number of its pidfd. Returns false if the kernel gives no
 * such id. Some kernels have no pidfds. Before Linux 6.9, all pidfds and all epoll instances have the same device and
 * the same inode.
 */
static bool find_pidfd_id(char *text, size_t size)
{
    mio_poll_options options = MIO_POLL_OPTIONS_INIT;
    mio_poll *poll_object = NULL;
    mio_unix_stream ends[2];
    struct stat file;
    struct stat other;
    ck_assert_ok(mio_unix_stream_pair(&ends[0], &ends[1], 0));
    mio_handle pidfd = mio_unix_stream_peer_pidfd(&ends[0]);
    mio_unix_stream_close(&ends[0]);
    mio_unix_stream_close(&ends[1]);
    if (pidfd < 0) {
        return false;
    }
    options.backend = "epoll";
    ck_assert_ok(mio_poll_new(&poll_object, &options));
    ck_assert(fstat(pidfd, &file) == 0 && fstat(mio_poll_handle(poll_object), &other) == 0);
    close_fd(pidfd);
    mio_poll_free(poll_object);
    snprintf(text, size, "%llu", (unsigned long long)file.st_ino);
    return file.st_dev != other.st_dev; /* before Linux 6.9, the two devices are equal */
}

START_TEST(an_id_of_another_process_means_that_nothing_is_passed)
{
    char id[32];
    if (!find_pidfd_id(id, sizeof id)) {
        skip("ids of pidfds: this kernel or library has none");
        return;
    }
    pass("1", NULL);
    set("LISTEN_PIDFDID", id);
    ck_assert_count(mio_service_listen_count(), 1);
    id[strlen(id) - 1] = id[strlen(id) - 1] == '1' ? '2' : '1';
    set("LISTEN_PIDFDID", id);
    ck_assert_count(mio_service_listen_count(), 0);
    if (under_valgrind()) {
        return; /* Valgrind has its own limit of descriptors */
    }
    /* To check the id, the library needs descriptors. */
    struct rlimit usual;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const struct rlimit full = {(rlim_t)lowest_free_descriptor(), usual.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &full), 0);
    int count = mio_service_listen_count();
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &usual), 0);
    ck_assert_count(count, -EMFILE);
    ck_assert_count(mio_service_listen_count(), 0);
}
END_TEST

START_TEST(a_passed_descriptor_becomes_nonblocking_and_close_on_exec)
{
    char count[32];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_ge(ends[0], 3);
    snprintf(count, sizeof count, "%d", ends[0] - 2);
    pass(count, NULL);
    ck_assert_count(mio_service_listen_handle((size_t)ends[0] - 3), ends[0]);
    ck_assert_int_ne(fcntl(ends[0], F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_ne(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_eq(fcntl(ends[1], F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_count(mio_service_listen_handle((size_t)ends[0] - 2), -EINVAL);
    close_fd(ends[0]);
    ck_assert_count(mio_service_listen_handle((size_t)ends[0] - 3), -EBADF);
    close_fd(ends[1]);
}
END_TEST

START_TEST(names_are_read_and_found)
{
    char text[MIO_SERVICE_NAME_SIZE];
    pass("4", "web:mail::web");
    ck_assert_count(mio_service_listen_name(0, text, sizeof text), 3);
    ck_assert_str_eq(text, "web");
    /* The result is the length of the whole name, although the buffer is shorter. */
    ck_assert_count(mio_service_listen_name(1, text, 3), 4);
    ck_assert_str_eq(text, "ma");
    ck_assert_count(mio_service_listen_name(1, NULL, 0), 4);
    ck_assert_count(mio_service_listen_name(2, text, sizeof text), 0);
    ck_assert_count(mio_service_listen_name(3, text, sizeof text), 3);
    ck_assert_str_eq(text, "web");
    ck_assert_count(mio_service_listen_name(4, text, sizeof text), -EINVAL);
    ck_assert_count(mio_service_listen_name(0, NULL, 1), -EINVAL);
    ck_assert_count(mio_service_listen_find("web", 0), 0);
    ck_assert_count(mio_service_listen_find("web", 1), 3);
    ck_assert_count(mio_service_listen_find("web", 4), -ENOENT);
    ck_assert_count(mio_service_listen_find("", 0), 2);
    ck_assert_count(mio_service_listen_find("we", 0), -ENOENT);
    ck_assert_count(mio_service_listen_find("mail:", 0), -ENOENT);
    ck_assert_count(mio_service_listen_find(NULL, 0), -EINVAL);
    pass("3", "web:mail::web"); /* four names for three descriptors */
    ck_assert_count(mio_service_listen_name(0, text, sizeof text), -EINVAL);
    ck_assert_count(mio_service_listen_find("web", 0), -EINVAL);
    ck_assert_count(mio_service_listen_count(), 3);
    pass("2", NULL);
    ck_assert_count(mio_service_listen_name(1, text, sizeof text), 7);
    ck_assert_str_eq(text, "unknown");
    ck_assert_count(mio_service_listen_find("unknown", 1), 1);
}
END_TEST

START_TEST(forget_removes_the_variables_that_it_is_given)
{
    pass("2", "a:b");
    set("LISTEN_PIDFDID", "1");
    set("NOTIFY_SOCKET", "/x");
    set("WATCHDOG_PID", own_pid());
    set("WATCHDOG_USEC", "1");
    ck_assert_count(mio_service_forget(0), -EINVAL);
    ck_assert_count(mio_service_forget(EVERYTHING + 1), -EINVAL);
    ck_assert_ptr_nonnull(getenv("LISTEN_PID"));
    ck_assert_ok(mio_service_forget(MIO_SERVICE_LISTEN));
    ck_assert(getenv("LISTEN_PID") == NULL && getenv("LISTEN_PIDFDID") == NULL);
    ck_assert(getenv("LISTEN_FDS") == NULL && getenv("LISTEN_FDNAMES") == NULL);
    ck_assert(getenv("NOTIFY_SOCKET") != NULL && getenv("WATCHDOG_PID") != NULL);
    ck_assert_ok(mio_service_forget(MIO_SERVICE_NOTIFY));
    ck_assert(getenv("NOTIFY_SOCKET") == NULL && getenv("WATCHDOG_USEC") != NULL);
    ck_assert_ok(mio_service_forget(MIO_SERVICE_WATCHDOG));
    ck_assert(getenv("WATCHDOG_PID") == NULL && getenv("WATCHDOG_USEC") == NULL);
}
END_TEST

/* ---- notifications ----------------------------------------------------------------------------------------------- */

static mio_unix_datagram open_manager(mio_addr addr)
{
    char text[MIO_ADDR_TEXT_SIZE];
    mio_unix_datagram manager;
    ck_assert_ok(mio_unix_datagram_bind(&manager, &addr, 0));
    ck_assert_int_gt(mio_addr_format(&addr, text, sizeof text), 0);
    set("NOTIFY_SOCKET", text);
    return manager;
}

/* Receives a notification, and checks that its text is `wanted`. Returns the descriptor in the notification, or -1. */
static int expect_message(mio_unix_datagram *manager, const char *wanted)
{
    char text[128];
    mio_handle handle = MIO_HANDLE_NONE;
    size_t count = 0;
    int64_t length = mio_unix_datagram_recv_with_handles(manager, text, sizeof text, &handle, 1, &count, NULL);
    ck_assert_int_ge(length, 0);
    text[length] = '\0';
    ck_assert_str_eq(text, wanted);
    return handle;
}

START_TEST(messages_reach_a_path_and_an_abstract_name)
{
    for (int way = 0; way < 2; way++) {
        mio_unix_datagram manager = open_manager(way == 0 ? path_addr("notify") : abstract_addr("notify"));
        struct stat sent;
        struct stat received;
        int ends[2];
        make_pipe(ends);
        int descriptors = count_descriptors();
        ck_assert_count(mio_service_notify("READY=1\nSTATUS=here", NULL, 0), 1);
        ck_assert_int_eq(count_descriptors(), descriptors);
        ck_assert_int_eq(expect_message(&manager, "READY=1\nSTATUS=here"), -1);
        ck_assert_count(mio_service_notify("FDSTORE=1\nFDNAME=x", ends, 1), 1);
        int stored = expect_message(&manager, "FDSTORE=1\nFDNAME=x");
        ck_assert(fstat(ends[0], &sent) == 0 && fstat(stored, &received) == 0);
        ck_assert_uint_eq(sent.st_ino, received.st_ino);
        close_fd(stored);
        close_fd(ends[0]);
        close_fd(ends[1]);
        mio_unix_datagram_close(&manager);
    }
}
END_TEST

START_TEST(reloading_has_the_time)
{
    mio_unix_datagram manager = open_manager(path_addr("notify"));
    char text[128];
    long long time = 0;
    char rest = 0;
    long long before = mio_clock_now() / 1000;
    ck_assert_count(mio_service_notify_reloading(), 1);
    int64_t length = mio_unix_datagram_recv(&manager, text, sizeof text - 1, NULL);
    ck_assert_int_gt(length, 0);
    text[length] = '\0';
    ck_assert_int_eq(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%lld%c", &time, &rest), 1);
    ck_assert(before <= time && time <= mio_clock_now() / 1000);
    mio_unix_datagram_close(&manager);
}
END_TEST

START_TEST(without_a_manager_a_notification_does_nothing)
{
    forget_service_manager();
    ck_assert_count(mio_service_notify("READY=1", NULL, 0), 0);
    ck_assert_count(mio_service_notify_reloading(), 0);
    ck_assert_count(mio_service_notify_barrier(-1), 0);
}
END_TEST

START_TEST(wrong_arguments_and_addresses_are_refused)
{
    static const struct {
        const char *text;
        int code;
    } rows[] = {{"vsock:2:1234", EAFNOSUPPORT},
                {"vsock-stream:2:1234", EAFNOSUPPORT},
                {"vsock-dgram:2:1234", EAFNOSUPPORT},
                {"vsock-seqpacket:2:1234", EAFNOSUPPORT},
                {"vsock", EINVAL},
                {"x", EINVAL},
                {"relative/path", EINVAL},
                {"/", EINVAL},
                {"@", EINVAL},
                {"/no/such/path", ENOENT}};
    char path[256];
    int descriptors = count_descriptors();
    const int none = -1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set("NOTIFY_SOCKET", rows[i].text);
        ck_assert_count(mio_service_notify("READY=1", NULL, 0), -rows[i].code);
        ck_assert_count(mio_service_notify_reloading(), -rows[i].code);
        ck_assert_count(mio_service_notify_barrier(0), -rows[i].code);
    }
    memset(path, '/', sizeof path);
    path[sizeof path - 1] = '\0';
    set("NOTIFY_SOCKET", path);
    ck_assert_count(mio_service_notify("READY=1", NULL, 0), -ENAMETOOLONG);
    make_stale("stale", SOCK_DGRAM);
    set("NOTIFY_SOCKET", in_dir("stale"));
    ck_assert_count(mio_service_notify("READY=1", NULL, 0), -ECONNREFUSED);
    make_stale("stream", SOCK_STREAM);
    set("NOTIFY_SOCKET", in_dir("stream"));
    ck_assert_int_lt(mio_service_notify("READY=1", NULL, 0), 0);
    ck_assert_int_eq(count_descriptors(), descriptors);

    mio_unix_datagram manager = open_manager(path_addr("notify"));
    ck_assert_count(mio_service_notify(NULL, NULL, 0), -EINVAL);
    ck_assert_count(mio_service_notify("", NULL, 0), -EINVAL);
    ck_assert_count(mio_service_notify("FDSTORE=1", NULL, 1), -EINVAL);
    ck_assert_count(mio_service_notify("FDSTORE=1", &none, MIO_UNIX_HANDLES_MAX + 1), -EINVAL);
    ck_assert_count(mio_service_notify("FDSTORE=1", &none, 1), -EBADF);
    int64_t result = 0;
    for (int i = 0; i < 100000 && result >= 0; i++) {
        result = mio_service_notify("STATUS=again", NULL, 0);
    }
    ck_assert_count(result, -EAGAIN);
    mio_unix_datagram_close(&manager);
}
END_TEST

static void *take_two(void *socket)
{
    mio_unix_datagram *manager = socket;
    wait_handle(mio_unix_datagram_handle(manager), POLLIN);
    (void)expect_message(manager, "STATUS=first");
    wait_handle(mio_unix_datagram_handle(manager), POLLIN);
    (void)usleep(30000);
    mio_handle_close(expect_message(manager, "BARRIER=1"));
    return NULL;
}

START_TEST(a_barrier_waits_for_the_manager)
{
    mio_unix_datagram manager = open_manager(path_addr("notify"));
    int descriptors = count_descriptors();
    ck_assert_count(mio_service_notify_barrier(0), -ETIMEDOUT);
    int64_t before = mio_clock_now();
    ck_assert_count(mio_service_notify_barrier(MS(20)), -ETIMEDOUT);
    ck_assert_int_ge(mio_clock_now() - before, MS(20));
    mio_handle_close(expect_message(&manager, "BARRIER=1"));
    mio_handle_close(expect_message(&manager, "BARRIER=1"));
    ck_assert_count(mio_service_notify("STATUS=first", NULL, 0), 1);
    pthread_t thread = start_thread(take_two, &manager);
    before = mio_clock_now();
    ck_assert_count(mio_service_notify_barrier(-1), 1);
    ck_assert_int_ge(mio_clock_now() - before, MS(20));
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(count_descriptors(), descriptors);
    mio_unix_datagram_close(&manager);
}
END_TEST

static void *wait_for_barrier(void *tid)
{
    atomic_store((_Atomic int *)tid, thread_id());
    (void)!mio_service_notify_barrier(-1);
    return NULL;
}

START_TEST(a_thread_that_waits_in_a_barrier_can_be_cancelled)
{
    mio_unix_datagram manager = open_manager(path_addr("notify"));
    int descriptors = count_descriptors();
    _Atomic int tid = 0;
    void *result = NULL;
    pthread_t thread = start_thread(wait_for_barrier, &tid);
    while (atomic_load(&tid) == 0) {
        sched_yield();
    }
    wait_until_asleep(tid);
    ck_assert_int_eq(pthread_cancel(thread), 0);
    ck_assert_int_eq(pthread_join(thread, &result), 0);
    ck_assert_ptr_eq(result, PTHREAD_CANCELED);
    ck_assert_int_eq(count_descriptors(), descriptors);
    mio_unix_datagram_close(&manager);
}
END_TEST

/* ---- the watchdog ------------------------------------------------------------------------------------------------ */

START_TEST(the_watchdog_has_an_interval)
{
    static const char *const wrong[] = {"0", "x", "-1", "1s", "9223372036854776", "18446744073709551615"};
    int64_t interval = 7;
    forget_service_manager();
    ck_assert_count(mio_service_watchdog(&interval), 0);
    ck_assert_int_eq(interval, 0);
    set("WATCHDOG_USEC", "20000000");
    ck_assert_count(mio_service_watchdog(&interval), 1);
    ck_assert_int_eq(interval, INT64_C(20000000000));
    set("WATCHDOG_PID", own_pid());
    ck_assert_count(mio_service_watchdog(&interval), 1);
    set("WATCHDOG_PID", "1");
    ck_assert_count(mio_service_watchdog(&interval), 0);
    ck_assert_int_eq(interval, 0);
    interval = 7;
    set("WATCHDOG_PID", "one");
    ck_assert_count(mio_service_watchdog(&interval), -EINVAL);
    set("WATCHDOG_PID", NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        set("WATCHDOG_USEC", wrong[i]);
        ck_assert_count(mio_service_watchdog(&interval), -EINVAL);
    }
    ck_assert_int_eq(interval, 7);
    set("WATCHDOG_USEC", "9223372036854775");
    ck_assert_count(mio_service_watchdog(&interval), 1);
    ck_assert_count(mio_service_watchdog(NULL), -EINVAL);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("service");
    TCase *tcase = add_unix_tcase(suite, "service");
    tcase_add_test(tcase, without_a_manager_nothing_is_passed);
    tcase_add_test(tcase, malformed_numbers_are_einval);
    tcase_add_test(tcase, an_id_of_another_process_means_that_nothing_is_passed);
    tcase_add_test(tcase, a_passed_descriptor_becomes_nonblocking_and_close_on_exec);
    tcase_add_test(tcase, names_are_read_and_found);
    tcase_add_test(tcase, forget_removes_the_variables_that_it_is_given);
    tcase_add_test(tcase, messages_reach_a_path_and_an_abstract_name);
    tcase_add_test(tcase, reloading_has_the_time);
    tcase_add_test(tcase, without_a_manager_a_notification_does_nothing);
    tcase_add_test(tcase, wrong_arguments_and_addresses_are_refused);
    tcase_add_test(tcase, a_barrier_waits_for_the_manager);
    tcase_add_test(tcase, a_thread_that_waits_in_a_barrier_can_be_cancelled);
    tcase_add_test(tcase, the_watchdog_has_an_interval);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
