// SPDX-License-Identifier: MIT
#pragma once

#include "core/base.hpp"
#include "unix/calls.hpp"

#include <sys/socket.h>

namespace mio::impl {

// The family of a socket's addresses, or a negative errno value. Not every system has SO_DOMAIN.
inline int socket_family(int fd)
{
    sockaddr_storage name;
    socklen_t size = sizeof name;
    const int failed = result_of(getsockname(fd, reinterpret_cast<sockaddr *>(&name), &size));
    return failed < 0 ? failed : name.ss_family;
}

} // namespace mio::impl
