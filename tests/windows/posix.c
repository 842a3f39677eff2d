/* SPDX-License-Identifier: MIT */
#include "posix.h"

#undef accept
#undef bind
#undef connect
#undef getpeername
#undef getsockname
#undef getsockopt
#undef listen
#undef recv
#undef recvfrom
#undef send
#undef sendto
#undef setsockopt
#undef shutdown
#undef socket

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>

/*
 * Sets errno to the value that stands for the last error of Winsock, and returns -1. Winsock has error numbers of its
 * own, but the tests check errno.
 */
static int fail(void)
{
    static const struct {
        int windows;
        int code;
    } errors[] = {
        {WSAEINTR, EINTR},
        {WSAEBADF, EBADF},
        {WSAENOTSOCK, EBADF},
        {WSAEACCES, EACCES},
        {WSAEINVAL, EINVAL},
        {WSAEMFILE, EMFILE},
        {WSAEWOULDBLOCK, EAGAIN},
        {WSAEADDRINUSE, EADDRINUSE},
        {WSAEADDRNOTAVAIL, EADDRNOTAVAIL},
        {WSAEAFNOSUPPORT, EAFNOSUPPORT},
        {WSAECONNREFUSED, ECONNREFUSED},
        {WSAECONNRESET, ECONNRESET},
        {WSAECONNABORTED, ECONNABORTED},
        {WSAEISCONN, EISCONN},
        {WSAENOTCONN, ENOTCONN},
        {WSAEMSGSIZE, EMSGSIZE},
        {WSAENOPROTOOPT, ENOPROTOOPT},
        {WSAESHUTDOWN, EPIPE},
        {WSAETIMEDOUT, ETIMEDOUT},
    };
    const int found = WSAGetLastError();
    errno = EIO;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].windows == found) {
            errno = errors[i].code;
        }
    }
    return -1;
}

static int result_of(int result)
{
    return result == SOCKET_ERROR ? fail() : result;
}

static int socket_or_fail(SOCKET made)
{
    return made == INVALID_SOCKET ? fail() : (int)made;
}

static SOCKET socket_of(int fd)
{
    return (SOCKET)(intptr_t)fd;
}

static HANDLE handle_of(int fd)
{
    return (HANDLE)(intptr_t)fd;
}

static int int_of(size_t length)
{
    return length < INT_MAX ? (int)length : INT_MAX;
}

int posix_socket(int domain, int type, int protocol)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) {
        errno = ENOSYS;
        return -1;
    }
    const SOCKET made = socket(domain, type, protocol);
    const DWORD off = 0;
    if (domain == AF_INET6) { /* an IPv6 socket also uses IPv4, as on other systems */
        (void)setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&off, sizeof off);
    }
    return socket_or_fail(made);
}

int posix_bind(int fd, const struct sockaddr *name, socklen_t length)
{
    return result_of(bind(socket_of(fd), name, length));
}

int posix_listen(int fd, int backlog)
{
    return result_of(listen(socket_of(fd), backlog));
}

int posix_connect(int fd, const struct sockaddr *name, socklen_t length)
{
    return result_of(connect(socket_of(fd), name, length));
}

int posix_accept(int fd, struct sockaddr *name, socklen_t *length)
{
    return socket_or_fail(accept(socket_of(fd), name, length));
}

int posix_getsockname(int fd, struct sockaddr *name, socklen_t *length)
{
    return result_of(getsockname(socket_of(fd), name, length));
}

int posix_getpeername(int fd, struct sockaddr *name, socklen_t *length)
{
    return result_of(getpeername(socket_of(fd), name, length));
}

int posix_getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
    return result_of(getsockopt(socket_of(fd), level, name, value, length));
}

int posix_setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    return result_of(setsockopt(socket_of(fd), level, name, value, length));
}

int posix_shutdown(int fd, int how)
{
    return result_of(shutdown(socket_of(fd), how));
}

ssize_t posix_send(int fd, const void *buffer, size_t length, int flags)
{
    return result_of(send(socket_of(fd), buffer, int_of(length), flags));
}

static bool has_input(int fd)
{
    struct pollfd entry = {.fd = socket_of(fd), .events = POLLIN};
    return WSAPoll(&entry, 1, 0) != 0;
}

ssize_t posix_recv(int fd, void *buffer, size_t length, int flags)
{
    if ((flags & MSG_DONTWAIT) != 0 && !has_input(fd)) {
        errno = EAGAIN;
        return -1;
    }
    return result_of(recv(socket_of(fd), buffer, int_of(length), flags & ~MSG_DONTWAIT));
}

ssize_t posix_sendto(int fd, const void *buffer, size_t length, int flags, const struct sockaddr *name,
                     socklen_t name_length)
{
    return result_of(sendto(socket_of(fd), buffer, int_of(length), flags, name, name_length));
}

ssize_t posix_recvfrom(int fd, void *buffer, size_t length, int flags, struct sockaddr *name, socklen_t *name_length)
{
    return result_of(recvfrom(socket_of(fd), buffer, int_of(length), flags, name, name_length));
}

int posix_poll(struct pollfd *fds, unsigned long count, int milliseconds)
{
    if (count == 0) {
        Sleep((DWORD)milliseconds);
        return 0;
    }
    return result_of(WSAPoll(fds, count, milliseconds));
}

int posix_close(int fd)
{
    return result_of(closesocket(socket_of(fd)));
}

ssize_t posix_read(int fd, void *buffer, size_t length)
{
    return posix_recv(fd, buffer, length, 0);
}

ssize_t posix_write(int fd, const void *buffer, size_t length)
{
    return posix_send(fd, buffer, length, 0);
}

/*
 * Tries to receive, and returns the error. The error is WSAEWOULDBLOCK if the socket is non-blocking, and WSAETIMEDOUT
 * if it is blocking.
 */
static int error_of_receiving(int fd)
{
    DWORD before;
    DWORD soon = 1;
    BOOL listening;
    char byte;
    int length = sizeof listening;
    if (getsockopt(socket_of(fd), SOL_SOCKET, SO_ACCEPTCONN, (char *)&listening, &length) != 0 || has_input(fd)) {
        return WSAEINVAL;
    }
    if (listening) {
        return accept(socket_of(fd), NULL, NULL) == INVALID_SOCKET ? WSAGetLastError() : WSAEINVAL;
    }
    length = sizeof before;
    getsockopt(socket_of(fd), SOL_SOCKET, SO_RCVTIMEO, (char *)&before, &length);
    setsockopt(socket_of(fd), SOL_SOCKET, SO_RCVTIMEO, (char *)&soon, sizeof soon);
    const int error = recv(socket_of(fd), &byte, 1, MSG_PEEK) < 0 ? WSAGetLastError() : WSAEINVAL;
    setsockopt(socket_of(fd), SOL_SOCKET, SO_RCVTIMEO, (char *)&before, sizeof before);
    return error;
}

static int status_flags(int fd)
{
    switch (error_of_receiving(fd)) {
    case WSAEWOULDBLOCK:
        return O_NONBLOCK;
    case WSAETIMEDOUT:
        return 0;
    default:
        errno = ENOTSUP;
        return -1;
    }
}

int posix_fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    const int value = command == F_SETFL || command == F_SETFD ? va_arg(arguments, int) : 0;
    va_end(arguments);
    DWORD flags;
    u_long on = (value & O_NONBLOCK) != 0;
    switch (command) {
    case F_GETFD:
        if (fd != -1 && GetHandleInformation(handle_of(fd), &flags)) {
            return (flags & HANDLE_FLAG_INHERIT) != 0 ? 0 : FD_CLOEXEC;
        }
        errno = EBADF;
        return -1;
    case F_SETFD:
        flags = (value & FD_CLOEXEC) != 0 ? 0 : HANDLE_FLAG_INHERIT;
        return SetHandleInformation(handle_of(fd), HANDLE_FLAG_INHERIT, flags) ? 0 : -1;
    case F_GETFL:
        return status_flags(fd);
    case F_SETFL:
        return result_of(ioctlsocket(socket_of(fd), (long)FIONBIO, &on));
    default:
        errno = ENOTSUP;
        return -1;
    }
}

int posix_socketpair(int domain, int type, int protocol, int fds[2])
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *address = (struct sockaddr *)&name;
    socklen_t length = sizeof name;
    const int listener = posix_socket(AF_INET, SOCK_STREAM, 0);
    (void)domain;
    (void)type;
    (void)protocol;
    if (listener == -1 || posix_bind(listener, address, length) != 0 || posix_listen(listener, 1) != 0 ||
        posix_getsockname(listener, address, &length) != 0) {
        return -1;
    }
    fds[0] = posix_socket(AF_INET, SOCK_STREAM, 0);
    if (fds[0] == -1 || posix_connect(fds[0], address, length) != 0) {
        return -1;
    }
    fds[1] = posix_accept(listener, NULL, NULL);
    posix_close(listener);
    return fds[1] == -1 ? -1 : 0;
}

int posix_pipe(int fds[2])
{
    if (posix_socketpair(AF_INET, SOCK_STREAM, 0, fds) != 0) {
        return -1;
    }
    return posix_shutdown(fds[0], SHUT_WR) == 0 && posix_shutdown(fds[1], SHUT_RD) == 0 ? 0 : -1;
}

long sysconf(int name)
{
    return name == _SC_OPEN_MAX ? 2048 : -1;
}

int setenv(const char *name, const char *value, int replaces)
{
    return replaces || getenv(name) == NULL ? _putenv_s(name, value) : 0;
}

int unsetenv(const char *name)
{
    return _putenv_s(name, "");
}
