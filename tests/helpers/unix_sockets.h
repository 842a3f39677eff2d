/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the Unix-domain socket tests, in addition to sockets.h. The helpers make addresses, connected pairs of
 * sockets, and socket files.
 */
#ifndef MIO_TESTS_UNIX_SOCKETS_H
#define MIO_TESTS_UNIX_SOCKETS_H

#include "sockets.h"

/*
 * add_unix_tcase makes a test case in which each test has its own empty directory. The test case removes the directory
 * after the test. in_dir returns the path of a name in the directory. The path stays valid for the next fifteen calls
 * of in_dir.
 */
TCase *add_unix_tcase(Suite *suite, const char *name);
const char *in_dir(const char *name);

/*
 * path_addr returns the address of a path in the test's directory. any_path_addr returns the address of any path.
 * abstract_addr returns an abstract name that no other process uses.
 */
mio_addr path_addr(const char *name);
mio_addr any_path_addr(const char *path);
mio_addr abstract_addr(const char *name);
mio_addr unnamed_addr(void);

/* These functions return whether a file exists, and whether a file is a socket. */
bool exists(const char *name);
bool is_socket_file(const char *name);

/* Makes a stale socket file: binds a socket, and closes the socket without removing its file. */
void make_stale(const char *name, int type);

/*
 * Opens a blocking socket of this type with system calls. If `from` is not null, binds the socket to it. If `to` is not
 * null, connects the socket to it.
 */
int raw_unix(int type, const mio_addr *from, const mio_addr *to);

/* Opens a listening socket with system calls. */
int raw_unix_listener(int type, const mio_addr *addr, int backlog);

/* Makes a connected pair of blocking sockets with system calls. */
void raw_unix_pair(int type, int fds[2]);

/* Makes a listener at the path `name` in the test's directory. Stores the address of the listener in *addr. */
void make_unix_listener(mio_unix_listener *listener, const char *name, mio_addr *addr);

/* Waits for a connection, and accepts it. */
void accept_unix(mio_unix_listener *listener, mio_unix_stream *stream);

#endif /* MIO_TESTS_UNIX_SOCKETS_H */
