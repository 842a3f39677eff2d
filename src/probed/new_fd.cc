// SPDX-License-Identifier: MIT
// Opens descriptors with accept4(2), pipe2(2) and the flags of socket(2). POSIX.1-2024 specifies these calls and flags,
// and Linux and most BSDs have them.
#include "unix/new_fd.hpp"

#include "core/refused_call.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/fd.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace mio::impl {

namespace {

constexpr int from_birth = SOCK_NONBLOCK | SOCK_CLOEXEC;

int call_accept4(int fd, sockaddr *addr, socklen_t *addr_length, int flags)
{
    const CancelGuard guard;
    return result_of(accept4(fd, addr, addr_length, flags));
}

// Accepts a connection without accept4(2). The library calls this function in a sandbox that refuses accept4(2).
int accept_without_flags(int fd, sockaddr *addr, socklen_t *addr_length, mio_handle *accepted)
{
    const int result = call_accept(fd, addr, addr_length);
    return result < 0 ? result : store_new_fd(result, accepted);
}

} // namespace

int new_socket(int family, int type, mio_handle *opened)
{
    return store_fd(result_of(socket(family, type | from_birth, 0)), opened);
}

int new_socket_pair(int family, int type, mio_handle opened[2])
{
    return result_of(socketpair(family, type | from_birth, 0, opened));
}

// If a sandbox forbids pipe2(2), the function returns -EPERM. pipe(2) is no replacement, because the pipe(2) of glibc
// calls pipe2(2) as well.
int new_pipe(mio_handle *reading, mio_handle *writing)
{
    int fds[2];
    const int failed = result_of(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
    if (failed != 0) return is_forbidden_call(failed) ? -EPERM : failed;
    *reading = fds[0];
    *writing = fds[1];
    return 0;
}

int new_connection(mio_handle listener, sockaddr *addr, socklen_t *addr_length, mio_handle *accepted)
{
    const int result = call_accept4(listener, addr, addr_length, from_birth);
    if (!MIO_UNLIKELY(is_refused_call(result))) return store_fd(result, accepted);
    return accept_without_flags(listener, addr, addr_length, accepted);
}

long receive_new_fds(int fd, msghdr *message)
{
    return call_recvmsg(fd, message, MSG_CMSG_CLOEXEC);
}

} // namespace mio::impl
