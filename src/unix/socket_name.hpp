// SPDX-License-Identifier: MIT
// Functions that get the local address of a socket and the address of its peer.
#pragma once

#include "core/base.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"

#include <sys/socket.h>

namespace mio::impl {

// Store the local address of a socket, or the address of its peer. Return 0, or a negative errno value.
inline int socket_name(int fd, mio_addr *addr)
{
    return with_address(addr,
                        [=](sockaddr *name, socklen_t *length) { return result_of(getsockname(fd, name, length)); });
}

inline int peer_name(int fd, mio_addr *addr)
{
    return with_address(addr,
                        [=](sockaddr *name, socklen_t *length) { return result_of(getpeername(fd, name, length)); });
}

// Returns the family of a socket's addresses, or a negative errno value. Not every system has SO_DOMAIN.
inline int socket_family(int fd)
{
    mio_addr name;
    const int failed = socket_name(fd, &name);
    return failed < 0 ? failed : sockaddr_of(&name)->sa_family;
}

} // namespace mio::impl
