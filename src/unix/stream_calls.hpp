// SPDX-License-Identifier: MIT
// What a call that sends on a stream returned, and the two calls that source/stream_io.hpp makes part of the exported
// functions: it knows handles, and this floor alone knows that they are descriptors.
#pragma once

#include "core/base.hpp"
#include "unix/calls.hpp"

#include <errno.h>
#include <mio/base.h>
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

inline int64_t stream_read(mio_handle handle, void *buffer, size_t length)
{
    return call_read(handle, buffer, length);
}

inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length)
{
    return stream_result(call_send(handle, buffer, length, MSG_NOSIGNAL));
}

} // namespace mio::impl
