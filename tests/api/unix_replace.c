/* SPDX-License-Identifier: MIT */
/*
 * Tests MIO_UNIX_REPLACE. With this flag, bind replaces the file of a socket that no process uses any more. Bind
 * replaces no other file.
 */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int replace(mio_unix_listener *listener, const mio_addr *addr)
{
    return (int)kept(mio_unix_listener_bind(listener, addr, 16, MIO_UNIX_REPLACE));
}

/*
 * Checks that a bind with MIO_UNIX_REPLACE fails with `code`. The bind must not change the file, and must leave no lock
 * file and no descriptor.
 */
static void expect_kept(const char *name, int code)
{
    struct stat before = {0};
    struct stat after = {0};
    mio_unix_listener listener;
    mio_addr addr = path_addr(name);
    char lock[256];
    int descriptors = count_descriptors();
    snprintf(lock, sizeof lock, "%s.lock", name);
    ck_assert_int_eq(lstat(in_dir(name), &before), 0);
    scribble(&listener, sizeof listener);
    call_fails_keeping(&listener, mio_unix_listener_bind(&listener, &addr, 16, MIO_UNIX_REPLACE), code);
    ck_assert_int_eq(lstat(in_dir(name), &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    ck_assert(!exists(lock));
    ck_assert_int_eq(count_descriptors(), descriptors);
}

/* Checks that a client that connects to `addr` reaches the listener. */
static void expect_serving(mio_unix_listener *listener, const mio_addr *addr)
{
    mio_unix_stream stream;
    mio_addr at;
    int client = raw_unix(SOCK_STREAM, NULL, addr);
    accept_unix(listener, &stream);
    call_ok(mio_unix_listener_local_addr(listener, &at));
    assert_addr_eq(&at, addr);
    mio_unix_stream_close(&stream);
    close_fd(client);
}

START_TEST(stale_file_is_replaced_when_asked_and_never_by_default)
{
    mio_unix_listener listener;
    mio_addr addr;
    make_unix_listener(&listener, "s", &addr);
    mio_unix_listener_close(&listener);
    call_fails(mio_unix_listener_bind(&listener, &addr, 16, 0), EADDRINUSE);
    ck_assert(is_socket_file("s"));
    int before = count_descriptors();
    call_ok(replace(&listener, &addr));
    ck_assert_int_eq(count_descriptors(), before + 1);
    ck_assert(!exists("s.lock"));
    expect_serving(&listener, &addr);
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(stale_file_of_each_kind_is_replaced)
{
    const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    for (int i = 0; i < 3; i++) {
        make_stale("s", types[i]);
        call_ok(replace(&listener, &addr));
        expect_serving(&listener, &addr);
        mio_unix_listener_close(&listener);
        ck_assert_int_eq(unlink(in_dir("s")), 0);
    }
}
END_TEST

START_TEST(replace_seqpacket_and_datagram)
{
    mio_unix_listener listener;
    mio_unix_datagram socket;
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    call_ok(mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_SEQPACKET | MIO_UNIX_REPLACE));
    mio_unix_listener_close(&listener);
    call_fails(mio_unix_datagram_bind(&socket, &addr, 0), EADDRINUSE);
    call_ok(mio_unix_datagram_bind(&socket, &addr, MIO_UNIX_REPLACE));
    expect_kept("s", EADDRINUSE);
    close_fd(raw_unix(SOCK_DGRAM, NULL, &addr));
    mio_unix_datagram_close(&socket);
}
END_TEST

START_TEST(replace_where_nothing_is_just_binds)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    call_ok(replace(&listener, &addr));
    expect_serving(&listener, &addr);
    mio_unix_listener_close(&listener);
    mio_addr abstract = abstract_addr("x");
    call_ok(replace(&listener, &abstract));
    expect_serving(&listener, &abstract);
    mio_unix_listener_close(&listener);
    mio_addr unnamed = unnamed_addr();
    call_ok(replace(&listener, &unnamed));
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(who_listens_is_neither_replaced_nor_disturbed)
{
    mio_poll *poll = open_poll(_i);
    mio_unix_listener listener;
    mio_unix_stream stream;
    mio_addr addr;
    make_unix_listener(&listener, "s", &addr);
    call_ok(mio_registry_register(mio_poll_registry(poll), &listener.source, 1, MIO_READABLE));
    expect_kept("s", EADDRINUSE);
    expect_no_events(poll);
    assert_would_block(kept(mio_unix_listener_accept(&listener, &stream, NULL)));
    expect_serving(&listener, &addr);
    mio_unix_listener_close(&listener);
    mio_poll_free(poll);
}
END_TEST

START_TEST(who_has_it_open_in_any_way_is_not_replaced)
{
    mio_addr addr = path_addr("s");
    const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
    for (int i = 0; i < 3; i++) {
        int fd = raw_unix(types[i], &addr, NULL); /* bound, but not yet listening */
        expect_kept("s", EADDRINUSE);
        close_fd(fd);
        ck_assert_int_eq(unlink(in_dir("s")), 0);
    }
    int full = raw_unix_listener(SOCK_STREAM, &addr, 0);
    int waiting = raw_unix(SOCK_STREAM, NULL, &addr);
    expect_kept("s", EADDRINUSE);
    close_fd(waiting);
    close_fd(full);
}
END_TEST

START_TEST(datagram_socket_that_hears_another_is_not_replaced)
{
    mio_addr addr = path_addr("s");
    mio_addr other = path_addr("other");
    int peer = raw_unix(SOCK_DGRAM, &other, NULL);
    int fd = raw_unix(SOCK_DGRAM, &addr, &other);
    expect_kept("s", EADDRINUSE);
    close_fd(fd);
    close_fd(peer);
}
END_TEST

START_TEST(what_is_no_socket_is_not_replaced)
{
    make_stale("stale", SOCK_STREAM);
    close_fd(open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    ck_assert_int_eq(mkfifo(in_dir("fifo"), 0600), 0);
    ck_assert_int_eq(mkdir(in_dir("dir"), 0700), 0);
    ck_assert_int_eq(symlink(in_dir("stale"), in_dir("link")), 0);
    ck_assert_int_eq(symlink(in_dir("absent"), in_dir("dangling")), 0);
    const char *names[] = {"file", "fifo", "dir", "link", "dangling"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        expect_kept(names[i], EADDRINUSE);
    }
    ck_assert(is_socket_file("stale"));
}
END_TEST

/*
 * Runs as the user "nobody", in a directory where everyone may write. The library must not replace another user's file,
 * but must replace a file that this user owns.
 */
static int replace_as_nobody(void *context)
{
    const mio_addr *addrs = context;
    mio_unix_listener listener;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_unix_listener_bind(&listener, &addrs[0], 1, MIO_UNIX_REPLACE) == -EADDRINUSE);
    require(mio_unix_listener_bind(&listener, &addrs[1], 1, MIO_UNIX_REPLACE) == 0);
    mio_unix_listener_close(&listener);
    require(mio_unix_listener_bind(&listener, &addrs[1], 1, MIO_UNIX_REPLACE) == 0);
    mio_unix_listener_close(&listener);
    return 0;
}

START_TEST(stale_file_of_another_user_is_replaced_by_root_only)
{
    mio_addr addrs[2] = {path_addr("s"), path_addr("own")};
    mio_unix_listener listener;
    if (geteuid() != 0) {
        skip("needs another user's file");
        return;
    }
    ck_assert_int_eq(chmod(in_dir(""), 0777), 0);
    make_stale("s", SOCK_STREAM);
    ck_assert_int_eq(chmod(in_dir("s"), 0777), 0);
    if (run_apart(replace_as_nobody, addrs) == SKIPPED) {
        skip("privileges cannot be dropped");
        return;
    }
    ck_assert(is_socket_file("s"));
    call_ok(replace(&listener, &addrs[1])); /* root may replace another user's file */
    expect_serving(&listener, &addrs[1]);
    mio_unix_listener_close(&listener);
}
END_TEST

/*
 * Runs as the user "nobody". This user owns the files, but their modes forbid connecting. The library must replace a
 * stale file, and must not replace the file of a socket in use.
 */
static int replace_what_may_not_be_asked(void *context)
{
    const mode_t modes[] = {0, 0060, 0577, 07577};
    mio_unix_listener listener;
    mio_unix_listener other;
    struct stat file = {0};
    if (!drop_privileges()) {
        return SKIPPED;
    }
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        require(mio_unix_listener_bind(&listener, context, 1, MIO_UNIX_REPLACE) == 0);
        require(chmod(in_dir("s"), modes[i]) == 0);
        require(mio_unix_listener_bind(&other, context, 1, MIO_UNIX_REPLACE) == -EADDRINUSE);
        require(lstat(in_dir("s"), &file) == 0 && (file.st_mode & 07777) == modes[i]);
        mio_unix_listener_close(&listener);
        require(mio_unix_listener_bind(&listener, context, 1, MIO_UNIX_REPLACE) == 0);
        require(lstat(in_dir("s"), &file) == 0 && (file.st_mode & 0200) != 0);
        mio_unix_listener_close(&listener);
    }
    return 0;
}

START_TEST(ones_own_file_is_replaced_whatever_its_mode_is)
{
    mio_addr addr = path_addr("s");
    ck_assert_int_eq(chmod(in_dir(""), 0777), 0);
    if (run_apart(replace_what_may_not_be_asked, &addr) == SKIPPED) {
        skip("privileges cannot be dropped");
        return;
    }
    ck_assert(is_socket_file("s"));
    ck_assert(!exists("s.lock"));
}
END_TEST

START_TEST(lock_that_is_held_is_in_use_and_one_left_behind_is_not)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    int fd = open(in_dir("s.lock"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    int before = count_descriptors();
    call_fails(mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_REPLACE), EADDRINUSE);
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert(is_socket_file("s"));
    ck_assert(exists("s.lock")); /* the file is still locked, so the call must not remove it */
    close_fd(fd);
    call_ok(replace(&listener, &addr));
    ck_assert(!exists("s.lock"));
    expect_serving(&listener, &addr);
    mio_unix_listener_close(&listener);
}
END_TEST

/*
 * The library calls the flock that this program defines, instead of libc's flock. So a test can act after the library
 * opens the lock file, and before the library locks it.
 */
static void (*before_flock)(void);

int flock(int fd, int operation)
{
    void (*happen)(void) = before_flock;
    if (happen != NULL) {
        before_flock = NULL;
        happen();
    }
    return (int)syscall(SYS_flock, fd, operation);
}

static int new_lock;

/*
 * Runs just before the library locks the lock file. Acts like two other processes. The first process has the lock, and
 * removes the lock file. The second process then makes and locks a new lock file.
 */
static void pass_lock_on(void)
{
    ck_assert_int_eq(unlink(in_dir("s.lock")), 0);
    new_lock = open(in_dir("s.lock"), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    ck_assert_int_eq(flock(new_lock, LOCK_EX | LOCK_NB), 0);
}

static void drop_lock(void)
{
    ck_assert_int_eq(unlink(in_dir("s.lock")), 0);
}

START_TEST(lock_that_was_removed_before_it_was_taken_is_none)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    int before = count_descriptors();
    before_flock = pass_lock_on;
    ck_assert_errno(mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_REPLACE), -EADDRINUSE);
    ck_assert_ptr_null(before_flock);
    ck_assert(exists("s.lock"));
    ck_assert_int_eq(count_descriptors(), before + 1);
    close_fd(new_lock);
    before_flock = drop_lock;
    ck_assert_ok(mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_REPLACE));
    ck_assert_int_eq(count_descriptors(), before + 1);
    ck_assert(!exists("s.lock"));
    mio_unix_listener_close(&listener);
}
END_TEST

START_TEST(lock_that_is_something_else_is_not_followed)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    ck_assert_int_eq(symlink(in_dir("victim"), in_dir("s.lock")), 0);
    call_fails(mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_REPLACE), ELOOP);
    ck_assert(!exists("victim"));
    ck_assert(is_socket_file("s"));
}
END_TEST

START_TEST(lock_that_cannot_be_one_is_in_use)
{
    mio_unix_listener listener;
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    scribble(&listener, sizeof listener);
    int before = count_descriptors();
    ck_assert_int_eq(mkdir(in_dir("s.lock"), 0700), 0);
    call_fails_keeping(&listener, mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_REPLACE), EADDRINUSE);
    ck_assert_int_eq(rmdir(in_dir("s.lock")), 0); /* the call did not replace the directory s.lock */
    make_stale("s.lock", SOCK_STREAM);
    call_fails_keeping(&listener, mio_unix_listener_bind(&listener, &addr, 1, MIO_UNIX_REPLACE), EADDRINUSE);
    ck_assert(is_socket_file("s.lock"));
    ck_assert(is_socket_file("s"));
    ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

/* ---- several servers at once ------------------------------------------------------------------------------------ */

enum { STARTERS = 4 };

typedef struct starter {
    mio_addr addr;
    barrier *start;
    mio_unix_listener listener;
    int result;
} starter;

static void *start_server(void *context)
{
    starter *self = context;
    barrier_wait(self->start);
    self->result = mio_unix_listener_bind(&self->listener, &self->addr, 16, MIO_UNIX_REPLACE);
    return NULL;
}

static void race_once(const mio_addr *addr)
{
    starter starters[STARTERS];
    pthread_t threads[STARTERS];
    barrier start;
    int winner = -1;
    barrier_init(&start, STARTERS);
    for (int i = 0; i < STARTERS; i++) {
        starters[i] = (starter){.addr = *addr, .start = &start};
        threads[i] = start_thread(start_server, &starters[i]);
    }
    for (int i = 0; i < STARTERS; i++) {
        join_thread(threads[i]);
        if (starters[i].result == 0) {
            ck_assert_int_eq(winner, -1);
            winner = i;
        } else {
            ck_assert_errno(starters[i].result, -EADDRINUSE);
        }
    }
    ck_assert_int_ne(winner, -1);
    expect_serving(&starters[winner].listener, addr);
    ck_assert(!exists("s.lock"));
    /* Closing leaves the socket file, which the next round replaces. */
    mio_unix_listener_close(&starters[winner].listener);
    barrier_destroy(&start);
}

START_TEST(of_several_that_replace_at_once_one_succeeds_and_is_reached)
{
    mio_addr addr = path_addr("s");
    make_stale("s", SOCK_STREAM);
    for (int i = 0; i < rounds(200); i++) {
        race_once(&addr);
    }
}
END_TEST

/*
 * The body of a thread that acts like a server. The server starts and stops again and again. It never removes its
 * socket file, so each start must replace the file. While the server runs, every client that connects to the address
 * must reach the server. mio_unix_listener_bind holds a lock while it replaces the file. Without this lock, two threads
 * could replace the file at the same time, and the clients would reach only one of the two servers.
 */
static void *come_and_go(void *context)
{
    starter *self = context;
    mio_unix_stream client;
    mio_unix_stream accepted;
    barrier_wait(self->start);
    for (int i = 0; i < rounds(2000) && self->result == 0; i++) {
        int rc = mio_unix_listener_bind(&self->listener, &self->addr, 16, MIO_UNIX_REPLACE);
        if (rc == -EADDRINUSE) {
            continue;
        }
        self->result = rc != 0 ? rc : mio_unix_stream_connect(&client, &self->addr, 0);
        if (self->result == 0) {
            self->result = mio_unix_listener_accept(&self->listener, &accepted, NULL);
            mio_unix_stream_close(&client);
        }
        if (self->result == 0) {
            mio_unix_stream_close(&accepted);
        }
        mio_unix_listener_close(&self->listener);
    }
    return NULL;
}

START_TEST(who_has_replaced_is_reached_for_as_long_as_it_is_there)
{
    starter starters[STARTERS];
    pthread_t threads[STARTERS];
    barrier start;
    barrier_init(&start, STARTERS);
    for (int i = 0; i < STARTERS; i++) {
        starters[i] = (starter){.addr = path_addr("s"), .start = &start};
        threads[i] = start_thread(come_and_go, &starters[i]);
    }
    for (int i = 0; i < STARTERS; i++) {
        join_thread(threads[i]);
        ck_assert_ok(starters[i].result);
    }
    ck_assert(!exists("s.lock"));
    barrier_destroy(&start);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_replace");
    TCase *tcase = add_unix_tcase(suite, "replaced");
    tcase_add_test(tcase, stale_file_is_replaced_when_asked_and_never_by_default);
    tcase_add_test(tcase, stale_file_of_each_kind_is_replaced);
    tcase_add_test(tcase, replace_seqpacket_and_datagram);
    tcase_add_test(tcase, replace_where_nothing_is_just_binds);
    tcase = add_unix_tcase(suite, "kept");
    tcase_add_backend_test(tcase, who_listens_is_neither_replaced_nor_disturbed);
    tcase_add_test(tcase, who_has_it_open_in_any_way_is_not_replaced);
    tcase_add_test(tcase, datagram_socket_that_hears_another_is_not_replaced);
    tcase_add_test(tcase, what_is_no_socket_is_not_replaced);
    tcase_add_test(tcase, stale_file_of_another_user_is_replaced_by_root_only);
    tcase_add_test(tcase, ones_own_file_is_replaced_whatever_its_mode_is);
    tcase = add_unix_tcase(suite, "lock");
    tcase_add_test(tcase, lock_that_is_held_is_in_use_and_one_left_behind_is_not);
    tcase_add_test(tcase, lock_that_was_removed_before_it_was_taken_is_none);
    tcase_add_test(tcase, lock_that_is_something_else_is_not_followed);
    tcase_add_test(tcase, lock_that_cannot_be_one_is_in_use);
    tcase_add_test(tcase, of_several_that_replace_at_once_one_succeeds_and_is_reached);
    tcase_add_test(tcase, who_has_replaced_is_reached_for_as_long_as_it_is_there);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
