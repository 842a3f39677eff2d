// SPDX-License-Identifier: MIT
// The scope of IPv6 addresses (RFC 4007) is the interface that an address names. Linux honours the scope for link-local
// addresses only. mio honours the scope in every call.
#pragma once

#include "core/base.hpp"

#include "unix/addresses.hpp"

#include <mio/addr.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

namespace mio::impl {

// Returns 0 if there is no scope.
inline uint32_t scope_of(const mio_addr *addr)
{
    if (sockaddr_length(addr) < sizeof(sockaddr_in6) || sockaddr_of(addr)->sa_family != AF_INET6) return 0;
    uint32_t scope = 0;
    memcpy(&scope, stored(addr)->bytes + offsetof(sockaddr_in6, sin6_scope_id), sizeof scope);
    return scope;
}

// True for an address that is ambiguous without an interface: fe80::/10, ff01::/16, ff02::/16 and the like.
bool needs_scope(const uint8_t ip[16]);

// True if the address has a scope that the system would ignore.
inline bool is_scope_dropped(const mio_addr *addr)
{
    if (MIO_LIKELY(scope_of(addr) == 0)) return false;
    return !needs_scope(stored(addr)->bytes + offsetof(sockaddr_in6, sin6_addr));
}

// Stores the interface that an address names in *index. If there is no interface so far, *index is 0. Returns -EINVAL
// if *index already names another interface.
int agree_on_interface(uint32_t *index, const mio_addr *addr);

// The interface of a bound socket (MIO_OPTION_BIND_DEVICE), or "" for a socket that no interface limits. Changing an
// existing binding needs a privilege.
struct Device {
    char name[IF_NAMESIZE];
};
int get_device(int fd, Device *device);
int set_device(int fd, const Device &device);

// Binds a socket to the interface that an address names. For a link-local address the system itself binds the socket.
// Sets *tied if the socket was not bound before. Returns -EINVAL if the socket is bound to another interface.
int tie_to_scope(int fd, const mio_addr *addr, bool *tied);

// Undoes tie_to_scope if possible. The process may lack the privilege.
void untie(int fd);

} // namespace mio::impl
