// SPDX-License-Identifier: MIT
// Wraps the system calls that only Linux has. The rules of unix/calls.hpp apply.
#pragma once

#include "core/base.hpp"
#include "core/refused_call.hpp"
#include "unix/calls.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>

namespace mio::impl {

// ---- new descriptors ------------------------------------------------------------------------------------------------

// Opens a close-on-exec epoll(7) instance. epoll_create1(2) has existed since Linux 2.6.27, so only a sandbox can
// refuse the call.
inline int call_epoll_create()
{
    const int fd = result_of(epoll_create1(EPOLL_CLOEXEC));
    if (!MIO_UNLIKELY(is_refused_call(fd))) return fd;
    const int older = result_of(epoll_create(1));            // the kernel ignores the argument
    if (older >= 0) (void)fcntl(older, F_SETFD, FD_CLOEXEC); // cannot fail on an open descriptor
    return older;
}

// ---- moving data, and waiting --------------------------------------------------------------------------------------

// Calls pwritev2(2), which writes at the file position and advances the position. musl before 1.2.5 lacks pwritev2.
inline long call_pwritev2(int fd, const iovec *pieces, size_t count, int flags)
{
#ifdef MIO_HAVE_PWRITEV2
    return result_of(pwritev2(fd, pieces, static_cast<int>(count), -1, flags));
#else
    (void)fd, (void)pieces, (void)count, (void)flags;
    return -ENOSYS;
#endif
}

// Calls epoll_wait(2), or with a mask epoll_pwait(2). An empty epoll_pwait(2) takes 3 ns more than an empty
// epoll_wait(2), a fortieth of its time.
inline long call_epoll_wait(int fd, void *events, int capacity, int timeout_ms, const void *sigmask)
{
    auto *native = static_cast<epoll_event *>(events);
    if (MIO_LIKELY(sigmask == nullptr)) return result_of(epoll_wait(fd, native, capacity, timeout_ms));
    return result_of(epoll_pwait(fd, native, capacity, timeout_ms, static_cast<const sigset_t *>(sigmask)));
}

// Waits like epoll_pwait, with a timeout in nanoseconds. The function is a cancellation point only if libc has a
// wrapper for epoll_pwait2(2), as glibc has since 2.35.
inline long call_epoll_pwait2(int fd, void *events, int capacity, const timespec &timeout, const void *sigmask)
{
#ifdef MIO_HAVE_EPOLL_PWAIT2
    return result_of(epoll_pwait2(fd, static_cast<epoll_event *>(events), capacity, &timeout,
                                  static_cast<const sigset_t *>(sigmask)));
#elif defined(MIO_CALLS_PAST_LIBC) && defined(SYS_epoll_pwait2)
    const int64_t kernel_timeout[2] = {timeout.tv_sec, timeout.tv_nsec};
    return result_of(syscall(SYS_epoll_pwait2, fd, events, capacity, kernel_timeout, sigmask, _NSIG / 8L));
#else
    (void)fd, (void)events, (void)capacity, (void)timeout, (void)sigmask;
    return -ENOSYS;
#endif
}

// ---- for these calls, hold a CancelGuard and block SIGPIPE and SIGXFSZ ----------------------------------------------

// Calls sendfile(2). If `offset` is null, the call reads at the file position. The library is built with 64-bit offsets
// (configure.ac).
inline long call_sendfile(int to, int file, int64_t *offset, size_t count)
{
    off_t position = offset != nullptr ? *offset : 0;
    static_assert(sizeof position == sizeof *offset);
    const long result = result_of(sendfile(to, file, offset != nullptr ? &position : nullptr, count));
    if (offset != nullptr) *offset = position;
    return result;
}

// Calls splice(2). If a file has a position, the call reads or writes at this position.
inline long call_splice(int from, int to, size_t count, unsigned flags)
{
    return result_of(splice(from, nullptr, to, nullptr, count, flags));
}

// Consumes a pending signal of the set without waiting. If libc lacks sigtimedwait(2), as Android before API level 23
// does, the function makes the system call itself. Android's sigset_t may be shorter than the kernel's set. So the
// function copies the set into `kernel_set`, which has the size of the kernel's set.
inline long call_sigtimedwait_now(const sigset_t *set)
{
    const timespec now = {};
#ifdef MIO_HAVE_SIGTIMEDWAIT
    return result_of(sigtimedwait(set, nullptr, &now));
#else
    uint64_t kernel_set = 0;
    memcpy(&kernel_set, set, sizeof *set < sizeof kernel_set ? sizeof *set : sizeof kernel_set);
    return result_of(syscall(SYS_rt_sigtimedwait, &kernel_set, nullptr, &now, sizeof kernel_set));
#endif
}

} // namespace mio::impl
