// SPDX-License-Identifier: MIT
// A notifier on a pipe, for systems and sandboxes without eventfd(2): a byte with every notification, none ever read
// but when the pipe is full. Every write is an edge for epoll, also into a pipe that is not empty (Linux 5.5 to 5.13 lost
// that for a while; the stable kernels got it back).
#include "unix/pipe_notifier.hpp"

#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

namespace mio::impl {

namespace {

int open_pipe(NotifierEnds *ends)
{
    int fds[2];
    const int failed = result_of(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
    if (failed < 0) return failed;
    *ends = {fds[0], fds[1]};
    return 0;
}

void close_pipe(NotifierEnds *ends)
{
    close_fd(ends->written);
    close_fd(ends->watched);
}

int notify_pipe(const NotifierEnds *ends)
{
    const ErrnoGuard guard;
    const char byte = 1;
    long result;
    // A full pipe takes no byte, and without a byte there is no edge. Other threads may fill it again: try until one
    // byte went in.
    while ((result = call_write(ends->written, &byte, 1)) == -EAGAIN)
        drain_fd(ends->watched);
    return result < 0 ? static_cast<int>(result) : 0;
}

} // namespace

const Notifier pipe_notifier = {
    .name = "pipe",
    .open = open_pipe,
    .close = close_pipe,
    .notify = notify_pipe,
};

} // namespace mio::impl
