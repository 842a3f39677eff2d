// SPDX-License-Identifier: MIT
// The calls of unix/calls.hpp, made through libc.
#pragma once

#include "core/base.hpp"
#include "unix/errno_guard.hpp"

#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

namespace mio::impl {

inline long call_read(int fd, void *buffer, size_t length)
{
    return keep_errno([=] { return read(fd, buffer, length); });
}

inline long call_write(int fd, const void *buffer, size_t length)
{
    return keep_errno([=] { return write(fd, buffer, length); });
}

inline long call_readv(int fd, const iovec *pieces, size_t count)
{
    return keep_errno([=] { return syscall(SYS_readv, fd, pieces, count); });
}

inline long call_writev(int fd, const iovec *pieces, size_t count)
{
    return keep_errno([=] { return syscall(SYS_writev, fd, pieces, count); });
}

// At the position of the file. Not every libc has a function for it; 64-bit kernels read the first half of the position.
inline long call_pwritev2(int fd, const iovec *pieces, size_t count, int flags)
{
    return keep_errno([=] { return syscall(SYS_pwritev2, fd, pieces, count, -1L, -1L, flags); });
}

inline long call_recvfrom(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length)
{
    return keep_errno([=] { return recvfrom(fd, buffer, length, flags, addr, addr_length); });
}

inline long call_sendto(int fd, const void *buffer, size_t length, int flags, const sockaddr *addr,
                        socklen_t addr_length)
{
    return keep_errno([=] { return sendto(fd, buffer, length, flags, addr, addr_length); });
}

inline long call_send(int fd, const void *buffer, size_t length, int flags)
{
    return keep_errno([=] { return send(fd, buffer, length, flags); });
}

inline long call_sendmsg(int fd, const msghdr *message, int flags)
{
    return keep_errno([=] { return sendmsg(fd, message, flags); });
}

inline long call_recvmsg(int fd, msghdr *message, int flags)
{
    return keep_errno([=] { return recvmsg(fd, message, flags); });
}

inline long call_sendmmsg(int fd, mmsghdr *messages, unsigned count, int flags)
{
    return keep_errno([=] { return sendmmsg(fd, messages, count, flags); });
}

// Without a time limit.
inline long call_recvmmsg(int fd, mmsghdr *messages, unsigned count, int flags)
{
    return keep_errno([=] { return recvmmsg(fd, messages, count, flags, nullptr); });
}

// Where a position has 32 bits there is another call for 64. A null offset is the position of the file.
inline long call_sendfile(int to, int file, int64_t *offset, size_t count)
{
#ifdef SYS_sendfile64
    constexpr long number = SYS_sendfile64;
#else
    constexpr long number = SYS_sendfile;
#endif
    return keep_errno([=] { return syscall(number, to, file, offset, count); });
}

// At the position of either, where it has one.
inline long call_splice(int from, int to, size_t count, unsigned flags)
{
    return keep_errno([=] { return syscall(SYS_splice, from, nullptr, to, nullptr, count, flags); });
}

inline long call_accept4(int fd, sockaddr *addr, socklen_t *addr_length, int flags)
{
    return keep_errno([=] { return accept4(fd, addr, addr_length, flags); });
}

// Takes a pending signal of the set, without waiting.
inline long call_sigtimedwait_now(const sigset_t *set)
{
    const timespec now = {};
    return keep_errno([&] { return sigtimedwait(set, nullptr, &now); });
}

inline long call_epoll_pwait(int fd, void *events, int capacity, int timeout_ms, const void *sigmask)
{
    return keep_errno([=] {
        return epoll_pwait(fd, static_cast<epoll_event *>(events), capacity, timeout_ms,
                           static_cast<const sigset_t *>(sigmask));
    });
}

// glibc has a function for it since 2.35 only, and other libcs none.
inline long call_epoll_pwait2(int fd, void *events, int capacity, const void *timeout, const void *sigmask)
{
    constexpr long kernel_sigset_size = _NSIG / 8;
    return keep_errno(
        [=] { return syscall(SYS_epoll_pwait2, fd, events, capacity, timeout, sigmask, kernel_sigset_size); });
}

} // namespace mio::impl
