// SPDX-License-Identifier: MIT
// Functions that read the local address and the peer address of a socket.
#pragma once

#include "core/base.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"

#include <sys/socket.h>

namespace mio::impl {

// socket_name stores the local address of a socket. peer_name stores the address of its peer. Both functions return 0
// or a negative errno value.
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

// Returns the family of a socket's addresses, or a negative errno value. The function reads the local address, because
// some systems lack SO_DOMAIN.
inline int socket_family(int fd)
{
    mio_addr name;
    const int failed = socket_name(fd, &name);
    return failed < 0 ? failed : sockaddr_of(&name)->sa_family;
}

} // namespace mio::impl
