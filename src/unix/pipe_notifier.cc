// SPDX-License-Identifier: MIT
// Defines pipe_notifier, which ends a wait with a pipe. To end the wait, another thread or a signal handler writes to
// the pipe. The library uses the pipe if the system lacks eventfd(2), or if a sandbox refuses eventfd(2). Each
// notification writes a byte. The selector that uses poll(2) reads the bytes at each wake. For any other selector, the
// library reads the bytes only when the pipe is full. For epoll every write is an edge, even if the pipe is not empty.
// (The first releases of Linux 5.5 to 5.13 do not report this edge. The later stable releases of these versions report
// the edge.)
#include "unix/calls.hpp"
#include "unix/fd.hpp"
#include "unix/mechanisms.hpp"
#include "unix/new_fd.hpp"
#include "unix/notification.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace mio::impl {

namespace {

int open_pipe(NotifierEnds *ends)
{
    return new_pipe(&ends->watched, &ends->written);
}

void close_pipe(NotifierEnds *ends)
{
    close_fd(ends->written);
    close_fd(ends->watched);
}

int notify_pipe(const NotifierEnds *ends)
{
    const char byte = 1;
    return write_notification(*ends, &byte, sizeof byte);
}

} // namespace

const Notifier pipe_notifier = {
    .name = "pipe",
    .open = open_pipe,
    .close = close_pipe,
    .notify = notify_pipe,
};

} // namespace mio::impl
