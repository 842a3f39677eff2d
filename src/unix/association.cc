// SPDX-License-Identifier: MIT
// Sets and removes the peer of a datagram socket over IP. When a socket connects to its first peer, Linux chooses a
// source address. When the socket connects to another peer, Linux keeps this source address, even if packets from this
// address cannot reach the new peer. So before the socket connects to another peer, the library removes the old peer.
// Removing a peer has two more effects: it releases the port of the socket if the system chose this port, and it ends a
// binding of the socket to an interface. The library restores the port. If the program made the binding, the library
// also restores the binding.
#include "unix/association.hpp"

#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"
#include "unix/scope.hpp"
#include "unix/socket_name.hpp"

#include <errno.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

// The parts of a socket's state that connect(2) can change.
struct Association {
    mio_addr local;
    mio_addr peer; // all zero if there is no peer
    Device device;
    bool device_is_peers; // the socket is bound to `device` only because the peer has a scope
};

bool has_peer(const Association &association)
{
    return sockaddr_length(&association.peer) > 0;
}

int read_association(int fd, bool device_is_peers, Association *association)
{
    association->device_is_peers = device_is_peers;
    const int failed = socket_local_addr(fd, &association->local);
    return failed != 0 ? failed : get_device(fd, &association->device);
}

// Binds the socket to its earlier port again, because other hosts know the socket by this port.
int keep_port(int fd, uint16_t port)
{
    mio_addr bound = {};
    const int failed = socket_local_addr(fd, &bound);
    if (failed != 0) return failed;
    Endpoint endpoint = endpoint_of(&bound);
    if (endpoint.port == port) return 0;
    endpoint.port = port;
    (void)store_endpoint(&bound, endpoint);
    return bind_socket(fd, &bound);
}

int dissolve(int fd, const Association &association, bool *device_is_peers)
{
    const int failed = forget_peer(fd);
    if (failed != 0) return failed;
    *device_is_peers = false;
    const uint16_t port = endpoint_of(&association.local).port;
    const bool has_device = association.device.name[0] != '\0' && !association.device_is_peers;
    // On an interface, Linux binds only to IPv6 addresses of this interface. But the local address can belong to
    // another interface. So bind before setting the interface.
    const int unbound = keep_port(fd, port);
    if (!has_device) return unbound;
    const int untied = set_device(fd, association.device);
    if (untied != 0) return untied;
    // A link-local address cannot be bound without the interface, and the port may be free only on the interface.
    return unbound != 0 ? keep_port(fd, port) : 0;
}

// After a failed change of the peer, restores the earlier state of the socket, as far as the system allows. If the
// earlier peer is lost, the interface of this peer is lost, too.
void restore(int fd, const Association &association, bool *device_is_peers)
{
    int failed = dissolve(fd, association, device_is_peers);
    // dissolve may have tried to bind the socket to the wildcard address. Binding to this address fails with
    // -EADDRINUSE if another socket is bound to the same port on any address of this host. So bind the socket to its
    // earlier address.
    if (failed == -EADDRINUSE) failed = bind_socket(fd, &association.local);
    // If the port is lost, do not connect again, because the association would have another port.
    if (failed != 0 || !has_peer(association)) return;
    if (association.device_is_peers) (void)set_device(fd, association.device);
    if (connect_socket(fd, &association.peer) == 0)
        *device_is_peers = association.device_is_peers;
    else if (association.device_is_peers)
        (void)forget_peer(fd); // ends the binding to the interface of the lost peer
}

} // namespace

int forget_peer(int fd)
{
    sockaddr nobody = {};
    nobody.sa_family = AF_UNSPEC;
    const int failed = call_connect(fd, &nobody, sizeof nobody);
    // The BSDs and macOS remove the peer and then reject the address. The call then fails with EAFNOSUPPORT or EINVAL.
    // So check whether the socket still has a peer.
    mio_addr peer;
    return failed != 0 && peer_name(fd, &peer) == -ENOTCONN ? 0 : failed;
}

int associate_socket(mio_handle handle, const mio_addr *addr, bool *device_is_peers)
{
    Association before = {};
    const int unconnected = socket_peer_addr(handle, &before.peer);
    if (unconnected != 0 && unconnected != -ENOTCONN) return unconnected;
    // If the socket has no peer, a failed connect cannot remove a peer. If the address has no scope, or if the program
    // has bound the socket to an interface, the connect does not bind the socket to an interface. So in these cases, a
    // failed connect of a socket without a peer changes nothing.
    if (unconnected != 0 && scope_of(addr) == 0) return connect_socket(handle, addr);

    int failed = read_association(handle, *device_is_peers, &before);
    if (failed != 0) return failed;
    const bool is_free = before.device.name[0] == '\0' || before.device_is_peers;
    if (!has_peer(before) && !is_free) return connect_socket(handle, addr);
    if (has_peer(before)) failed = dissolve(handle, before, device_is_peers);
    if (failed == 0) failed = connect_socket(handle, addr);
    if (failed != 0)
        restore(handle, before, device_is_peers);
    else
        *device_is_peers = is_free && scope_of(addr) != 0;
    return failed;
}

int dissolve_association(mio_handle handle, bool *device_is_peers)
{
    Association before = {};
    int failed = socket_peer_addr(handle, &before.peer);
    if (failed != 0) return failed == -ENOTCONN ? 0 : failed;
    failed = read_association(handle, *device_is_peers, &before);
    if (failed != 0) return failed;
    failed = dissolve(handle, before, device_is_peers);
    if (failed != 0) restore(handle, before, device_is_peers);
    return failed;
}

} // namespace mio::impl
