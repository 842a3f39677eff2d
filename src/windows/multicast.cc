// SPDX-License-Identifier: MIT
// Joins and leaves multicast groups.
#include "core/endpoint.hpp"
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "windows/addresses.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

// Sets the option that joins or leaves a group. `index` is the index of the interface, or 0 if the request names no
// interface.
int set_option(mio_handle handle, Membership change, int level, int name, const void *data, int size, uint32_t index)
{
    const int result =
        result_of(handle, setsockopt(socket_of(handle), level, name, static_cast<const char *>(data), size));
    if (result == 0 || result == -EBADF) return result;
    const int family = socket_family(handle);
    if (family >= 0 && family != (level == IPPROTO_IPV6 ? AF_INET6 : AF_INET)) return -EAFNOSUPPORT;
    if (index != 0 && !is_interface(index)) return -ENODEV;
    if (result == -ENOPROTOOPT) return -ENOTSUP;
    if (result != -EINVAL && result != -EADDRNOTAVAIL) return result;
    // Winsock returns the same code if a socket joins a group twice, and if it leaves a group that it has not joined.
    if (change == Membership::leave) return -EADDRNOTAVAIL;
    return result == -EINVAL ? -EADDRINUSE : -ENODEV;
}

template <typename Native>
Native native(const mio_addr *addr)
{
    Native copy;
    memcpy(&copy, sockaddr_of(addr), sizeof copy);
    return copy;
}

bool has_family(const mio_addr *addr, int family)
{
    return ip_family(addr) == family;
}

bool is_group(const mio_addr *addr)
{
    return is_multicast(endpoint_of(addr));
}

// Stores the scope of an address in *index, if the address has a scope. Returns true, or false if *index already names
// another interface.
bool agree_on_interface(uint32_t *index, const mio_addr *addr)
{
    const uint32_t scope = endpoint_of(addr).scope_id;
    if (scope != 0 && *index != 0 && scope != *index) return false;
    if (scope != 0) *index = scope;
    return true;
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
    return set_option(handle, change, IPPROTO_IP, name, &request, sizeof request, 0);
}

int change_membership_v4_on(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index)
{
    if (!has_family(group, AF_INET)) return -EAFNOSUPPORT;
    if (!is_group(group)) return -EINVAL;
    if (interface_index > 0xffffff) return -ENODEV; // Windows accepts an interface index of up to 24 bits
    ip_mreq request = {};
    request.imr_multiaddr = native<sockaddr_in>(group).sin_addr;
    request.imr_interface.s_addr = __builtin_bswap32(interface_index);
    const int name = change == Membership::join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return set_option(handle, change, IPPROTO_IP, name, &request, sizeof request, interface_index);
}

int change_membership_v6(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index)
{
    if (!has_family(group, AF_INET6)) return -EAFNOSUPPORT;
    if (!is_group(group) || !agree_on_interface(&interface_index, group)) return -EINVAL;
    ipv6_mreq request = {};
    request.ipv6mr_multiaddr = native<sockaddr_in6>(group).sin6_addr;
    request.ipv6mr_interface = interface_index;
    const int name = change == Membership::join ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP;
    return set_option(handle, change, IPPROTO_IPV6, name, &request, sizeof request, interface_index);
}

int change_membership_source(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *sender,
                             uint32_t interface_index)
{
    const int family = ip_family(group);
    if (family < 0 || !has_family(sender, family)) return -EAFNOSUPPORT;
    if (!is_group(group) || !agree_on_interface(&interface_index, group)) return -EINVAL;
    if (!agree_on_interface(&interface_index, sender)) return -EINVAL;
    GROUP_SOURCE_REQ request = {};
    request.gsr_interface = interface_index;
    memcpy(&request.gsr_group, sockaddr_of(group), static_cast<size_t>(sockaddr_length(group)));
    memcpy(&request.gsr_source, sockaddr_of(sender), static_cast<size_t>(sockaddr_length(sender)));
    const int level = family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
    const int name = change == Membership::join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP;
    return set_option(handle, change, level, name, &request, sizeof request, interface_index);
}

} // namespace mio::impl
