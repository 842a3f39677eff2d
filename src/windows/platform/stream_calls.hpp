// SPDX-License-Identifier: MIT
// Defines stream_read and stream_write as inline functions, which only call functions of windows/streams.cc. So the
// files of the exported functions need not include the headers of Windows. Those headers define many macros.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

int64_t read_socket(mio_handle handle, void *buffer, size_t length);
int64_t write_socket(mio_handle handle, const void *buffer, size_t length, int flags);

inline int64_t stream_read(mio_handle handle, void *buffer, size_t length)
{
    return read_socket(handle, buffer, length);
}

inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length)
{
    return write_socket(handle, buffer, length, 0);
}

} // namespace mio::impl
