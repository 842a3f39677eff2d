// SPDX-License-Identifier: MIT
// Opens descriptors on systems where socket(2), accept(2) and pipe(2) cannot make the new descriptor close-on-exec. On
// these systems, a second call, fcntl(2), makes the descriptor close-on-exec. If another thread executes a program
// before the second call, the program inherits the descriptor.
#include "unix/new_fd.hpp"

#include "unix/calls.hpp"
#include "unix/control_message.hpp"
#include "unix/fd.hpp"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

namespace mio::impl {

namespace {

// Makes a new descriptor close-on-exec and non-blocking. A new descriptor has no other flags, so no flag is lost.
int set_flags(int fd)
{
    silence_fd(fd);
    const int failed = result_of(fcntl(fd, F_SETFD, FD_CLOEXEC));
    return failed != 0 ? failed : result_of(fcntl(fd, F_SETFL, O_NONBLOCK));
}

// Stores the descriptor that a call has opened. On failure, closes the descriptor and returns the error.
int store_opened(int opened, mio_handle *handle)
{
    const int failed = opened < 0 ? opened : set_flags(opened);
    if (failed == 0) return store_fd(opened, handle);
    if (opened >= 0) close_fd(opened);
    return failed;
}

// Stores both descriptors or none.
int store_both(const int opened[2], mio_handle *first, mio_handle *second)
{
    int failed = set_flags(opened[0]);
    if (failed == 0) failed = set_flags(opened[1]);
    if (failed != 0) {
        close_fd(opened[0]);
        close_fd(opened[1]);
        return failed;
    }
    *first = opened[0];
    *second = opened[1];
    return 0;
}

void set_cloexec(const cmsghdr *control)
{
    const size_t count = control_size(control) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd; // a copy, because the content may be unaligned
        memcpy(&fd, content_of(control) + i * sizeof fd, sizeof fd);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC); // this call cannot fail on an open descriptor
    }
}

} // namespace

int new_socket(int family, int type, mio_handle *opened)
{
    return store_opened(result_of(socket(family, type, 0)), opened);
}

int new_socket_pair(int family, int type, mio_handle opened[2])
{
    int fds[2];
    const int failed = result_of(socketpair(family, type, 0, fds));
    return failed != 0 ? failed : store_both(fds, &opened[0], &opened[1]);
}

int new_pipe(mio_handle *reading, mio_handle *writing)
{
    int fds[2];
    const int failed = result_of(pipe(fds));
    return failed != 0 ? failed : store_both(fds, reading, writing);
}

int new_connection(mio_handle listener, sockaddr *addr, socklen_t *addr_length, mio_handle *accepted)
{
    return store_opened(call_accept(listener, addr, addr_length), accepted);
}

long receive_new_fds(int fd, msghdr *message)
{
    const long received = call_recvmsg(fd, message, 0);
    if (received < 0) return received;
    for (const cmsghdr *next = CMSG_FIRSTHDR(message); next != nullptr; next = next_control(*message, next)) {
        if (next->cmsg_level == SOL_SOCKET && next->cmsg_type == SCM_RIGHTS) set_cloexec(next);
    }
    return received;
}

} // namespace mio::impl
