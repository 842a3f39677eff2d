// SPDX-License-Identifier: MIT
// Defines eventfd_notifier, which ends a wait with an eventfd(2). To end the wait, another thread or a signal handler
// writes to the eventfd. epoll reports each write as an edge, even if nobody has read the counter since the last write.
// So with epoll, the library reads the counter only when the counter is full. The selector that uses poll(2) reads the
// counter at each wake.
#include "linux/mechanisms.hpp"
#include "unix/calls.hpp"
#include "unix/fd.hpp"
#include "unix/notification.hpp"

#include <sys/eventfd.h>

namespace mio::impl {

namespace {

int open_eventfd(NotifierEnds *ends)
{
    const int fd = result_of(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (fd < 0) return fd;
    *ends = {fd, fd, 0};
    return 0;
}

void close_eventfd(NotifierEnds *ends)
{
    close_fd(ends->watched);
}

int notify_eventfd(const NotifierEnds *ends)
{
    // The counter can be full, after 2^64 wakes or after a write by other code. Then write_notification empties it.
    const uint64_t one = 1;
    return write_notification(*ends, &one, sizeof one);
}

} // namespace

const Notifier eventfd_notifier = {
    .name = "eventfd",
    .open = open_eventfd,
    .close = close_eventfd,
    .notify = notify_eventfd,
};

} // namespace mio::impl
