// SPDX-License-Identifier: MIT
// Functions that move bytes from one handle to another inside the system. They return a count or a negative errno
// value. A count of 0 means the end of the input. A function that fails changes neither its arguments nor the state of
// the system. The functions never raise SIGPIPE. The functions do not keep the handles. MIO_HANDLE_NONE is a valid
// argument and gives -EBADF. On a platform without transfers, send_file and splice_handles return -ENOTSUP, and callers
// pass this error on. unready_sides returns 0 there.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// One call moves at most this number of bytes.
constexpr size_t transfer_most = 0x7ffff000;

// Sends up to `count` bytes of a file to a stream. If `offset` is null, the call reads at the file position and
// advances the position. Otherwise the call reads at *offset and advances *offset.
int64_t send_file(mio_handle to, mio_handle file, int64_t *offset, size_t count);

// Moves up to `count` bytes from one handle to another. At least one handle is a pipe. Never blocks on either handle.
int64_t splice_handles(mio_handle from, mio_handle to, size_t count);

// Returns which sides are not ready now, as a combination of two bits: MIO_READABLE if `from` has no data, and
// MIO_WRITABLE if `to` has no space. If the system does not tell, returns a negative errno value.
int unready_sides(mio_handle from, mio_handle to);

} // namespace mio::impl
