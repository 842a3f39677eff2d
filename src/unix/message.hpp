// SPDX-License-Identifier: MIT
// Builds a message for sendmsg(2) or recvmsg(2) from the caller's pieces.
#pragma once

#include "core/base.hpp"

#include <limits.h>
#include <mio/base.h>
#include <stddef.h>
#include <sys/socket.h>

namespace mio::impl {

constexpr iovec empty_piece = {};

// Returns a message with these pieces. On some systems msg_iovlen is an int. So the function replaces a count above
// INT_MAX by INT_MAX. INT_MAX is still above the limit of the kernel, so the kernel rejects the message. macOS returns
// EMSGSIZE for a message without pieces. So the function replaces no piece by an empty piece.
inline msghdr message_of(const mio_iovec *pieces, size_t count)
{
    msghdr message = {};
    if (MIO_UNLIKELY(count == 0)) {
        message.msg_iov = const_cast<iovec *>(&empty_piece);
        message.msg_iovlen = 1;
        return message;
    }
    message.msg_iov = reinterpret_cast<iovec *>(const_cast<mio_iovec *>(pieces));
    message.msg_iovlen = static_cast<decltype(message.msg_iovlen)>(count < INT_MAX ? count : INT_MAX);
    return message;
}

} // namespace mio::impl
