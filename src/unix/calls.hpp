// SPDX-License-Identifier: MIT
// How the library calls the system: through libc, so that sanitizers, interposers and tracers see what they expect. Here
// are the calls that run once per message or per wait, under the types that their callers have, and the cancellation
// points of POSIX, of which there are no others in src/ but close_fd and the waits of poll(2); other files wrap what
// they call in result_of.
//
// Those that only move data, or wait, stay cancellation points: a thread that is cancelled there has moved nothing, and
// holds nothing. The others are under a guard: they make a descriptor or begin what their callers go on with.
#pragma once

#include "core/base.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/portable_code.hpp"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>

namespace mio::impl {

// Turns what a function of libc returned, -1 with a code in errno, into a negative errno value.
template <typename Number>
inline Number result_of(Number result)
{
    return result < 0 ? -static_cast<Number>(portable_code(errno)) : result;
}

// ---- moving data, and waiting --------------------------------------------------------------------------------------

inline long call_read(int fd, void *buffer, size_t length)
{
    return result_of(read(fd, buffer, length));
}

inline long call_write(int fd, const void *buffer, size_t length)
{
    return result_of(write(fd, buffer, length));
}

inline long call_readv(int fd, const iovec *pieces, size_t count)
{
    return result_of(readv(fd, pieces, static_cast<int>(count)));
}

inline long call_writev(int fd, const iovec *pieces, size_t count)
{
    return result_of(writev(fd, pieces, static_cast<int>(count)));
}

// At the position of the file.
inline long call_pwritev2(int fd, const iovec *pieces, size_t count, int flags)
{
    return result_of(pwritev2(fd, pieces, static_cast<int>(count), -1, flags));
}

inline long call_recvfrom(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length)
{
    return result_of(recvfrom(fd, buffer, length, flags, addr, addr_length));
}

inline long call_send(int fd, const void *buffer, size_t length, int flags)
{
    return result_of(send(fd, buffer, length, flags));
}

inline long call_sendto(int fd, const void *buffer, size_t length, int flags, const sockaddr *addr,
                        socklen_t addr_length)
{
    return result_of(sendto(fd, buffer, length, flags, addr, addr_length));
}

inline long call_sendmsg(int fd, const msghdr *message, int flags)
{
    return result_of(sendmsg(fd, message, flags));
}

inline long call_recvmsg(int fd, msghdr *message, int flags)
{
    return result_of(recvmsg(fd, message, flags));
}

inline long call_sendmmsg(int fd, mmsghdr *messages, unsigned count, int flags)
{
    return result_of(sendmmsg(fd, messages, count, flags));
}

// Without a time limit.
inline long call_recvmmsg(int fd, mmsghdr *messages, unsigned count, int flags)
{
    return result_of(recvmmsg(fd, messages, count, flags, nullptr));
}

inline long call_epoll_pwait(int fd, void *events, int capacity, int timeout_ms, const void *sigmask)
{
    return result_of(epoll_pwait(fd, static_cast<epoll_event *>(events), capacity, timeout_ms,
                                 static_cast<const sigset_t *>(sigmask)));
}

// Where libc has no function of its own, as glibc before 2.35, this is no cancellation point.
inline long call_epoll_pwait2(int fd, void *events, int capacity, const timespec &timeout, const void *sigmask)
{
#ifdef MIO_HAVE_EPOLL_PWAIT2
    return result_of(epoll_pwait2(fd, static_cast<epoll_event *>(events), capacity, &timeout,
                                  static_cast<const sigset_t *>(sigmask)));
#elif defined(SYS_epoll_pwait2)
    const int64_t kernel_timeout[2] = {timeout.tv_sec, timeout.tv_nsec};
    return result_of(syscall(SYS_epoll_pwait2, fd, events, capacity, kernel_timeout, sigmask, _NSIG / 8L));
#else
    (void)fd, (void)events, (void)capacity, (void)timeout, (void)sigmask;
    return -ENOSYS;
#endif
}

// ---- under a guard -------------------------------------------------------------------------------------------------

inline long call_accept4(int fd, sockaddr *addr, socklen_t *addr_length, int flags)
{
    const CancelGuard guard;
    return result_of(accept4(fd, addr, addr_length, flags));
}

inline int call_accept(int fd, sockaddr *addr, socklen_t *addr_length)
{
    const CancelGuard guard;
    return result_of(accept(fd, addr, addr_length));
}

inline int call_connect(int fd, const sockaddr *addr, socklen_t addr_length)
{
    const CancelGuard guard;
    return result_of(connect(fd, addr, addr_length));
}

// Looks, and does not wait.
inline int call_poll_now(pollfd *fds, nfds_t count)
{
    const CancelGuard guard;
    return result_of(poll(fds, count, 0));
}

// ---- under the guard of their callers, which have blocked signals ---------------------------------------------------

// A null offset is the position of the file. The library is built with 64-bit offsets (configure.ac).
inline long call_sendfile(int to, int file, int64_t *offset, size_t count)
{
    off_t position = offset != nullptr ? *offset : 0;
    static_assert(sizeof position == sizeof *offset);
    const long result = result_of(sendfile(to, file, offset != nullptr ? &position : nullptr, count));
    if (offset != nullptr) *offset = position;
    return result;
}

// At the position of either, where it has one.
inline long call_splice(int from, int to, size_t count, unsigned flags)
{
    return result_of(splice(from, nullptr, to, nullptr, count, flags));
}

// Takes a pending signal of the set, without waiting.
inline long call_sigtimedwait_now(const sigset_t *set)
{
    const timespec now = {};
    return result_of(sigtimedwait(set, nullptr, &now));
}

} // namespace mio::impl
