// SPDX-License-Identifier: MIT
// The calls of unix/calls.hpp, made without libc.
#pragma once

#include "core/base.hpp"
#include "unix/syscall_stub.hpp"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

namespace mio::impl {

// A system call takes its pointers as numbers.
inline long as_argument(const void *pointer)
{
    return static_cast<long>(reinterpret_cast<uintptr_t>(pointer));
}

// The kernel looks at the low half of a descriptor only, so there is nothing to be done for the sign.
inline long as_argument(int fd)
{
    return static_cast<long>(static_cast<unsigned>(fd));
}

inline long call_read(int fd, void *buffer, size_t length)
{
    return system_call(SYS_read, as_argument(fd), as_argument(buffer), static_cast<long>(length));
}

inline long call_write(int fd, const void *buffer, size_t length)
{
    return system_call(SYS_write, as_argument(fd), as_argument(buffer), static_cast<long>(length));
}

inline long call_readv(int fd, const iovec *pieces, size_t count)
{
    return system_call(SYS_readv, as_argument(fd), as_argument(pieces), static_cast<long>(count));
}

inline long call_writev(int fd, const iovec *pieces, size_t count)
{
    return system_call(SYS_writev, as_argument(fd), as_argument(pieces), static_cast<long>(count));
}

// At the position of the file, which takes two arguments, of which 64-bit kernels read the first.
inline long call_pwritev2(int fd, const iovec *pieces, size_t count, int flags)
{
    return system_call(SYS_pwritev2, as_argument(fd), as_argument(pieces), static_cast<long>(count), -1L, -1L, flags);
}

inline long call_recvfrom(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length)
{
    return system_call(SYS_recvfrom, as_argument(fd), as_argument(buffer), static_cast<long>(length), flags,
                       as_argument(addr), as_argument(addr_length));
}

inline long call_sendto(int fd, const void *buffer, size_t length, int flags, const sockaddr *addr,
                        socklen_t addr_length)
{
    return system_call(SYS_sendto, as_argument(fd), as_argument(buffer), static_cast<long>(length), flags,
                       as_argument(addr), static_cast<long>(addr_length));
}

// send(2) has no system call of its own. Without an address its length is not looked at.
inline long call_send(int fd, const void *buffer, size_t length, int flags)
{
    return system_call(SYS_sendto, as_argument(fd), as_argument(buffer), static_cast<long>(length), flags, 0L);
}

inline long call_sendmsg(int fd, const msghdr *message, int flags)
{
    return system_call(SYS_sendmsg, as_argument(fd), as_argument(message), flags);
}

inline long call_recvmsg(int fd, msghdr *message, int flags)
{
    return system_call(SYS_recvmsg, fd, as_argument(message), flags);
}

inline long call_sendmmsg(int fd, mmsghdr *messages, unsigned count, int flags)
{
    return system_call(SYS_sendmmsg, as_argument(fd), as_argument(messages), static_cast<long>(count), flags);
}

// Without a time limit.
inline long call_recvmmsg(int fd, mmsghdr *messages, unsigned count, int flags)
{
    return system_call(SYS_recvmmsg, as_argument(fd), as_argument(messages), static_cast<long>(count), flags, 0L);
}

// 64-bit kernels have one sendfile. A null offset is the position of the file.
inline long call_sendfile(int to, int file, int64_t *offset, size_t count)
{
    return system_call(SYS_sendfile, as_argument(to), as_argument(file), as_argument(offset), static_cast<long>(count));
}

// At the position of either, where it has one.
inline long call_splice(int from, int to, size_t count, unsigned flags)
{
    return system_call(SYS_splice, as_argument(from), 0L, as_argument(to), 0L, static_cast<long>(count),
                       static_cast<long>(flags));
}

inline long call_accept4(int fd, sockaddr *addr, socklen_t *addr_length, int flags)
{
    return system_call(SYS_accept4, as_argument(fd), as_argument(addr), as_argument(addr_length), flags);
}

// The kernel takes the size of its own signal set, not that of libc.
constexpr long kernel_sigset_size = _NSIG / 8;

// Takes a pending signal of the set, without waiting.
inline long call_sigtimedwait_now(const sigset_t *set)
{
    const timespec now = {};
    return system_call(SYS_rt_sigtimedwait, as_argument(set), 0L, as_argument(&now), kernel_sigset_size);
}

inline long call_epoll_pwait(int fd, void *events, int capacity, int timeout_ms, const void *sigmask)
{
    return system_call(SYS_epoll_pwait, as_argument(fd), as_argument(events), capacity, timeout_ms,
                       as_argument(sigmask), kernel_sigset_size);
}

inline long call_epoll_pwait2(int fd, void *events, int capacity, const void *timeout, const void *sigmask)
{
    return system_call(SYS_epoll_pwait2, as_argument(fd), as_argument(events), capacity, as_argument(timeout),
                       as_argument(sigmask), kernel_sigset_size);
}

} // namespace mio::impl
