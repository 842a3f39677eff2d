// SPDX-License-Identifier: MIT
// Joins and leaves multicast groups.
#include "core/endpoint.hpp"
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"
#include "unix/membership.hpp"
#include "unix/scope.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

// Sets the option that joins or leaves a group. Leaving a group fails if the socket has not joined the group. Some
// systems report EINVAL for this failure, and others EADDRNOTAVAIL. The function returns -EADDRNOTAVAIL for both
// errors.
int set_option(int fd, Membership change, int level, int name, const void *data, socklen_t size)
{
    const int result = result_of(setsockopt(fd, level, name, data, size));
    // An IPv4 socket rejects IPv6 options.
    if (level == IPPROTO_IPV6 && result == -ENOPROTOOPT) return -EAFNOSUPPORT;
    return change == Membership::leave && result == -EINVAL ? -EADDRNOTAVAIL : result;
}

bool has_family(const mio_addr *addr, int family)
{
    return sockaddr_of(addr)->sa_family == family;
}

template <typename Native>
Native native(const mio_addr *addr)
{
    Native copy;
    memcpy(&copy, sockaddr_of(addr), sizeof copy);
    return copy;
}

// Returns whether `addr`, an IP address, is a multicast group.
bool is_group(const mio_addr *addr)
{
    return is_multicast(endpoint_of(addr));
}

} // namespace

int change_membership_v4(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *interface_addr)
{
    if (!has_family(group, AF_INET)) return -EAFNOSUPPORT;
    if (interface_addr != nullptr && !has_family(interface_addr, AF_INET)) return -EAFNOSUPPORT;
    if (!is_group(group)) return -EINVAL;
    ip_mreq request = {};
    request.imr_multiaddr = native<sockaddr_in>(group).sin_addr;
    if (interface_addr != nullptr) request.imr_interface = native<sockaddr_in>(interface_addr).sin_addr;
    const int name = change == Membership::join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return set_option(handle, change, IPPROTO_IP, name, &request, sizeof request);
}

int change_membership_v4_on(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index)
{
    if (!has_family(group, AF_INET)) return -EAFNOSUPPORT;
    if (!is_group(group)) return -EINVAL;
    if (interface_index > INT32_MAX) return -ENODEV;
    ip_mreqn request = {};
    request.imr_multiaddr = native<sockaddr_in>(group).sin_addr;
    request.imr_ifindex = static_cast<int>(interface_index);
    const int name = change == Membership::join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return set_option(handle, change, IPPROTO_IP, name, &request, sizeof request);
}

int change_membership_v6(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index)
{
    if (!has_family(group, AF_INET6)) return -EAFNOSUPPORT;
    if (!is_group(group) || agree_on_interface(&interface_index, group) != 0) return -EINVAL;
    ipv6_mreq request = {};
    request.ipv6mr_multiaddr = native<sockaddr_in6>(group).sin6_addr;
    request.ipv6mr_interface = interface_index;
    const int name = change == Membership::join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
    return set_option(handle, change, IPPROTO_IPV6, name, &request, sizeof request);
}

int change_membership_source(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *sender,
                             uint32_t interface_index)
{
    const int family = sockaddr_of(group)->sa_family;
    const bool ip = family == AF_INET || family == AF_INET6;
    if (!ip || !has_family(sender, family)) return -EAFNOSUPPORT;
    if (!is_group(group) || agree_on_interface(&interface_index, group) != 0) return -EINVAL;
    if (agree_on_interface(&interface_index, sender) != 0) return -EINVAL;
    group_source_req request = {};
    request.gsr_interface = interface_index;
    memcpy(&request.gsr_group, sockaddr_of(group), sockaddr_length(group));
    memcpy(&request.gsr_source, sockaddr_of(sender), sockaddr_length(sender));
    const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    const bool joins = change == Membership::join;
    if (would_replace_membership(handle, level, request)) return joins ? -EADDRINUSE : -EADDRNOTAVAIL;
    const int name = joins ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP;
    return set_option(handle, change, level, name, &request, sizeof request);
}

} // namespace mio::impl
