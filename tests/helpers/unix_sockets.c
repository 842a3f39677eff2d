/* SPDX-License-Identifier: MIT */
/* These helpers for the tests of Unix-domain sockets make addresses, connected pairs of sockets, and socket files. */

/* In an emulator, the position of an entry in a directory can need 64 bits, even in a 32-bit program. */
#define _FILE_OFFSET_BITS 64
#include "unix_sockets.h"

#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The name is short, because the path of a socket may have only about 100 bytes. */
static char directory[] = "/tmp/mioXXXXXX";

static void make_directory(void)
{
    memcpy(directory, "/tmp/mioXXXXXX", sizeof directory);
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void)
{
    DIR *dir = opendir(directory);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            ck_assert_int_eq(remove(in_dir(entry->d_name)), 0);
        }
    }
    closedir(dir);
    ck_assert_int_eq(rmdir(directory), 0);
}

TCase *add_unix_tcase(Suite *suite, const char *name)
{
    TCase *tcase = add_tcase(suite, name);
    tcase_add_checked_fixture(tcase, make_directory, remove_directory);
    return tcase;
}

const char *in_dir(const char *name)
{
    static char texts[16][512];
    static unsigned next;
    char *text = texts[next++ % 16];
    snprintf(text, sizeof texts[0], "%s/%s", directory, name);
    return text;
}

mio_addr any_path_addr(const char *path)
{
    mio_addr addr;
    ck_assert_ok(mio_addr_from_path(&addr, path, strlen(path)));
    return addr;
}

mio_addr path_addr(const char *name)
{
    return any_path_addr(in_dir(name));
}

mio_addr abstract_addr(const char *name)
{
    char text[100];
    mio_addr addr;
    int length = snprintf(text, sizeof text, "mio-test-%ld-%s", (long)getpid(), name);
    ck_assert_ok(mio_addr_from_abstract(&addr, text, (size_t)length));
    return addr;
}

mio_addr unnamed_addr(void)
{
    mio_addr addr;
    ck_assert_ok(mio_addr_unnamed(&addr));
    return addr;
}

bool exists(const char *name)
{
    struct stat file = {0};
    return lstat(in_dir(name), &file) == 0;
}

bool is_socket_file(const char *name)
{
    struct stat file = {0};
    return lstat(in_dir(name), &file) == 0 && S_ISSOCK(file.st_mode);
}

void make_stale(const char *name, int type)
{
    mio_addr addr = path_addr(name);
    close_fd(raw_unix(type, &addr, NULL));
    ck_assert(is_socket_file(name));
}

/* Valgrind treats every name as a null-terminated string, so all bytes behind the name must be zero. */
static void name_socket(int fd, const mio_addr *addr,
                        int (*give)(int fd, const struct sockaddr *name, socklen_t length))
{
    struct sockaddr_storage name = {0};
    int length = mio_addr_to_sockaddr(addr, &name, sizeof name);
    ck_assert_int_gt(length, 0);
    ck_assert_int_eq(give(fd, (const struct sockaddr *)&name, (socklen_t)length), 0);
}

/*
 * In glibc, the address parameter of bind(2) and connect(2) is a transparent union, so these functions do not have the
 * type of `give`. bind_it and connect_it have this type, and call bind(2) and connect(2).
 */
static int bind_it(int fd, const struct sockaddr *name, socklen_t length)
{
    return bind(fd, name, length);
}

static int connect_it(int fd, const struct sockaddr *name, socklen_t length)
{
    return connect(fd, name, length);
}

int raw_unix(int type, const mio_addr *from, const mio_addr *to)
{
    int fd = raw_socket(AF_UNIX, type);
    if (from != NULL) {
        name_socket(fd, from, bind_it);
    }
    if (to != NULL) {
        name_socket(fd, to, connect_it);
    }
    return fd;
}

int raw_unix_listener(int type, const mio_addr *addr, int backlog)
{
    int fd = raw_unix(type, addr, NULL);
    ck_assert_int_eq(listen(fd, backlog), 0);
    return fd;
}

void raw_unix_pair(int type, int fds[2])
{
    ck_assert_int_eq(socketpair(AF_UNIX, type, 0, fds), 0);
}

void make_unix_listener(mio_unix_listener *listener, const char *name, mio_addr *addr)
{
    mio_addr at = path_addr(name);
    ck_assert_ok(mio_unix_listener_bind(listener, &at, 128, 0));
    if (addr != NULL) {
        *addr = at;
    }
}

void accept_unix(mio_unix_listener *listener, mio_unix_stream *stream)
{
    wait_handle(mio_unix_listener_handle(listener), POLLIN);
    ck_assert_ok(mio_unix_listener_accept(listener, stream, NULL));
}
