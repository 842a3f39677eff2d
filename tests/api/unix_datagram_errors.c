/* SPDX-License-Identifier: MIT */
/* Unix datagram sockets: each error, null and closed arguments; a failed call changes nothing and leaks nothing. */
#include "../helpers/unix_sockets.h"

#include <fcntl.h>
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
    mio_addr none = no_addr();
    mio_addr ip = loopback_v4();
    call_fails(mio_unix_datagram_bind(NULL, &addr, 0), EINVAL);
    expect_bind_fails(NULL, 0, EINVAL);
    expect_bind_fails(&addr, MIO_UNIX_SEQPACKET, EINVAL);
    expect_bind_fails(&addr, UINT32_C(0x80000000), EINVAL);
    ck_assert(!exists("s"));
    expect_bind_fails(&none, 0, EAFNOSUPPORT);
    expect_bind_fails(&ip, MIO_UNIX_REPLACE, EAFNOSUPPORT);
    expect_bind_fails(&absent, 0, ENOENT);
    make_stale("s", SOCK_DGRAM);
    expect_bind_fails(&addr, 0, EADDRINUSE);
}
END_TEST

START_TEST(datagram_open_and_pair_errors)
{
    mio_unix_datagram left;
    mio_unix_datagram right;
    int before = count_descriptors();
    scribble(&left, sizeof left);
    scribble(&right, sizeof right);
    call_fails(mio_unix_datagram_open(NULL), EINVAL);
    call_fails_keeping(&right, mio_unix_datagram_pair(NULL, &right), EINVAL);
    call_fails_keeping(&left, mio_unix_datagram_pair(&left, NULL), EINVAL);
    call_fails_keeping(&left, mio_unix_datagram_pair(&left, &left), EINVAL);
    mio_addr addr = path_addr("s");
    refuse_descriptors();
    call_fails_keeping(&left, mio_unix_datagram_open(&left), EMFILE);
    call_fails_keeping(&left, mio_unix_datagram_bind(&left, &addr, 0), EMFILE);
    if (!under_valgrind()) { /* which lets pairs pass the limit */
        call_fails_keeping(&left, mio_unix_datagram_pair(&left, &right), EMFILE);
    }
    allow_descriptors();
    ck_assert_int_eq(count_descriptors(), before);
    ck_assert(!exists("s"));
}
END_TEST

START_TEST(closed_and_null_datagram)
{
    int error = 77;
    mio_unix_datagram none;
    mio_unix_datagram *sockets[] = {&none, NULL};
    mio_addr peer = path_addr("s");
    mio_addr addr;
    char buffer[4] = "kept";
    uint32_t flags = 7;
    memset(&none, 0, sizeof none);
    scribble(&addr, sizeof addr);
    for (int i = 0; i < 2; i++) {
        mio_unix_datagram *socket = sockets[i];
        int code = socket == NULL ? EINVAL : EBADF;
        call_fails(mio_unix_datagram_handle(socket), code);
        call_fails(mio_unix_datagram_into_handle(socket), code);
        call_fails(mio_unix_datagram_connect(socket, &peer), code);
        call_fails(mio_unix_datagram_connect(socket, NULL), code);
        call_fails(mio_unix_datagram_send(socket, buffer, 1), code);
        call_fails(mio_unix_datagram_send_to(socket, buffer, 1, &peer), code);
        call_fails(mio_unix_datagram_recv(socket, buffer, 1, &flags), code);
        call_fails_keeping(&addr, mio_unix_datagram_recv_from(socket, buffer, 1, &addr, &flags), code);
        call_fails(mio_unix_datagram_peek(socket, buffer, 1, &flags), code);
        call_fails_keeping(&addr, mio_unix_datagram_peek_from(socket, buffer, 1, &addr, &flags), code);
        call_fails(mio_unix_datagram_shutdown(socket, MIO_SHUTDOWN_BOTH), code);
        call_fails_keeping(&addr, mio_unix_datagram_local_addr(socket, &addr), code);
        call_fails_keeping(&addr, mio_unix_datagram_peer_addr(socket, &addr), code);
        call_fails_keeping(&error, mio_unix_datagram_take_error(socket, &error), code);
        kept_void(mio_unix_datagram_close(socket));
    }
    call_fails(mio_unix_datagram_send_to(&none, buffer, 1, NULL), EINVAL);
    call_fails(mio_unix_datagram_local_addr(&none, NULL), EINVAL);
    call_fails(mio_unix_datagram_peer_addr(&none, NULL), EINVAL);
    ck_assert_mem_eq(buffer, "kept", 4);
    ck_assert_uint_eq(flags, 7);
    ck_assert(is_zero(&none, sizeof none));
}
END_TEST

START_TEST(receive_that_fails_keeps_sender_and_flags)
{
    mio_unix_datagram socket;
    mio_addr addr;
    uint32_t flags = 7;
    char byte = 'x';
    scribble(&addr, sizeof addr);
    call_ok(mio_unix_datagram_open(&socket));
    call_fails_keeping(&addr, mio_unix_datagram_recv_from(&socket, &byte, 1, &addr, &flags), EAGAIN);
    call_fails_keeping(&addr, mio_unix_datagram_peek_from(&socket, &byte, 1, &addr, &flags), EAGAIN);
    call_fails_keeping(&addr, mio_unix_datagram_peer_addr(&socket, &addr), ENOTCONN);
    ck_assert_uint_eq(flags, 7);
    ck_assert_int_eq(byte, 'x');
    mio_unix_datagram_close(&socket);
}
END_TEST

/* Where a datagram cannot go, by either call. */
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
    mio_addr unnamed = unnamed_addr();
    mio_addr none = no_addr();
    mio_addr ip = loopback_v4();
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
    expect_unreachable(&socket, &unnamed, EINVAL);
    expect_unreachable(&socket, &none, EAFNOSUPPORT);
    expect_unreachable(&socket, &ip, EAFNOSUPPORT);
    call_fails(mio_unix_datagram_send(&socket, "x", 1), ENOTCONN);
    call_fails(mio_unix_datagram_shutdown(&socket, 3), EINVAL);
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
    call_ok(mio_unix_datagram_connect(&right, NULL)); /* with the datagram unread: it is lost */
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
    tcase_add_test(tcase, datagram_open_and_pair_errors);
    tcase_add_test(tcase, closed_and_null_datagram);
    tcase = add_unix_tcase(suite, "send");
    tcase_add_test(tcase, receive_that_fails_keeps_sender_and_flags);
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
