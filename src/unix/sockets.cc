// SPDX-License-Identifier: MIT
// Sockets on POSIX systems. Where possible, each function makes one system call.
#include "port/sockets.hpp"

#include "port/addresses.hpp"
#include "port/udp_messages.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"
#include "unix/fd.hpp"
#include "unix/int_option.hpp"
#include "unix/message.hpp"
#include "unix/new_fd.hpp"
#include "unix/recv_whole.hpp"
#include "unix/refusal.hpp"
#include "unix/scope.hpp"
#include "unix/socket_name.hpp"
#include "unix/stream_result.hpp"

#include <errno.h>
#include <mio/source.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

// MSG_MORE is only a hint, so its value is 0 on systems that lack the flag.
#ifndef MSG_MORE
#define MSG_MORE 0
#endif

namespace mio::impl {

// A mio_iovec has the layout of an iovec, so a vectored call does not convert the pieces.
static_assert(sizeof(mio_iovec) == sizeof(iovec) && offsetof(mio_iovec, base) == offsetof(iovec, iov_base) &&
              offsetof(mio_iovec, length) == offsetof(iovec, iov_len));

static_assert(MIO_HANDLE_NONE < 0, "the system answers EBADF to it, so closed sources need no test of their own");

namespace {

int type_of(SocketKind kind)
{
    return kind == SocketKind::stream ? SOCK_STREAM : SOCK_DGRAM;
}

bool is_ip_family(int family)
{
    return family == AF_INET || family == AF_INET6;
}

int check_ip_socket(int fd, SocketKind kind)
{
    const int type = int_option(fd, SOL_SOCKET, SO_TYPE);
    if (type < 0) return type;
    return type == type_of(kind) && is_ip_family(socket_family(fd)) ? 0 : -EPROTOTYPE;
}

int64_t recv_datagram(int fd, void *buffer, size_t length, mio_addr *addr, int flags)
{
    if (addr == nullptr) return recv_whole(fd, buffer, length, flags, nullptr, nullptr);
    return with_address(addr, [=](sockaddr *sender, socklen_t *sender_length) {
        return recv_whole(fd, buffer, length, flags, sender, sender_length);
    });
}

} // namespace

// ---- opening and closing ------------------------------------------------------------------------------------------

int open_ip_socket(const mio_addr *addr, SocketKind kind, mio_handle *opened)
{
    const int family = sockaddr_of(addr)->sa_family;
    if (!is_ip_family(family)) return -EAFNOSUPPORT;
    return new_socket(family, type_of(kind), opened);
}

int adopt_ip_socket(mio_handle handle, SocketKind kind)
{
    const int wrong = check_ip_socket(handle, kind);
    return wrong != 0 ? wrong : set_nonblocking_cloexec(handle);
}

int adopt_unused_ip_stream(mio_handle handle)
{
    const int listening = socket_listens(handle);
    if (listening != 0) return listening < 0 ? listening : -EINVAL;
    const int wrong = check_ip_socket(handle, SocketKind::stream);
    if (wrong != 0) return wrong;
    // Only ENOTCONN proves that the socket has no connection. Other errors prove nothing: the BSDs return EINVAL after
    // a shutdown, and a sandbox may forbid the call.
    mio_addr peer;
    return peer_name(handle, &peer) == -ENOTCONN ? set_nonblocking_cloexec(handle) : -EISCONN;
}

int socket_listens(mio_handle handle)
{
    return int_option(handle, SOL_SOCKET, SO_ACCEPTCONN);
}

int adopt_ip_listener(mio_handle handle)
{
    const int listening = socket_listens(handle);
    if (listening < 0) return listening;
    return listening != 0 ? adopt_ip_socket(handle, SocketKind::stream) : -EINVAL;
}

// Opens a spare handle. The spare handle is an unbound socket. It is not a file, because a process with an empty root
// directory cannot open a file. If a sandbox forbids Unix sockets, the function opens an IP socket.
int open_spare_handle(mio_handle *opened)
{
    static constexpr int families[] = {AF_UNIX, AF_INET, AF_INET6};
    for (const int family : families) {
        const int failed = new_socket(family, SOCK_DGRAM, opened);
        const bool forbidden = failed == -EAFNOSUPPORT || failed == -EPERM || failed == -EACCES;
        if (!forbidden) return failed;
    }
    return -EPERM;
}

void close_handle(mio_handle handle)
{
    close_fd(handle);
}

int bind_socket(mio_handle handle, const mio_addr *addr)
{
    bool tied = false;
    const int wrong = tie_to_scope(handle, addr, &tied);
    if (wrong != 0) return wrong;
    const int failed = result_of(bind(handle, sockaddr_of(addr), sockaddr_length(addr)));
    if (failed != 0 && tied) untie(handle);
    return failed;
}

int listen_socket(mio_handle handle, int backlog)
{
    return result_of(listen(handle, backlog));
}

int connect_socket(mio_handle handle, const mio_addr *addr)
{
    if (!is_ip_family(sockaddr_of(addr)->sa_family)) return -EAFNOSUPPORT;
    bool tied = false;
    const int wrong = tie_to_scope(handle, addr, &tied);
    if (wrong != 0) return wrong;
    const int result = call_connect(handle, sockaddr_of(addr), sockaddr_length(addr));
    if (result == 0 || result == -EINPROGRESS) return 0;
    const int explained = connect_result(handle, addr, result);
    if (tied) untie(handle);
    return explained;
}

int connection_state(mio_handle handle, ConnectionState *state)
{
    // During the handshake, poll(2) reports nothing. Before the first connect, and after a failed connect, poll(2)
    // reports the socket as writable and as hung up.
    pollfd socket = {handle, POLLOUT, 0};
    const int result = call_poll_now(&socket, 1);
    // A pending signal interrupts even a poll(2) that does not wait, but only if poll(2) has nothing to report.
    if (result == 0 || result == -EINTR) {
        *state = ConnectionState::under_way;
        return 0;
    }
    if (result < 0) return result;
    *state = (socket.revents & POLLHUP) == 0 ? ConnectionState::open : ConnectionState::none;
    return 0;
}

int accept_socket(mio_handle handle, mio_addr *peer, mio_handle *accepted)
{
    mio_addr unwanted;
    return with_address(peer != nullptr ? peer : &unwanted, [=](sockaddr *addr, socklen_t *length) {
        return new_connection(handle, addr, length, accepted);
    });
}

bool is_lost_connection(int result)
{
    switch (result) {
    case -ECONNABORTED:
    case -ECONNRESET:
    case -EHOSTUNREACH:
    case -EINTR:
    case -ENETDOWN:
    case -ENETUNREACH:
    case -ENOPROTOOPT:
    case -ENOTSUP: // caused by the network, because every listening socket supports accept(2)
    case -EPROTO:
    case -ETIMEDOUT:
        return true;
    default:
        // EPERM and EACCES are not in the list above, because each retry would fail if a sandbox forbids accept(2).
        return false;
    }
}

// ---- shutdown, addresses, errors ----------------------------------------------------------------------------------

int shutdown_socket(mio_handle handle, int how)
{
    static_assert(SHUT_RD == 0 && SHUT_WR == 1 && SHUT_RDWR == 2, "the values of MIO_SHUTDOWN_");
    return result_of(shutdown(handle, how));
}

int socket_local_addr(mio_handle handle, mio_addr *addr)
{
    return socket_name(handle, addr);
}

int socket_peer_addr(mio_handle handle, mio_addr *addr)
{
    return peer_name(handle, addr);
}

int socket_take_error(mio_handle handle, int *error)
{
    const int pending = int_option(handle, SOL_SOCKET, SO_ERROR);
    if (pending < 0) return pending;
    *error = -portable_code(pending);
    return 0;
}

// ---- streams ------------------------------------------------------------------------------------------------------

int64_t stream_readv(mio_handle handle, const mio_iovec *pieces, size_t count)
{
    // If `count` has 64 bits, the kernel ignores the upper 32 bits. So check `count` here.
    if (count > MIO_PIECES_MAX) return -EINVAL;
    return call_readv(handle, reinterpret_cast<const iovec *>(pieces), count);
}

int64_t stream_peek(mio_handle handle, void *buffer, size_t length)
{
    return call_recv(handle, buffer, length, MSG_PEEK);
}

int64_t stream_writev(mio_handle handle, const mio_iovec *pieces, size_t count)
{
    // Call sendmsg(2), because writev(2) raises SIGPIPE and has no MSG_NOSIGNAL.
    const msghdr message = message_of(pieces, count);
    return stream_result(call_sendmsg(handle, &message, MSG_NOSIGNAL));
}

int64_t stream_send(mio_handle handle, const void *buffer, size_t length, uint32_t flags)
{
    if ((flags & ~(MIO_SEND_MORE | MIO_SEND_OOB)) != 0) return -EINVAL;
    int bits = MSG_NOSIGNAL;
    if ((flags & MIO_SEND_MORE) != 0) bits |= MSG_MORE;
    if ((flags & MIO_SEND_OOB) != 0) bits |= MSG_OOB;
    return stream_result(call_send(handle, buffer, length, bits));
}

int stream_recv_oob(mio_handle handle, unsigned char *byte)
{
    return static_cast<int>(call_recv(handle, byte, 1, MSG_OOB));
}

int stream_at_mark(mio_handle handle)
{
    // Do what sockatmark(3) does: call ioctl(2). If the function called sockatmark(3), Valgrind would report an
    // uninitialised variable of libc.
    int at_mark = 0;
    const int failed = result_of(ioctl(handle, SIOCATMARK, &at_mark));
    if (failed == -ENOTTY) return -ENOTSUP; // Linux without out-of-band data on Unix sockets
    if (failed != 0) return failed;
    // Some versions of Linux look for a mark even in a stream of records, which cannot have a mark.
    const int type = int_option(handle, SOL_SOCKET, SO_TYPE);
    if (type < 0) return type;
    return type == SOCK_STREAM ? at_mark : -ENOTSUP;
}

// ---- datagrams ----------------------------------------------------------------------------------------------------

int64_t datagram_send(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr)
{
    if (addr == nullptr) return send_result(handle, nullptr, call_send(handle, buffer, length, MSG_NOSIGNAL));
    if (!is_ip_family(sockaddr_of(addr)->sa_family)) return -EAFNOSUPPORT;
    if (MIO_UNLIKELY(is_scope_dropped(addr))) {
        const mio_iovec piece = {const_cast<void *>(buffer), length};
        mio_udp_message message = MIO_UDP_MESSAGE_INIT;
        message.pieces = &piece;
        message.piece_count = 1;
        message.addr = const_cast<mio_addr *>(addr);
        return datagram_send_message(handle, &message);
    }
    return send_result(handle, addr,
                       call_sendto(handle, buffer, length, MSG_NOSIGNAL, sockaddr_of(addr), sockaddr_length(addr)));
}

int64_t datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr)
{
    return recv_datagram(handle, buffer, length, addr, 0);
}

int64_t datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr)
{
    return recv_datagram(handle, buffer, length, addr, MSG_PEEK);
}

} // namespace mio::impl
