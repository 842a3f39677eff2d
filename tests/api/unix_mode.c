/* SPDX-License-Identifier: MIT */
/*
 * Tests MIO_UNIX_MODE, which sets the mode of a socket's file. When bind(2) returns, the file has at most the
 * permissions of this mode. When the library calls listen(2), the file has exactly this mode.
 */
#include "../helpers/unix_sockets.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOT_SEEN = 010000 };

/*
 * These variables record the mode of the file directly after bind(2), and directly before listen(2). This program
 * defines its own bind and listen, which set the variables. The library calls these functions instead of libc's.
 */
static mode_t bound_as;
static mode_t listened_as;

static mode_t mode_of_file(void)
{
    struct stat file = {0};
    ck_assert_int_eq(lstat(in_dir("s"), &file), 0);
    ck_assert(S_ISSOCK(file.st_mode));
    return file.st_mode & 07777;
}

int bind(int fd, const struct sockaddr *addr, socklen_t length)
{
    int result = (int)syscall(SYS_bind, fd, addr, length);
    if (result == 0 && exists("s")) {
        bound_as = mode_of_file();
    }
    return result;
}

int listen(int fd, int backlog)
{
    if (exists("s")) {
        listened_as = mode_of_file();
    }
    return (int)syscall(SYS_listen, fd, backlog);
}

static const mode_t modes[] = {0, 0600, 0660, 0666, 0755, 0777, 0123};
static const mode_t masks[] = {0, 022, 077, 0117, 0777};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Calls `open` with each mode under each umask, and checks the mode of the file. */
static void expect_modes(void (*open)(const mio_addr *addr, uint32_t flags))
{
    mio_addr addr = path_addr("s");
    for (size_t i = 0; i < COUNT(modes); i++) {
        for (size_t m = 0; m < COUNT(masks); m++) {
            mode_t before = umask(masks[m]);
            bound_as = NOT_SEEN;
            open(&addr, MIO_UNIX_MODE(modes[i]));
            ck_assert_uint_eq(umask(before), masks[m]); /* the library has not changed the umask */
            ck_assert_uint_eq(bound_as & ~modes[i], 0);
            ck_assert_uint_eq(mode_of_file(), modes[i]);
            ck_assert_int_eq(unlink(in_dir("s")), 0);
        }
    }
}

static void open_listener(const mio_addr *addr, uint32_t flags)
{
    const uint32_t kinds[] = {0, MIO_UNIX_SEQPACKET};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        mio_unix_listener listener;
        listened_as = NOT_SEEN;
        /* In the second round, the listener replaces the file of the first round, whatever mode this file has. */
        ck_assert_ok(mio_unix_listener_bind(&listener, addr, 1, flags | kinds[i] | MIO_UNIX_REPLACE));
        ck_assert_uint_eq(listened_as, mode_of_file());
        mio_unix_listener_close(&listener);
    }
}

static void open_datagram(const mio_addr *addr, uint32_t flags)
{
    mio_unix_datagram socket;
    ck_assert_ok(mio_unix_datagram_bind(&socket, addr, flags));
    mio_unix_datagram_close(&socket);
}

START_TEST(a_listener_has_exactly_its_mode)
{
    expect_modes(open_listener);
}
END_TEST

START_TEST(a_datagram_socket_has_exactly_its_mode)
{
    expect_modes(open_datagram);
}
END_TEST

START_TEST(without_a_mode_the_umask_decides)
{
    mio_addr addr = path_addr("s");
    mio_unix_listener listener;
    mode_t before = umask(027);
    ck_assert_ok(mio_unix_listener_bind(&listener, &addr, 1, 0));
    ck_assert_uint_eq(mode_of_file(), 0750);
    mio_unix_listener_close(&listener);
    umask(before);
}
END_TEST

/* Checks that binding fails with `code` and leaves no file and no descriptor. */
static void expect_refused(const mio_addr *addr, uint32_t flags, int code)
{
    mio_unix_listener listener;
    mio_unix_datagram socket;
    int descriptors = count_descriptors();
    ck_assert_errno(mio_unix_listener_bind(&listener, addr, 1, flags), -code);
    ck_assert_errno(mio_unix_datagram_bind(&socket, addr, flags), -code);
    ck_assert_int_eq(count_descriptors(), descriptors);
}

START_TEST(what_has_no_mode_is_refused)
{
    mio_addr path = path_addr("s");
    mio_addr abstract = abstract_addr("mode");
    mio_addr unnamed = unnamed_addr();
    mio_addr ip = loopback_v4();
    const uint32_t wrong[] = {MIO_UNIX_MODE(01000), MIO_UNIX_MODE(04755), MIO_UNIX_MODE(0xffffu),
                              0600u << MIO_UNIX_MODE_SHIFT, 0x8u};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        expect_refused(&path, wrong[i], EINVAL);
    }
    ck_assert(!exists("s"));
    expect_refused(&abstract, MIO_UNIX_MODE(0600), EINVAL);
    expect_refused(&unnamed, MIO_UNIX_MODE(0600), EINVAL);
    expect_refused(&abstract, MIO_UNIX_MODE(0600) | MIO_UNIX_REPLACE, EINVAL);
    expect_refused(&ip, MIO_UNIX_MODE(0600), EAFNOSUPPORT);
}
END_TEST

START_TEST(a_file_that_is_there_keeps_its_mode)
{
    mio_addr addr = path_addr("s");
    int fd = raw_unix(SOCK_DGRAM, &addr, NULL);
    ck_assert_int_eq(chmod(in_dir("s"), 0640), 0);
    expect_refused(&addr, MIO_UNIX_MODE(0777), EADDRINUSE);
    expect_refused(&addr, MIO_UNIX_MODE(0777) | MIO_UNIX_REPLACE, EADDRINUSE);
    ck_assert_uint_eq(mode_of_file(), 0640);
    close_fd(fd);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("unix_mode");
    TCase *tcase = add_unix_tcase(suite, "mode");
    tcase_add_test(tcase, a_listener_has_exactly_its_mode);
    tcase_add_test(tcase, a_datagram_socket_has_exactly_its_mode);
    tcase_add_test(tcase, without_a_mode_the_umask_decides);
    tcase_add_test(tcase, what_has_no_mode_is_refused);
    tcase_add_test(tcase, a_file_that_is_there_keeps_its_mode);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
