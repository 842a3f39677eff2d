// SPDX-License-Identifier: MIT
// The contract of the two calls that run once per message. Each platform defines both calls inline in its
// platform/stream_calls.hpp, and src/module.am puts the folder of the platform on the include path. Inlining the calls
// in the exported functions saves 12 of about 90 instructions per echoed message (bench/count.sh). Vectored calls are
// in port/sockets.hpp. While a platform has no sockets, both calls may be absent. Then absent/platform/ defines both
// calls, and they return -ENOTSUP.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Reads once. Returns 0 at the end of the stream.
inline int64_t stream_read(mio_handle handle, void *buffer, size_t length);

// Writes once. Never raises SIGPIPE. Returns -EAGAIN if there is no space now, or if the stream is not connected yet.
inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length);

} // namespace mio::impl

#include "platform/stream_calls.hpp"
