// SPDX-License-Identifier: MIT
// The contract of the two calls that run once per message. Each platform defines them inline in its
// platform/stream_calls.hpp, and src/module.am puts its folder on the include path. As part of the exported functions
// they cost 12 instructions fewer per echoed message, of about 90 (bench/count.sh), than out of line. Vectored calls
// are in port/sockets.hpp. May be absent while a platform has no sockets: absent/platform/ then has both, which return
// -ENOTSUP.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Reads once; 0 at the end of the stream.
inline int64_t stream_read(mio_handle handle, void *buffer, size_t length);

// Writes once. Never raises SIGPIPE. -EAGAIN also if the stream is not connected yet.
inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length);

} // namespace mio::impl

#include "platform/stream_calls.hpp"
