// SPDX-License-Identifier: MIT
// How the library calls the system: through libc, so that sanitizers, interposers and tracers see what they expect. Here
// are the calls that run once per message or per wait, under the types that their callers have; other files wrap what
// they call in result_of.
#pragma once

#include "core/base.hpp"

#include <errno.h>
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
    return result < 0 ? static_cast<Number>(-errno) : result;
}

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

inline long call_accept4(int fd, sockaddr *addr, socklen_t *addr_length, int flags)
{
    return result_of(accept4(fd, addr, addr_length, flags));
}

// Takes a pending signal of the set, without waiting.
inline long call_sigtimedwait_now(const sigset_t *set)
{
    const timespec now = {};
    return result_of(sigtimedwait(set, nullptr, &now));
}

inline long call_epoll_pwait(int fd, void *events, int capacity, int timeout_ms, const void *sigmask)
{
    return result_of(epoll_pwait(fd, static_cast<epoll_event *>(events), capacity, timeout_ms,
                                 static_cast<const sigset_t *>(sigmask)));
}

// glibc has a function for it since 2.35 only, and other libcs none.
inline long call_epoll_pwait2(int fd, void *events, int capacity, const void *timeout, const void *sigmask)
{
    constexpr long kernel_sigset_size = _NSIG / 8;
    return result_of(syscall(SYS_epoll_pwait2, fd, events, capacity, timeout, sigmask, kernel_sigset_size));
}

} // namespace mio::impl
