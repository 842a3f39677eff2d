// SPDX-License-Identifier: MIT
// The scope of IPv6 addresses (RFC 4007): the interface that an address names. Linux looks at it in link-local addresses
// alone and drops it elsewhere; mio honours it in every call.
#pragma once

#include "core/base.hpp"

#include "unix/addresses.hpp"

#include <mio/addr.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

namespace mio::impl {

// 0 where there is none.
inline uint32_t scope_of(const mio_addr *addr)
{
    if (sockaddr_length(addr) < sizeof(sockaddr_in6) || sockaddr_of(addr)->sa_family != AF_INET6) return 0;
    uint32_t scope = 0;
    memcpy(&scope, stored(addr)->bytes + offsetof(sockaddr_in6, sin6_scope_id), sizeof scope);
    return scope;
}

// Link-local addresses say nothing without their interface: fe80::/10, ff01::/16, ff02::/16 and the like.
bool needs_scope(const uint8_t ip[16]);

// Whether the address has a scope that the system passes over.
inline bool is_scope_dropped(const mio_addr *addr)
{
    if (MIO_LIKELY(scope_of(addr) == 0)) return false;
    return !needs_scope(stored(addr)->bytes + offsetof(sockaddr_in6, sin6_addr));
}

// Takes the interface that an address names for *index, 0 for none so far: -EINVAL where the two differ.
int agree_on_interface(uint32_t *index, const mio_addr *addr);

// The interface that a socket is bound to, as MIO_OPTION_BIND_DEVICE has it: "" for none. Setting it takes a privilege
// where there is another one.
struct Device {
    char name[IF_NAMESIZE];
};
int get_device(int fd, Device *device);
int set_device(int fd, const Device &device);

// Ties a socket to the interface that an address names, as the system does for link-local ones. *tied says whether the
// socket was free before. -EINVAL where it is tied to another one.
int tie_to_scope(int fd, const mio_addr *addr, bool *tied);

// What can be done to take that back: a privilege may be missing.
void untie(int fd);

} // namespace mio::impl
