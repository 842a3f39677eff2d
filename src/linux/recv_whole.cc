// SPDX-License-Identifier: MIT
#include "unix/recv_whole.hpp"

#include "unix/calls.hpp"

namespace mio::impl {

long recv_whole(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length)
{
    const int whole = flags | MSG_TRUNC;
    // The two calls do the same. But for ThreadSanitizer, only recv(2) comes after the send (unix/calls.hpp). call_recv
    // would not receive a datagram if `length` is 0.
    return addr == nullptr ? result_of(recv(fd, buffer, length, whole))
                           : call_recvfrom(fd, buffer, length, whole, addr, addr_length);
}

} // namespace mio::impl
