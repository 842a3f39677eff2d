// SPDX-License-Identifier: MIT
#include "unix/recv_whole.hpp"

#include "unix/calls.hpp"

namespace mio::impl {

long recv_whole(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length)
{
    return call_recvfrom(fd, buffer, length, flags | MSG_TRUNC, addr, addr_length);
}

} // namespace mio::impl
