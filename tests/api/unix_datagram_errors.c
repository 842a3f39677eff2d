/* SPDX-License-Identifier: MIT */
/*
 * Tests the errors of Unix datagram sockets when they bind and when they send. refused.c tests arguments that are
 * always invalid.
 */
#include "../helpers/system_calls.h"
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static void expect_bind_fails(const mio_addr *addr, uint32_t flags, int code)
{
    mio_unix_datagram socket;
    int before = count_descriptors();
    scribble(&socket, sizeof socket);
    call_fails_keeping(&socket, mio_unix_datagram_bind(&socket, addr, flags), code);
    ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(datagram_bind_errors)
{
    mio_addr addr = path_addr("s");
    mio_addr absent = path_addr("no/s");
    expect_bind_fails(&absent, 0, ENOENT);
    make_stale("s", SOCK_DGRAM);
    expect_bind_fails(&addr, 0, EADDRINUSE);
}
END_TEST

START_TEST(without_descriptors_opening_a_datagram_socket_leaves_no_file)
{
    mio_unix_datagram left;
    mio_unix_datagram right;
    int before = count_descriptors();
    scribble(&left, sizeof left);
    scribble(&right, sizeof right);
    mio_addr addr = path_addr("s");
    refuse_descriptors();
    call_fails_keeping(&left, mio_unix_datagram_open(&left), EMFILE);
    call_fails_keeping(&left, mio_unix_datagram_bind(&left, &addr, 0), EMFILE);
    if (!under_valgrind()) { /* Valgrind does not apply RLIMIT_NOFILE to socketpair(2) */
        call_fails_keeping(&left, mio_unix_datagram_pair(&left, &right), EMFILE);
    }
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert(!exists("s"));
}
END_TEST

/* Opens each kind of Unix socket in a sandbox that forbids the address family. */
static int open_without_the_family(void *context)
{
    const mio_addr *addr = context;
    mio_unix_datagram datagrams[2];
    mio_unix_stream streams[2];
    mio_unix_listener listener;
    if (!refuse_sockets(AF_UNIX, EAFNOSUPPORT) || !refuse_system_call(SYS_socketpair, EAFNOSUPPORT)) {
        return SKIPPED;
    }
    require(mio_unix_datagram_open(&datagrams[0]) == -ENOTSUP);
    require(mio_unix_datagram_bind(&datagrams[0], addr, 0) == -ENOTSUP);
    require(mio_unix_datagram_pair(&datagrams[0], &datagrams[1]) == -ENOTSUP);
    require(mio_unix_stream_pair(&streams[0], &streams[1], 0) == -ENOTSUP);
    require(mio_unix_stream_connect(&streams[0], addr, 0) == -ENOTSUP);
    require(mio_unix_listener_bind(&listener, addr, 1, 0) == -ENOTSUP);
    require(setenv("NOTIFY_SOCKET", "/run/absent", 1) == 0);
    require(mio_service_notify("READY=1", NULL, 0) == -ENOTSUP);
    return 0;
}

START_TEST(without_unix_sockets_every_open_is_enotsup)
{
    mio_addr addr = path_addr("s");
    if (run_apart(open_without_the_family, &addr) == SKIPPED) {
        skip("no seccomp filters that see the family of a socket");
    }
    ck_assert(!exists("s"));
}
END_TEST

/* Checks that sending to `addr` and connecting to `addr` both fail with `code`. */
static void expect_unreachable(mio_unix_datagram *socket, const mio_addr *addr, int code)
{
    call_fails(mio_unix_datagram_send_to(socket, "x", 1, addr), code);
    call_fails(mio_unix_datagram_connect(socket, addr), code);
}

START_TEST(where_a_datagram_cannot_go)
{
    mio_unix_datagram socket;
    mio_addr absent = path_addr("absent");
    mio_addr abstract = abstract_addr("absent");
    mio_addr stale = path_addr("stale");
    mio_addr stream = path_addr("stream");
    mio_addr file = path_addr("file");
    mio_addr below_file = path_addr("file/s");
    make_stale("stale", SOCK_DGRAM);
    close_fd(open(in_dir("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    int fd = raw_unix_listener(SOCK_STREAM, &stream, 1);
    call_ok(mio_unix_datagram_open(&socket));
    expect_unreachable(&socket, &absent, ENOENT);
    expect_unreachable(&socket, &abstract, ECONNREFUSED);
    expect_unreachable(&socket, &stale, ECONNREFUSED);
    expect_unreachable(&socket, &file, ECONNREFUSED);
    expect_unreachable(&socket, &below_file, ENOTDIR);
    expect_unreachable(&socket, &stream, EPROTOTYPE);
    close_fd(fd);
    mio_unix_datagram_close(&socket);
}
END_TEST

static int send_without_rights(void *context)
{
    mio_unix_datagram socket;
    if (!drop_privileges()) {
        return SKIPPED;
    }
    require(mio_unix_datagram_open(&socket) == 0);
    require(mio_unix_datagram_send_to(&socket, "x", 1, context) == -EACCES);
    require(mio_unix_datagram_connect(&socket, context) == -EACCES);
    return 0;
}

START_TEST(datagram_without_the_right_to_write)
{
    mio_addr addr = path_addr("s");
    int fd = raw_unix(SOCK_DGRAM, &addr, NULL);
    ck_assert_int_eq(chmod(in_dir(""), 0755), 0);
    ck_assert_int_eq(chmod(in_dir("s"), 0444), 0);
    if (run_apart(send_without_rights, &addr) == SKIPPED) {
        skip("privileges cannot be dropped");
    }
    close_fd(fd);
}
END_TEST

START_TEST(receiver_that_is_gone_or_hears_another)
{
    mio_unix_datagram left;
    mio_unix_datagram right;
    mio_addr left_addr = path_addr("left");
    mio_addr right_addr = path_addr("right");
    char byte;
    call_ok(mio_unix_datagram_bind(&left, &left_addr, 0));
    call_ok(mio_unix_datagram_bind(&right, &right_addr, 0));
    call_ok(mio_unix_datagram_connect(&left, &right_addr));
    call_ok(mio_unix_datagram_connect(&right, &left_addr));
    call_counts(mio_unix_datagram_send(&left, "x", 1), 1);
    call_ok(mio_unix_datagram_connect(&right, NULL)); /* drops the datagram that `right` has not received */
    call_fails(mio_unix_datagram_recv(&left, &byte, 1, NULL), ECONNRESET);
    assert_would_block(kept(mio_unix_datagram_recv(&right, &byte, 1, NULL)));
    assert_would_block(kept(mio_unix_datagram_recv(&left, &byte, 1, NULL)));
    mio_unix_datagram_close(&right);
    call_fails(mio_unix_datagram_send(&left, "x", 1), ECONNREFUSED);
    call_fails(mio_unix_datagram_send(&left, "x", 1), ENOTCONN);
    mio_unix_datagram_close(&left);
}
END_TEST

START_TEST(datagram_too_long_or_in_bad_memory)
{
    mio_unix_datagram pair[2];
    static char huge[1 << 20];
    char byte;
    call_ok(mio_unix_datagram_pair(&pair[0], &pair[1]));
    raw_set_option(mio_unix_datagram_handle(&pair[0]), SOL_SOCKET, SO_SNDBUF, 65536);
    call_fails(mio_unix_datagram_send(&pair[0], huge, sizeof huge), EMSGSIZE);
    if (!under_valgrind()) {
        call_fails(mio_unix_datagram_send(&pair[0], bad_memory(), 1), EFAULT);
        call_counts(mio_unix_datagram_send(&pair[0], "x", 1), 1);
        call_fails(mio_unix_datagram_recv(&pair[1], bad_memory(), 1, NULL), EFAULT);
    }
    assert_would_block(kept(mio_unix_datagram_recv(&pair[1], &byte, 1, NULL)));
    mio_unix_datagram_close(&pair[0]);
    mio_unix_datagram_close(&pair[1]);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_datagram_errors");
    TCase *tcase = add_unix_tcase(suite, "open");
    tcase_add_test(tcase, datagram_bind_errors);
    tcase_add_test(tcase, without_descriptors_opening_a_datagram_socket_leaves_no_file);
    tcase_add_test(tcase, without_unix_sockets_every_open_is_enotsup);
    tcase = add_unix_tcase(suite, "send");
    tcase_add_test(tcase, where_a_datagram_cannot_go);
    tcase_add_test(tcase, datagram_without_the_right_to_write);
    tcase_add_test(tcase, receiver_that_is_gone_or_hears_another);
    tcase_add_test(tcase, datagram_too_long_or_in_bad_memory);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
