// SPDX-License-Identifier: MIT
// Sends and receives datagrams without ancillary data, and sets and removes the peer of a datagram socket.
#include "windows/datagrams.hpp"
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "windows/addresses.hpp"
#include "windows/buffers.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

bool is_too_long(size_t length)
{
    return length > most_bytes;
}

int64_t receive(mio_handle handle, void *buffer, size_t length, mio_addr *addr, int flags)
{
    mio_addr unwanted;
    char nothing;
    char *bytes = length > 0 ? static_cast<char *>(buffer) : &nothing;
    return with_address(addr != nullptr ? addr : &unwanted, [=](sockaddr *sender, int *sender_length) -> int64_t {
        const int received = recvfrom(socket_of(handle), bytes, clamped(length), flags, sender, sender_length);
        if (received >= 0) return received;
        // WSAEMSGSIZE means that Winsock has stored only the beginning of the datagram, and has dropped the rest. The
        // function reports this loss by a result above `length`.
        if (WSAGetLastError() == WSAEMSGSIZE) return static_cast<int64_t>(length) + 1;
        return receive_failure(handle);
    });
}

bool has_peer(mio_handle handle, mio_addr *peer)
{
    return socket_peer_addr(handle, peer) == 0;
}

// Removes the peer of a socket by connecting to an address of zeros. The address must have the family of the socket. If
// the family were AF_UNSPEC, Wine would also unbind a socket whose port the system has chosen.
int dissolve(mio_handle handle)
{
    const int family = socket_family(handle);
    if (family < 0) return family;
    sockaddr_in6 nobody = {};
    nobody.sin6_family = static_cast<short>(family);
    const int length = family == AF_INET ? static_cast<int>(sizeof(sockaddr_in)) : static_cast<int>(sizeof nobody);
    return result_of(handle, connect(socket_of(handle), reinterpret_cast<const sockaddr *>(&nobody), length));
}

} // namespace

int send_failure(mio_handle handle, const mio_addr *addr)
{
    const int failed = last_failure(handle, CallKind::datagram);
    if (failed == -EAGAIN || failed == -EBADF || failed == -ENOTSOCK) return failed;
    if (addr != nullptr) return blame_address(handle, addr, failed);
    // For a socket without a peer, Wine reports WSAEINVAL where Windows reports WSAENOTCONN.
    mio_addr peer;
    return failed == -EINVAL && !has_peer(handle, &peer) ? -EDESTADDRREQ : failed;
}

int receive_failure(mio_handle handle)
{
    const int failed = last_failure(handle, CallKind::datagram);
    // Winsock refuses to receive on an unbound socket.
    return failed == -EINVAL && !is_bound(handle) ? -EAGAIN : failed;
}

int check_destination(const mio_addr *addr)
{
    if (ip_family(addr) < 0) return -EAFNOSUPPORT;
    return endpoint_of(addr).port != 0 ? 0 : -EINVAL;
}

int64_t datagram_send(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr)
{
    const int wrong = addr != nullptr ? check_destination(addr) : 0;
    if (wrong != 0) return wrong;
    if (is_too_long(length)) return -EMSGSIZE;
    const auto *bytes = static_cast<const char *>(buffer);
    const int sent = addr == nullptr ? send(socket_of(handle), bytes, clamped(length), 0)
                                     : sendto(socket_of(handle), bytes, clamped(length), 0, sockaddr_of(addr),
                                              sockaddr_length(addr));
    return MIO_LIKELY(sent >= 0) ? sent : send_failure(handle, addr);
}

int64_t datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr)
{
    return receive(handle, buffer, length, addr, 0);
}

int64_t datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr)
{
    return receive(handle, buffer, length, addr, MSG_PEEK);
}

// Connects a datagram socket to a first peer or to another peer. When the peer changes, Windows chooses the source
// address again and keeps the port. If the address of the peer has a scope, Windows does not bind the socket to the
// interface of the scope.
int associate_socket(mio_handle handle, const mio_addr *addr, bool *device_is_peers)
{
    *device_is_peers = false;
    mio_addr before;
    const bool had_peer = has_peer(handle, &before);
    const int failed = connect_socket(handle, addr);
    if (failed != 0 && had_peer) (void)connect_socket(handle, &before);
    return failed;
}

int dissolve_association(mio_handle handle, bool *device_is_peers)
{
    *device_is_peers = false;
    mio_addr peer;
    const int failed = socket_peer_addr(handle, &peer);
    if (failed != 0) return failed == -ENOTCONN ? 0 : failed;
    return dissolve(handle);
}

} // namespace mio::impl
