// SPDX-License-Identifier: MIT
// A mio_addr on Unix systems is a length and a struct sockaddr. The library passes this struct to system calls.
//
//     socklen_t length = sockaddr_capacity;
//     recvfrom(fd, buffer, size, flags, sockaddr_of(addr), &length);
//     set_sockaddr_length(addr, length);
//
//     sendto(fd, buffer, size, flags, sockaddr_of(addr), sockaddr_length(addr));
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace mio::impl {

struct __attribute__((may_alias)) StoredAddress {
    uint32_t length; // the member `bytes` contains an address of this length; 0 means no address
    uint32_t unused;
    unsigned char bytes[120];
};
static_assert(sizeof(StoredAddress) == sizeof(mio_addr) && alignof(StoredAddress) <= alignof(mio_addr));
static_assert(offsetof(StoredAddress, bytes) % alignof(sockaddr_in6) == 0);
static_assert(offsetof(StoredAddress, bytes) % alignof(sockaddr_un) == 0);

// If a system call stores an address, the library passes sockaddr_capacity as the size of the buffer. The library never
// passes a greater length to a system call. If a path fills sun_path, Linux counts a terminating null and reports
// sizeof(sockaddr_un) + 1. But Linux rejects this length when a program passes it back.
constexpr socklen_t sockaddr_capacity = sizeof(sockaddr_un);
static_assert(sockaddr_capacity <= sizeof(StoredAddress::bytes) && sockaddr_capacity >= sizeof(sockaddr_in6));

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

// Returns the length of the address, to pass to a system call. A length of 0 means no address. The length is at most
// the capacity, even if the caller's storage holds garbage.
inline socklen_t sockaddr_length(const mio_addr *addr)
{
    const uint32_t length = stored(addr)->length;
    return length < sockaddr_capacity ? length : sockaddr_capacity;
}

// Stores in *addr the length that a system call reported. If the length exceeds the capacity, the system has truncated
// the address.
inline void set_sockaddr_length(mio_addr *addr, socklen_t length)
{
    stored(addr)->length = length;
}

// Makes a call that writes an address into `addr`. The length of `addr` changes only if the call succeeds.
template <typename Call>
auto with_address(mio_addr *addr, Call call)
{
    socklen_t length = sockaddr_capacity;
    const auto result = call(sockaddr_of(addr), &length);
    if (result >= 0) set_sockaddr_length(addr, length);
    return result;
}

} // namespace mio::impl
