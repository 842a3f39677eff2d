/* SPDX-License-Identifier: MIT */
/*
 * Opens, uses and closes links on Windows, where every link is a TCP or a UDP link. AFD polls only sockets, and Wine
 * has no Unix sockets. A bare stream is a TCP connection here. The tests cannot duplicate a socket.
 */
#include "ends.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

link_kind kind_of(unsigned arg)
{
    static const link_kind kinds[] = {KIND_TCP, KIND_UDP, KIND_BARE_STREAM};
    return kinds[arg % (sizeof kinds / sizeof kinds[0])];
}

bool has_verb(verb which)
{
    static const bool lacks[VERBS] = {[DO_DUP] = true};
    return !lacks[which];
}

/* wine/datagram_error: Wine reports an error of a UDP socket after the peer has closed its socket. */
bool is_unreliable(const endpoint *end)
{
    return end->kind == KIND_UDP && end->link_has_ended;
}

/* wine/reset_forgotten: a poll of Wine clears the error of a reset. */
bool may_miss_reset(const endpoint *end)
{
    return end->kind != KIND_UDP && end->link_has_ended;
}

/*
 * If the peer shuts down its side, WSAPoll reports POLLHUP. After an error or a reset, it reports POLLHUP and POLLERR.
 * In poll(2), POLLHUP means that both sides have ended.
 */
int ready_now(int fd)
{
    struct pollfd entry = {.fd = (SOCKET)fd, .events = POLLRDNORM | POLLRDBAND | POLLWRNORM};
    if (poll(&entry, 1, 0) != 1) {
        return 0;
    }
    int ready = entry.revents & (POLLERR | POLLOUT);
    ready |= (entry.revents & POLLRDNORM) != 0 ? POLLIN : 0;
    ready |= (entry.revents & POLLRDBAND) != 0 ? POLLPRI : 0;
    if ((entry.revents & POLLHUP) != 0) {
        ready |= (entry.revents & POLLERR) != 0 ? POLLHUP : POLLRDHUP;
    }
    return ready;
}

bool open_bare(int fds[2], link_kind kind)
{
    (void)kind;
    return socketpair(AF_INET, SOCK_STREAM, 0, fds) == 0 && fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0;
}

int64_t write_bare(const endpoint *end, const void *buffer, size_t length)
{
    return outcome(send(end->fd, buffer, length, MSG_NOSIGNAL));
}
