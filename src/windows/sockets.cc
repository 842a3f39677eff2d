// SPDX-License-Identifier: MIT
// Sockets on Windows: opening, adopting, naming, connecting, accepting and closing.
#include "port/sockets.hpp"

#include "port/addresses.hpp"
#include "windows/addresses.hpp"
#include "windows/pipe_object.hpp"
#include "windows/winsock.hpp"

#include <errno.h>
#include <mio/source.h>

namespace mio::impl {

namespace {

int type_of(SocketKind kind)
{
    return kind == SocketKind::stream ? SOCK_STREAM : SOCK_DGRAM;
}

int check_ip_socket(mio_handle handle, SocketKind kind)
{
    int type;
    const int failed = read_option(handle, SOL_SOCKET, SO_TYPE, &type);
    if (failed != 0) return failed;
    const int family = socket_family(handle);
    if (family < 0) return family;
    return type == type_of(kind) && (family == AF_INET || family == AF_INET6) ? 0 : -EPROTOTYPE;
}

// Turns off the ICMP errors of a UDP socket. By default, if a datagram reaches no socket, later receives on the sending
// socket fail. They fail even if the sending socket has no peer. Two options turn off these errors. Some versions of
// Windows have only one of the two options.
void ignore_icmp(mio_handle handle)
{
    (void)set_udp_report(handle, static_cast<DWORD>(SIO_UDP_CONNRESET), false);
    (void)set_udp_report(handle, sio_udp_netreset, false);
}

// Stores the unspecified address of the socket's family, with port 0.
int store_unbound(mio_handle handle, mio_addr *addr)
{
    const int family = socket_family(handle);
    if (family < 0) return family;
    return store_endpoint(addr, {.family = family == AF_INET    ? MIO_ADDR_IPV4
                                           : family == AF_INET6 ? MIO_ADDR_IPV6
                                                                : MIO_ADDR_UNIX});
}

int accept_one(mio_handle handle, sockaddr *peer, int *length, mio_handle *accepted)
{
    const SOCKET made = accept(socket_of(handle), peer, length);
    if (made == INVALID_SOCKET) {
        const int failed = last_failure(handle);
        return failed == -ECONNRESET || failed == -ENOTCONN ? -ECONNABORTED : failed;
    }
    const int failed = make_nonblocking_private(static_cast<mio_handle>(made));
    if (failed != 0)
        (void)closesocket(made);
    else
        *accepted = static_cast<mio_handle>(made);
    return failed;
}

} // namespace

// ---- opening and closing ------------------------------------------------------------------------------------------

int open_ip_socket(const mio_addr *addr, SocketKind kind, mio_handle *opened)
{
    const int family = ip_family(addr);
    if (family < 0) return -EAFNOSUPPORT;
    mio_handle made = MIO_HANDLE_NONE;
    const int failed = open_socket(family, type_of(kind), &made);
    if (failed != 0) return failed;
    if (kind == SocketKind::datagram) ignore_icmp(made);
    // An IPv6 socket also uses IPv4, as on other systems.
    const DWORD off = 0;
    if (family == AF_INET6)
        (void)setsockopt(socket_of(made), IPPROTO_IPV6, IPV6_V6ONLY, reinterpret_cast<const char *>(&off), sizeof off);
    *opened = made;
    return 0;
}

int adopt_ip_socket(mio_handle handle, SocketKind kind)
{
    int wrong = start_winsock();
    if (wrong == 0) wrong = check_ip_socket(handle, kind);
    if (wrong == 0) wrong = make_nonblocking_private(handle);
    if (wrong == 0 && kind == SocketKind::datagram) ignore_icmp(handle);
    return wrong;
}

int adopt_unused_ip_stream(mio_handle handle)
{
    int wrong = start_winsock();
    if (wrong != 0) return wrong;
    const int listening = socket_listens(handle);
    if (listening != 0) return listening < 0 ? listening : -EINVAL;
    wrong = check_ip_socket(handle, SocketKind::stream);
    if (wrong != 0) return wrong;
    mio_addr peer;
    return socket_peer_addr(handle, &peer) == -ENOTCONN ? make_nonblocking_private(handle) : -EISCONN;
}

int socket_listens(mio_handle handle)
{
    int listening;
    const int failed = read_option(handle, SOL_SOCKET, SO_ACCEPTCONN, &listening);
    return failed != 0 ? failed : listening != 0;
}

int adopt_ip_listener(mio_handle handle)
{
    const int failed = start_winsock();
    if (failed != 0) return failed;
    const int listening = socket_listens(handle);
    if (listening < 0) return listening;
    return listening != 0 ? adopt_ip_socket(handle, SocketKind::stream) : -EINVAL;
}

int open_spare_handle(mio_handle *opened)
{
    return open_socket(AF_INET, SOCK_DGRAM, opened);
}

void close_handle(mio_handle handle)
{
    if (handle == MIO_HANDLE_NONE || closesocket(socket_of(handle)) == 0) return;
    if (WSAGetLastError() != WSAEWOULDBLOCK) {
        if (!close_named_pipe(handle)) (void)CloseHandle(object_of(handle)); // the handle is not a socket
        return;
    }
    // If a non-blocking socket has MIO_OPTION_LINGER and unsent data, closesocket fails and the socket stays open. So
    // make the socket blocking, and call closesocket once more.
    u_long off = 0;
    (void)ioctlsocket(socket_of(handle), static_cast<long>(FIONBIO), &off);
    (void)closesocket(socket_of(handle));
}

int bind_socket(mio_handle handle, const mio_addr *addr)
{
    const int failed = result_of(handle, bind(socket_of(handle), sockaddr_of(addr), sockaddr_length(addr)));
    return failed != 0 ? blame_address(handle, addr, failed) : 0;
}

int listen_socket(mio_handle handle, int backlog)
{
    // Windows does not choose a port for an unbound listener, so bind the socket first.
    if (!is_bound(handle)) {
        mio_addr any;
        int failed = store_unbound(handle, &any);
        if (failed == 0) failed = bind_socket(handle, &any);
        if (failed != 0) return failed;
    }
    return result_of(handle, listen(socket_of(handle), backlog == MIO_BACKLOG_MAX ? SOMAXCONN : backlog));
}

int connect_socket(mio_handle handle, const mio_addr *addr)
{
    if (ip_family(addr) < 0) return -EAFNOSUPPORT;
    const int failed = result_of(handle, connect(socket_of(handle), sockaddr_of(addr), sockaddr_length(addr)));
    if (failed == 0 || failed == -EAGAIN) return 0; // -EAGAIN: the connect is under way
    return blame_address(handle, addr, failed);
}

int connection_state(mio_handle handle, ConnectionState *state)
{
    fd_set writable = {.fd_count = 1, .fd_array = {socket_of(handle)}};
    fd_set failed = writable;
    timeval now = {};
    if (select(0, nullptr, &writable, &failed, &now) < 0) return last_failure(handle);
    if (failed.fd_count != 0) {
        *state = ConnectionState::none;
    } else if (writable.fd_count != 0) {
        *state = ConnectionState::open;
    } else {
        // select reports nothing during a connect, and also before any connect. A connect binds the socket, so an
        // unbound socket has not begun to connect.
        *state = is_bound(handle) ? ConnectionState::under_way : ConnectionState::none;
    }
    return 0;
}

int accept_socket(mio_handle handle, mio_addr *peer, mio_handle *accepted)
{
    if (peer == nullptr) return accept_one(handle, nullptr, nullptr, accepted);
    return with_address(peer, [=](sockaddr *addr, int *length) { return accept_one(handle, addr, length, accepted); });
}

bool is_lost_connection(int result)
{
    switch (result) {
    case -ECONNABORTED:
    case -EHOSTUNREACH:
    case -EINTR:
    case -ENETUNREACH:
    case -ETIMEDOUT:
        return true;
    default:
        return false;
    }
}

// ---- shutdown, addresses, errors ----------------------------------------------------------------------------------

int shutdown_socket(mio_handle handle, int how)
{
    static_assert(SD_RECEIVE == 0 && SD_SEND == 1 && SD_BOTH == 2, "the values of MIO_SHUTDOWN_");
    return result_of(handle, shutdown(socket_of(handle), how));
}

int socket_local_addr(mio_handle handle, mio_addr *addr)
{
    const int failed = with_address(addr, [=](sockaddr *name, int *length) {
        return result_of(handle, getsockname(socket_of(handle), name, length));
    });
    return failed == -EINVAL ? store_unbound(handle, addr) : failed;
}

int socket_peer_addr(mio_handle handle, mio_addr *addr)
{
    return with_address(addr, [=](sockaddr *name, int *length) {
        return result_of(handle, getpeername(socket_of(handle), name, length));
    });
}

int socket_take_error(mio_handle handle, int *error)
{
    int pending;
    const int failed = read_option(handle, SOL_SOCKET, SO_ERROR, &pending);
    if (failed == 0) *error = pending != 0 ? -errno_of(static_cast<uint32_t>(pending)) : 0;
    return failed;
}

} // namespace mio::impl
