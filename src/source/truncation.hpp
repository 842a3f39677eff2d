// SPDX-License-Identifier: MIT
// Computes the result of a receive, including the case that the datagram did not fit into the buffer. All kinds of
// datagram sockets share this code.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/source.h>
#include <stddef.h>

namespace mio::impl {

// Returns the result of a receive. `received` is the length of the datagram, and `room` is the size of the buffer.
// *flags reports whether the datagram was truncated. If `flags` is null, the result of a truncated datagram is
// -EMSGSIZE.
inline int64_t report_truncation(int64_t received, size_t room, uint32_t *flags)
{
    if (received < 0) return received;
    const bool truncated = static_cast<uint64_t>(received) > room;
    if (flags != nullptr) {
        *flags = truncated ? MIO_MESSAGE_TRUNCATED : 0;
    } else if (truncated) {
        return -EMSGSIZE;
    }
    return truncated ? static_cast<int64_t>(room) : received;
}

} // namespace mio::impl
