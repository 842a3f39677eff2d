// SPDX-License-Identifier: MIT
// Functions for pipes. Every function returns 0, a count, or a negative errno value. A function that fails does not
// change its arguments or the system. The functions do not keep the handles. MIO_HANDLE_NONE is a valid argument and
// gives -EBADF. On a platform without pipes, every function returns -ENOTSUP, and callers pass this error on.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

enum class PipeEnd { sender, receiver };

// Opens a pipe. Both ends are non-blocking and close-on-exec.
int open_pipe(mio_handle *sender, mio_handle *receiver);

// Makes a handle non-blocking and close-on-exec. Returns -EPROTOTYPE if the handle cannot serve as this end of a pipe.
int adopt_pipe_end(mio_handle handle, PipeEnd end);

// These functions return the number of bytes read or written. Reading returns 0 at the end of the stream. Writing never
// raises SIGPIPE. Pieces follow the rules of port/sockets.hpp, but more than MIO_PIECES_MAX pieces always fail with
// -EINVAL.
int64_t pipe_read(mio_handle handle, void *buffer, size_t length);
int64_t pipe_readv(mio_handle handle, const mio_iovec *pieces, size_t count);
int64_t pipe_write(mio_handle handle, const void *buffer, size_t length);
int64_t pipe_writev(mio_handle handle, const mio_iovec *pieces, size_t count);

} // namespace mio::impl
