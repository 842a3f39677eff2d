/* SPDX-License-Identifier: MIT */
/*
 * Defines, for Windows, the POSIX calls that the test programs make. The folder of this file is on the include path of
 * the tests. The folder also has <sys/socket.h> and other headers that Windows lacks. Sockets are small numbers on
 * Windows, so the tests keep a socket in an int.
 */
#ifndef MIO_TESTS_WINDOWS_POSIX_H
#define MIO_TESTS_WINDOWS_POSIX_H

#include <winsock2.h>

#include <windows.h>

#include <ws2tcpip.h>

#include <afunix.h>

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <iphlpapi.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/* Names that Windows lacks. */
#define ESHUTDOWN WSAESHUTDOWN
#define MSG_NOSIGNAL 0
#define MSG_DONTWAIT 0x1000000 /* no flag of Winsock */
#define SHUT_RD SD_RECEIVE
#define SHUT_WR SD_SEND
#define SHUT_RDWR SD_BOTH
#define F_DUPFD 0 /* fcntl fails with this command */
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define FD_CLOEXEC 1
#define O_NONBLOCK 0x800
#define O_CLOEXEC _O_NOINHERIT

#ifdef __cplusplus
extern "C" {
#endif

/* After a failure, each function sets errno and returns -1. */
int posix_socket(int domain, int type, int protocol);
int posix_bind(int fd, const struct sockaddr *name, socklen_t length);
int posix_listen(int fd, int backlog);
int posix_connect(int fd, const struct sockaddr *name, socklen_t length);
int posix_accept(int fd, struct sockaddr *name, socklen_t *length);
int posix_getsockname(int fd, struct sockaddr *name, socklen_t *length);
int posix_getpeername(int fd, struct sockaddr *name, socklen_t *length);
int posix_getsockopt(int fd, int level, int name, void *value, socklen_t *length);
int posix_setsockopt(int fd, int level, int name, const void *value, socklen_t length);
int posix_shutdown(int fd, int how);
ssize_t posix_send(int fd, const void *buffer, size_t length, int flags);
ssize_t posix_recv(int fd, void *buffer, size_t length, int flags);
ssize_t posix_sendto(int fd, const void *buffer, size_t length, int flags, const struct sockaddr *name,
                     socklen_t name_length);
ssize_t posix_recvfrom(int fd, void *buffer, size_t length, int flags, struct sockaddr *name, socklen_t *name_length);
int posix_poll(struct pollfd *fds, unsigned long count, int milliseconds);

/* These functions work only for sockets. */
int posix_close(int fd);
ssize_t posix_read(int fd, void *buffer, size_t length);
ssize_t posix_write(int fd, const void *buffer, size_t length);

/*
 * No call of Windows reports whether a socket is non-blocking. So F_GETFL tries to receive from the socket. F_GETFL
 * fails if data has arrived, or if the socket is neither bound nor connected. For a blocking listener, F_GETFL hangs.
 */
int posix_fcntl(int fd, int command, ...);

/* Each of these two functions makes a pair of connected TCP sockets. posix_pipe shuts down each socket in one
 * direction. */
int posix_pipe(int fds[2]);
int posix_socketpair(int domain, int type, int protocol, int fds[2]);

/* Supports only _SC_OPEN_MAX. The tests count only handles below the number that sysconf returns. */
#define _SC_OPEN_MAX 4
long sysconf(int name);

int setenv(const char *name, const char *value, int replaces);
int unsetenv(const char *name);

#ifdef __cplusplus
}
#else

#define socket(...) posix_socket(__VA_ARGS__)
#define bind(...) posix_bind(__VA_ARGS__)
#define listen(...) posix_listen(__VA_ARGS__)
#define connect(...) posix_connect(__VA_ARGS__)
#define accept(...) posix_accept(__VA_ARGS__)
#define getsockname(...) posix_getsockname(__VA_ARGS__)
#define getpeername(...) posix_getpeername(__VA_ARGS__)
#define getsockopt(...) posix_getsockopt(__VA_ARGS__)
#define setsockopt(...) posix_setsockopt(__VA_ARGS__)
#define shutdown(...) posix_shutdown(__VA_ARGS__)
#define send(...) posix_send(__VA_ARGS__)
#define recv(...) posix_recv(__VA_ARGS__)
#define sendto(...) posix_sendto(__VA_ARGS__)
#define recvfrom(...) posix_recvfrom(__VA_ARGS__)
#define poll(...) posix_poll(__VA_ARGS__)
#define close(...) posix_close(__VA_ARGS__)
#define read(...) posix_read(__VA_ARGS__)
#define write(...) posix_write(__VA_ARGS__)
#define fcntl(...) posix_fcntl(__VA_ARGS__)
#define pipe(...) posix_pipe(__VA_ARGS__)
#define socketpair(...) posix_socketpair(__VA_ARGS__)

#endif /* not for C++, where these macros would rename functions of <mio.hpp>; see tests/cxx/support.hpp */

#endif /* MIO_TESTS_WINDOWS_POSIX_H */
