// SPDX-License-Identifier: MIT
#pragma once

#include "core/base.hpp"
#include "unix/calls.hpp"
#include "unix/stream_result.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

inline int64_t stream_read(mio_handle handle, void *buffer, size_t length)
{
    return call_read(handle, buffer, length);
}

inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length)
{
    return stream_result(call_send(handle, buffer, length, MSG_NOSIGNAL));
}

} // namespace mio::impl
