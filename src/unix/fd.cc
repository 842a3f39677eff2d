// SPDX-License-Identifier: MIT
#include "unix/fd.hpp"

#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace mio::impl {

int set_nonblocking_cloexec(int fd)
{
    const int status_flags = result_of(fcntl(fd, F_GETFL));
    if (status_flags < 0) return status_flags;
    const int fd_flags = result_of(fcntl(fd, F_GETFD));
    if (fd_flags < 0) return fd_flags;
    // Set FD_CLOEXEC before O_NONBLOCK. If setting O_NONBLOCK fails, the function undoes the change of FD_CLOEXEC,
    // which belongs to the descriptor alone. The function could not safely undo a change of O_NONBLOCK, because
    // O_NONBLOCK belongs to the open file, and other processes may share the open file.
    int failed = result_of(fcntl(fd, F_SETFD, fd_flags | FD_CLOEXEC));
    if (failed < 0) return failed;
    failed = result_of(fcntl(fd, F_SETFL, status_flags | O_NONBLOCK));
    if (failed < 0) {
        (void)fcntl(fd, F_SETFD, fd_flags);
        return failed;
    }
    silence_fd(fd);
    return 0;
}

int store_new_fd(int fd, mio_handle *handle)
{
    const int failed = set_nonblocking_cloexec(fd);
    if (failed == 0) return store_fd(fd, handle);
    close_fd(fd);
    return failed;
}

void close_fd(int fd)
{
    const ErrnoGuard errno_guard;
    const CancelGuard cancel_guard;
    (void)close(fd);
}

bool drain_fd(int fd)
{
    const CancelGuard guard;
    char bytes[4096];
    bool found = false;
    long length;
    do {
        length = uninterrupted([&] { return call_read(fd, bytes, sizeof bytes); });
        found |= length > 0;
    } while (length == static_cast<long>(sizeof bytes)); // after a short read the descriptor is empty
    return found;
}

} // namespace mio::impl
