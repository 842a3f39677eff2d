/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a knote is active, and fills in its event. For most decisions, the epoll bits of the knote's file are
 * enough. For the other decisions, the code makes system calls on the socket of the knote. These calls must not clear
 * the error of the socket.
 */
#include "kqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int socket_option(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : 0;
}

int socket_type(int fd)
{
    return socket_option(fd, SO_TYPE);
}

bool is_broken_pipe(int fd)
{
    struct stat status;
    struct pollfd look = {.fd = fd};
    return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && poll(&look, 1, 0) == 1;
}

static bool is_connecting_kind(const struct knote *note)
{
    return note->socket == SOCK_STREAM || note->socket == SOCK_SEQPACKET;
}

/* Returns whether the program has never called connect(2) on the socket. Linux reports EPOLLOUT and EPOLLHUP for such a
 * socket. kqueue(2) has no event for this state. */
static bool is_unconnected(const struct knote *note, uint32_t state)
{
    return is_connecting_kind(note) && (state & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)) == EPOLLHUP;
}

static bool tcp_info(int fd, struct tcp_info *info)
{
    socklen_t size = sizeof *info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

/*
 * Returns the probable error of a socket. Reading SO_ERROR would clear the error before the program sees it. So this
 * function guesses the error. A TCP socket without negotiated options was never connected, so its error is
 * ECONNREFUSED. Otherwise the error is ECONNRESET.
 */
static unsigned pending_error(int fd)
{
    struct tcp_info info;
    return tcp_info(fd, &info) && info.tcpi_options == 0 ? ECONNREFUSED : ECONNRESET;
}

/*
 * Returns whether the socket was shut down for writing. For a TCP socket, the function looks at the TCP state. On a
 * Unix socket, the function sends 0 bytes: if the socket was shut down, the send fails with EPIPE.
 */
static bool is_shut_down(const struct knote *note)
{
    struct tcp_info info;
    if (note->socket != SOCK_STREAM) {
        return false;
    }
    if (!tcp_info(note->fd, &info)) {
        return socket_option(note->fd, SO_DOMAIN) == AF_UNIX &&
               syscall(SYS_sendto, note->fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0) < 0 && errno == EPIPE;
    }
    enum { established = 1, syn_sent = 2, syn_received = 3, close_wait = 8, listening = 10 };
    switch (info.tcpi_state) {
    case established:
    case syn_sent:
    case syn_received:
    case close_wait:
    case listening:
        return false;
    default:
        return true;
    }
}

static void say_eof(const struct knote *note, uint32_t state, struct kevent *event)
{
    event->flags |= EV_EOF;
    if (is_connecting_kind(note) && (state & EPOLLERR) != 0) {
        event->fflags = pending_error(note->fd);
    }
}

/*
 * For a listener, returns the number of waiting connections. For any other file, returns the number of readable bytes.
 * If Linux does not report the number, returns 1.
 */
static int64_t readable_amount(const struct knote *note)
{
    struct tcp_info info;
    int bytes = 0;
    if (note->socket != 0 && socket_option(note->fd, SO_ACCEPTCONN) != 0) {
        return tcp_info(note->fd, &info) ? info.tcpi_unacked : 1;
    }
    if ((fcntl(note->fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
        return 0;
    }
    return ioctl(note->fd, FIONREAD, &bytes) == 0 ? bytes : 1;
}

/* Returns whether a regular file or a device is ready. A regular file is ready unless its position is at the end of the
 * file. A device is always ready. */
static bool plain_file_is_ready(int fd, struct kevent *event)
{
    struct stat status;
    if (fstat(fd, &status) < 0) {
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        return true;
    }
    event->data = status.st_size - lseek(fd, 0, SEEK_CUR);
    return event->data != 0;
}

static bool is_readable(const struct knote *note, uint32_t state, struct kevent *event)
{
    if ((state & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0 || is_unconnected(note, state)) {
        return false;
    }
    event->data = readable_amount(note);
    if ((state & (EPOLLRDHUP | EPOLLHUP)) != 0 || (note->socket == 0 && (state & EPOLLERR) != 0)) {
        say_eof(note, state, event);
    }
    return true;
}

static bool is_writable(const struct knote *note, uint32_t state, struct kevent *event)
{
    if ((state & (EPOLLOUT | EPOLLHUP | EPOLLERR)) == 0 || is_unconnected(note, state)) {
        return false;
    }
    /*
     * When the reading end of a pipe closes, NetBSD's kernel first wakes the writer, and then marks the pipe as closed.
     * So if the pipe is full, the writer finds no space when it wakes, and there is no event.
     */
    if (note->socket == 0 && (state & (EPOLLOUT | EPOLLERR)) == EPOLLERR && !note->ended) {
        return false;
    }
    event->data = 1;
    if (note->socket == 0 && (state & (EPOLLHUP | EPOLLERR)) != 0) {
        event->data = 0;
        say_eof(note, state, event);
    } else if ((state & EPOLLHUP) != 0 || is_shut_down(note)) {
        say_eof(note, state, event);
    }
    return true;
}

static bool has_oob(const struct knote *note, uint32_t state, struct kevent *event)
{
    event->fflags = (state & EPOLLPRI) != 0 ? note->fflags & NOTE_OOB : 0;
    return event->fflags != 0;
}

static bool is_ignored(int signal)
{
    struct sigaction action;
    if (sigaction(signal, NULL, &action) < 0 || (action.sa_flags & SA_SIGINFO) != 0) {
        return false;
    }
    return action.sa_handler == SIG_IGN ||
           (action.sa_handler == SIG_DFL && (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH));
}

/*
 * Returns whether the signalfd of the knote has a new edge, and consumes this edge. The signal usually stays pending.
 * If the process ignores the signal, the function discards the signal, even if the signal is blocked. The BSDs do the
 * same.
 */
static bool has_arrived(const struct knote *note, struct kevent *event)
{
    struct epoll_event edge;
    struct signalfd_siginfo info;
    const bool arrived = epoll_wait(note->fd, &edge, 1, 0) == 1;
    while (arrived && is_ignored((int)note->ident) && read(note->signals, &info, sizeof info) > 0) {}
    event->data = 1;
    return arrived;
}

bool knote_is_active(const struct knote *note, uint32_t state, struct kevent *event)
{
    if ((note->filter == EVFILT_READ || note->filter == EVFILT_WRITE) && note->fd != (int)note->ident) {
        return plain_file_is_ready((int)note->ident, event);
    }
    switch (note->filter) {
    case EVFILT_READ:
        return is_readable(note, state, event);
    case EVFILT_WRITE:
        return is_writable(note, state, event);
    case EVFILT_EXCEPT:
        return has_oob(note, state, event);
    case EVFILT_SIGNAL:
        return has_arrived(note, event);
    default:
        return (state & EPOLLIN) != 0;
    }
}
