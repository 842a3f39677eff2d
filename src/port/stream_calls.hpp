// SPDX-License-Identifier: MIT
// Declares stream_read and stream_write, which run once per message. Each platform defines these two functions inline
// in its file platform/stream_calls.hpp. src/module.am adds the folder of the platform to the include path. The inline
// calls save about 12 instructions per echoed message. With these inline calls, bench/count.sh counts 149 instructions
// per message. Vectored calls are in port/sockets.hpp. If a platform has no sockets, the calls of absent/platform/
// return -ENOTSUP.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Reads once. Returns 0 at the end of the stream.
inline int64_t stream_read(mio_handle handle, void *buffer, size_t length);

// Writes once. Never raises SIGPIPE. Returns -EAGAIN if the send buffer is full, or if the stream is not connected yet.
inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length);

} // namespace mio::impl

#include "platform/stream_calls.hpp"
