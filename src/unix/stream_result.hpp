// SPDX-License-Identifier: MIT
// What a call that sends on a stream returned, as the caller is to see it.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

// With TCP_FASTOPEN_CONNECT the first write begins to connect. Where it can take no bytes along, for want of a cookie or
// of bytes, Linux says EINPROGRESS of it, and EALREADY of a write while another one does this. To the caller both are
// what a stream says that is not connected yet.
inline int64_t stream_result(int64_t result)
{
    if (MIO_LIKELY(result >= 0)) return result;
    return result == -EINPROGRESS || result == -EALREADY ? -EAGAIN : result;
}

} // namespace mio::impl
