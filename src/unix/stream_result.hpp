// SPDX-License-Identifier: MIT
// Translates the result of a call that sends on a stream.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

// With TCP_FASTOPEN_CONNECT the first write begins to connect. If that write cannot carry data, because there is no
// cookie or no byte to send, Linux returns EINPROGRESS. A second write meanwhile gets EALREADY. EINPROGRESS and
// EALREADY mean that the stream is not connected yet.
inline int64_t stream_result(int64_t result)
{
    if (MIO_LIKELY(result >= 0)) return result;
    return result == -EINPROGRESS || result == -EALREADY ? -EAGAIN : result;
}

} // namespace mio::impl
