// SPDX-License-Identifier: MIT
// The contract of moving bytes from one handle to another without the program seeing them. Counts, 0 at the end of what
// is read, or a negative errno value after which arguments and system are as they were. There is never a
// SIGPIPE. Handles are borrowed. MIO_HANDLE_NONE is a valid argument and gives -EBADF.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// The most that one call moves.
constexpr size_t transfer_most = 0x7ffff000;

// From a file to a stream. `offset` null reads at the position of the file, and moves it; else *offset is moved.
int64_t send_file(mio_handle to, mio_handle file, int64_t *offset, size_t count);

// From one to the other, of which one is a pipe; neither is waited for.
int64_t splice_handles(mio_handle from, mio_handle to, size_t count);

// Which of the two would have to be waited for now: MIO_READABLE, that `from` has something, MIO_WRITABLE, that `to` has
// room.
uint32_t unready_sides(mio_handle from, mio_handle to);

} // namespace mio::impl
