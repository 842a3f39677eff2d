// SPDX-License-Identifier: MIT
// The contract of the two calls that run once per message. Each platform defines them inline, in its
// platform/stream_calls.hpp, and src/module.am says whose folder that is: as part of the exported functions they cost 12
// instructions less per echoed message, of about 90 (bench/count.sh), than behind a call.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Reads once; 0 at the end of what can be read.
inline int64_t stream_read(mio_handle handle, void *buffer, size_t length);

// Writes once. Never SIGPIPE. -EAGAIN also where the stream is not connected yet.
inline int64_t stream_write(mio_handle handle, const void *buffer, size_t length);

} // namespace mio::impl

#include "platform/stream_calls.hpp"
