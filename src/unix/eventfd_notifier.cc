// SPDX-License-Identifier: MIT
// A notifier on eventfd(2): one descriptor, a counter that is never read, and an edge with every write.
#include "unix/eventfd_notifier.hpp"

#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"

#include <errno.h>
#include <sys/eventfd.h>

namespace mio::impl {

namespace {

int open_eventfd(NotifierEnds *ends)
{
    const int fd = result_of(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (fd < 0) return fd;
    *ends = {fd, fd};
    return 0;
}

void close_eventfd(NotifierEnds *ends)
{
    close_fd(ends->watched);
}

int notify_eventfd(const NotifierEnds *ends)
{
    const ErrnoGuard guard;
    const uint64_t one = 1;
    long result = call_write(ends->written, &one, sizeof one);
    if (MIO_UNLIKELY(result == -EAGAIN)) {
        // The counter is full, after 2^64 wakes or a stranger's write: empty it, so that the write makes its edge.
        drain_fd(ends->watched);
        result = call_write(ends->written, &one, sizeof one);
    }
    return result < 0 ? static_cast<int>(result) : 0;
}

} // namespace

const Notifier eventfd_notifier = {
    .name = "eventfd",
    .open = open_eventfd,
    .close = close_eventfd,
    .notify = notify_eventfd,
};

} // namespace mio::impl
