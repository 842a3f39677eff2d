// SPDX-License-Identifier: MIT
// Defines stream_read and stream_write for a platform without streams. On such a platform, no socket is ever open.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

inline int64_t stream_read(mio_handle, void *, size_t)
{
    return -ENOTSUP;
}

inline int64_t stream_write(mio_handle, const void *, size_t)
{
    return -ENOTSUP;
}

} // namespace mio::impl
