// SPDX-License-Identifier: MIT
// Translates the result of a call that sends on a stream.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

// Translates the result of a send on a stream. With TCP_FASTOPEN_CONNECT the first write begins to connect. This write
// sends no data and fails with EINPROGRESS in two cases: Linux has no cookie from the server, or the write has no
// bytes. A second write during the handshake fails with EALREADY. Both errors mean that the stream is not connected
// yet.
inline int64_t stream_result(int64_t result)
{
    if (MIO_LIKELY(result >= 0)) return result;
    return result == -EINPROGRESS || result == -EALREADY ? -EAGAIN : result;
}

} // namespace mio::impl
