// SPDX-License-Identifier: MIT
// Translates the result of a call that sends on a stream.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

// Translates the result of a send on a stream. With TCP_FASTOPEN_CONNECT the first write begins to connect. If that
// write has no byte to send, or Linux has no cookie from the server, the write carries no data, and Linux returns
// EINPROGRESS. A second write during the handshake gets EALREADY. EINPROGRESS and EALREADY mean that the stream is not
// connected yet.
inline int64_t stream_result(int64_t result)
{
    if (MIO_LIKELY(result >= 0)) return result;
    return result == -EINPROGRESS || result == -EALREADY ? -EAGAIN : result;
}

} // namespace mio::impl
