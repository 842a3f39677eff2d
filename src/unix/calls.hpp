// SPDX-License-Identifier: MIT
// The library calls the system through libc, so that sanitizers, interposers and tracers work. This file has wrappers
// for the POSIX calls that run once per message, for accept(2), for connect(2), and for a poll(2) that does not wait.
// Other files have wrappers for calls that only one system has, for close(2), and for a poll(2) that waits. For all
// other calls, the code calls libc directly and converts the result with result_of.
//
// A call that only moves data, or only waits, remains a cancellation point. If a thread is cancelled in such a call,
// the thread has moved no data and holds no lock. A CancelGuard protects every call that creates a descriptor or begins
// an operation that the caller must finish.
#pragma once

#include "core/base.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/portable_code.hpp"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <fcntl.h>

namespace mio::impl {

// Converts the result of a libc function (-1 with a code in errno) into a negative errno value.
template <typename Number>
inline Number result_of(Number result)
{
    if (MIO_LIKELY(result >= 0)) return result;
    if (MIO_LIKELY(errno == EAGAIN)) return -EAGAIN; // EAGAIN is by far the most common error
    return last_failure();
}

// Repeats a call that does not wait for as long as it fails with EINTR. No system interrupts read(2) or write(2) on a
// non-blocking pipe, but Valgrind does: if a signal arrives just before the call, Valgrind returns EINTR instead.
template <typename Call>
inline auto uninterrupted(Call call)
{
    auto result = call();
    while (MIO_UNLIKELY(result == -EINTR))
        result = call();
    return result;
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

// The BSDs and macOS return EINVAL for readv(2) and writev(2) without pieces. So the functions make a call that moves
// nothing.
inline long call_readv(int fd, const iovec *pieces, size_t count)
{
    if (MIO_UNLIKELY(count == 0)) return call_read(fd, nullptr, 0);
    return result_of(readv(fd, pieces, static_cast<int>(count)));
}

inline long call_writev(int fd, const iovec *pieces, size_t count)
{
    if (MIO_UNLIKELY(count == 0)) return call_write(fd, nullptr, 0);
    return result_of(writev(fd, pieces, static_cast<int>(count)));
}

// With a length of 0, recv(2) waits for data or returns -EAGAIN. So call read(2) then, which returns 0. For
// ThreadSanitizer, a recv(2) comes after the send(2) on the other end, so the reader sees the writes of the sender.
// ThreadSanitizer does not know that a recvfrom(2) also comes after the send.
inline long call_recv(int fd, void *buffer, size_t length, int flags)
{
    if (MIO_UNLIKELY(length == 0)) return call_read(fd, buffer, 0);
    return result_of(recv(fd, buffer, length, flags));
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

// ---- calls under a CancelGuard -------------------------------------------------------------------------------------

inline int call_accept(int fd, sockaddr *addr, socklen_t *addr_length)
{
    const CancelGuard guard;
    return result_of(accept(fd, addr, addr_length));
}

// If a signal interrupts connect(2), the system continues to connect in the background. A second connect(2) then fails
// with EALREADY or EISCONN. But Valgrind returns EINTR before it has begun to connect (see uninterrupted). The
// compiler must not inline the function, because otherwise three functions would contain both calls.
[[gnu::noinline]] inline int call_connect(int fd, const sockaddr *addr, socklen_t addr_length)
{
    const CancelGuard guard;
    const int result = result_of(connect(fd, addr, addr_length));
    if (MIO_LIKELY(result != -EINTR)) return result;
    const int repeated = uninterrupted([=] { return result_of(connect(fd, addr, addr_length)); });
    return repeated == -EALREADY || repeated == -EISCONN ? -EINPROGRESS : repeated;
}

// Polls without waiting.
inline int call_poll_now(pollfd *fds, nfds_t count)
{
    const CancelGuard guard;
    return result_of(poll(fds, count, 0));
}

} // namespace mio::impl
