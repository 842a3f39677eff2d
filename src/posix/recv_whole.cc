// SPDX-License-Identifier: MIT
// In POSIX only recvmsg(2) reports that a datagram is longer than the buffer. No call reports the length of such a
// datagram.
#include "unix/recv_whole.hpp"

#include "unix/calls.hpp"

#include <sys/uio.h>

namespace mio::impl {

long recv_whole(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length)
{
    iovec piece = {buffer, length};
    msghdr message = {};
    message.msg_name = addr;
    message.msg_namelen = addr_length != nullptr ? *addr_length : 0;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const long received = call_recvmsg(fd, &message, flags);
    if (received < 0) return received;
    if (addr_length != nullptr) *addr_length = message.msg_namelen;
    return (message.msg_flags & MSG_TRUNC) != 0 ? static_cast<long>(length) + 1 : received;
}

} // namespace mio::impl
