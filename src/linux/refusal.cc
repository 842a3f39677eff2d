// SPDX-License-Identifier: MIT
#include "unix/refusal.hpp"

#include "port/addresses.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"
#include "unix/int_option.hpp"
#include "unix/scope.hpp"
#include "unix/socket_name.hpp"

#include <sys/socket.h>

namespace mio::impl {

namespace {

bool is_ip_loopback(const Endpoint &endpoint)
{
    return is_loopback(unmapped(endpoint));
}

// True if the kernel refuses both to connect and to send from `local` to `there`, whatever the route is. For example, a
// socket that is bound to a loopback address cannot send to another host, and port 0 is not a destination.
bool is_nonsense(const Endpoint &local, const Endpoint &there)
{
    return ip_length(local) == 0 || ip_length(there) == 0 || there.port == 0 ||
           (is_ip_loopback(local) && !is_ip_loopback(there));
}

// True if the kernel refuses to connect from `local` to `there`, but does not refuse to send. IPv6 requires an
// interface for a link-local address, and TCP requires an address of the socket's family.
bool is_nonsense_to_connect(int fd, const Endpoint &local, const Endpoint &there)
{
    Device device;
    const bool is_tied = get_device(fd, &device) == 0 && device.name[0] != '\0';
    const bool lacks_scope = there.family == MIO_ADDR_IPV6 && needs_scope(there.ip) && there.scope_id == 0;
    const bool is_foreign = local.family != there.family && int_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM;
    return (lacks_scope && !is_tied) || is_foreign;
}

// Looks up the route to an address without sending. The kernel takes into account everything that affects the route of
// this socket: marks, interfaces, and rules.
int probe_route(int fd, const mio_addr *addr)
{
    constexpr int flags = MSG_CONFIRM | MSG_PROXY | MSG_NOSIGNAL; // Linux uses the value of MSG_PROXY for MSG_PROBE
    return static_cast<int>(call_sendto(fd, "", 0, flags, sockaddr_of(addr), sockaddr_length(addr)));
}

} // namespace

int explain_connect_error(int fd, const mio_addr *addr)
{
    mio_addr local = {};
    if (socket_name(fd, &local) != 0) return -EINVAL;
    const Endpoint here = endpoint_of(&local);
    const Endpoint there = endpoint_of(addr);
    return is_nonsense(here, there) || is_nonsense_to_connect(fd, here, there) ? -EINVAL : -EHOSTUNREACH;
}

int explain_send_error(int fd, const mio_addr *addr)
{
    mio_addr local = {};
    mio_addr peer = {};
    if (addr == nullptr && peer_name(fd, &peer) != 0) return -EINVAL;
    if (addr == nullptr) addr = &peer;
    if (socket_name(fd, &local) != 0 || is_nonsense(endpoint_of(&local), endpoint_of(addr))) return -EINVAL;
    // If the probe fails with -EINVAL, the route rejects packets. Otherwise the ancillary data or the segment size is
    // invalid.
    return probe_route(fd, addr) == -EINVAL ? -EHOSTUNREACH : -EINVAL;
}

} // namespace mio::impl
