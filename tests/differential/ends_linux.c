/* SPDX-License-Identifier: MIT */
#include "ends.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

link_kind kind_of(unsigned arg)
{
    return arg % KINDS;
}

bool has_verb(verb which)
{
    (void)which;
    return true;
}

bool is_unreliable(const endpoint *end)
{
    (void)end;
    return false;
}

bool may_miss_reset(const endpoint *end)
{
    (void)end;
    return false;
}

int ready_now(int fd)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
    return poll(&entry, 1, 0) == 1 ? entry.revents : 0;
}

bool open_bare(int fds[2], link_kind kind)
{
    if (kind == KIND_BARE_STREAM) {
        (void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
    } else if (kind == KIND_EVENTFD) {
        fds[0] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    } else {
        fds[0] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    }
    return fds[0] != -1;
}

int64_t write_bare(const endpoint *end, const void *buffer, size_t length)
{
    const uint64_t one = 1;
    const struct itimerspec soon = {.it_value = {.tv_nsec = 1}};
    if (end->kind == KIND_EVENTFD) {
        return outcome(write(end->fd, &one, sizeof one));
    }
    if (end->kind == KIND_TIMERFD) {
        int result = timerfd_settime(end->fd, 0, &soon, NULL);
        wait_until(end->fd, POLLIN);
        return outcome(result);
    }
    return outcome(send(end->fd, buffer, length, MSG_NOSIGNAL));
}
