// SPDX-License-Identifier: MIT
// The scope of an IPv6 address (RFC 4007) is an interface. Linux uses the scope only if the address is link-local. mio
// uses the scope of every address in every call.
#pragma once

#include "core/base.hpp"

#include "unix/addresses.hpp"

#include <mio/addr.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

namespace mio::impl {

// Returns the scope of an address, or 0 if the address has no scope.
inline uint32_t scope_of(const mio_addr *addr)
{
    if (sockaddr_length(addr) < sizeof(sockaddr_in6) || sockaddr_of(addr)->sa_family != AF_INET6) return 0;
    uint32_t scope = 0;
    memcpy(&scope, stored(addr)->bytes + offsetof(sockaddr_in6, sin6_scope_id), sizeof scope);
    return scope;
}

// True for an address that is ambiguous without an interface, for example in fe80::/10, ff01::/16 or ff02::/16.
bool needs_scope(const uint8_t ip[16]);

// True if the address has a scope that the system would ignore.
inline bool is_scope_dropped(const mio_addr *addr)
{
    if (MIO_LIKELY(scope_of(addr) == 0)) return false;
    return !needs_scope(stored(addr)->bytes + offsetof(sockaddr_in6, sin6_addr));
}

// Stores the scope of an address in *index, if the address has a scope. Returns -EINVAL if *index already names another
// interface. In *index, 0 means no interface.
int agree_on_interface(uint32_t *index, const mio_addr *addr);

// The name of the interface that a socket is bound to (MIO_OPTION_BIND_DEVICE), or "" if the socket is bound to no
// interface. Only a privileged process can change an existing binding.
struct Device {
    char name[IF_NAMESIZE];
};
int get_device(int fd, Device *device);
int set_device(int fd, const Device &device);

// A call with the address `addr` has failed with -ENETUNREACH. If `addr` is a link-local address, the reason can be
// that no interface has the index in its scope. In this case, the function returns -ENODEV, as for other addresses.
// Otherwise it returns -ENETUNREACH. `addr` may be null.
int explain_unreachable(int fd, const mio_addr *addr);

// Binds a socket to the interface in the scope of an address, before a bind(2) or connect(2) with this address. For a
// link-local address, the function binds nothing, because the bind(2) or connect(2) binds the socket to the interface.
// Sets *tied to true if the address has a scope and the socket was not bound before, and otherwise to false. If *tied
// is true and the bind(2) or connect(2) fails, the caller must call untie. Returns -EINVAL if the socket is bound to
// another interface.
int tie_to_scope(int fd, const mio_addr *addr, bool *tied);

// Removes the binding of a socket to an interface. In an unprivileged process, the system refuses this, and the binding
// stays.
void untie(int fd);

} // namespace mio::impl
