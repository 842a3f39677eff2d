// SPDX-License-Identifier: MIT
// A mio_addr on Windows is a length and a struct sockaddr. The library passes this struct to calls of Winsock.
#pragma once

#include "core/base.hpp"
#include "windows/winsock.hpp"

#include <afunix.h>
#include <mio/addr.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

struct __attribute__((may_alias)) StoredAddress {
    uint32_t length; // the member `bytes` contains an address of this length; 0 means no address
    uint32_t unused;
    unsigned char bytes[120];
};
static_assert(sizeof(StoredAddress) == sizeof(mio_addr) && alignof(StoredAddress) <= alignof(mio_addr));
static_assert(offsetof(StoredAddress, bytes) % alignof(sockaddr_in6) == 0);

// The library passes this capacity to each call that stores an address. The library never passes a longer address to a
// call.
constexpr int sockaddr_capacity = sizeof(sockaddr_un);
static_assert(sockaddr_capacity <= static_cast<int>(sizeof(StoredAddress::bytes)));
static_assert(sockaddr_capacity >= static_cast<int>(sizeof(sockaddr_in6)));

inline StoredAddress *stored(mio_addr *addr)
{
    return reinterpret_cast<StoredAddress *>(addr);
}

inline const StoredAddress *stored(const mio_addr *addr)
{
    return reinterpret_cast<const StoredAddress *>(addr);
}

inline sockaddr *sockaddr_of(mio_addr *addr)
{
    return reinterpret_cast<sockaddr *>(stored(addr)->bytes);
}

inline const sockaddr *sockaddr_of(const mio_addr *addr)
{
    return reinterpret_cast<const sockaddr *>(stored(addr)->bytes);
}

// Returns the length of an address, for a call of Winsock. A length of 0 means no address. The length is at most
// sockaddr_capacity, even if the storage of the caller holds garbage.
inline int sockaddr_length(const mio_addr *addr)
{
    const uint32_t length = stored(addr)->length;
    return length < sockaddr_capacity ? static_cast<int>(length) : sockaddr_capacity;
}

// Returns the family of an IP address, or -1 for any other address.
inline int ip_family(const mio_addr *addr)
{
    const int family = sockaddr_of(addr)->sa_family;
    const bool is_ip = family == AF_INET || family == AF_INET6;
    return is_ip && sockaddr_length(addr) > 0 ? family : -1;
}

// Translates `failed`, the error of a Winsock call with the socket `handle` and the address `addr`. Returns
// -EAFNOSUPPORT if the address and the socket have different families, and -ENODEV if the scope is not an interface.
// Winsock returns several codes for each of these errors.
int blame_address(mio_handle handle, const mio_addr *addr, int failed);

// Returns whether an interface has this index.
bool is_interface(uint32_t index);

inline void set_sockaddr_length(mio_addr *addr, int length)
{
    stored(addr)->length = static_cast<uint32_t>(length);
}

// Makes a call that writes an address into `addr`. The length of `addr` changes only if the call succeeds.
template <typename Call>
auto with_address(mio_addr *addr, Call call)
{
    int length = sockaddr_capacity;
    const auto result = call(sockaddr_of(addr), &length);
    if (result >= 0) set_sockaddr_length(addr, length);
    return result;
}

} // namespace mio::impl
