// SPDX-License-Identifier: MIT
// Functions for named pipes of Windows. Only the library for Windows has these functions. On any other system, a named
// pipe is a file that the program can open itself. Every function returns 0, a count, or a negative errno value. A
// NamedPipe is the object of one end of a named pipe. close_handle of port/sockets.hpp closes the handle of a
// NamedPipe, and then frees the NamedPipe.
#pragma once

#include "core/base.hpp"

#include <mio/windows.h>

namespace mio::impl {

struct NamedPipe;

// create_named_pipe makes the server end of a named pipe. open_named_pipe opens the client end. The caller has already
// converted `options` to the struct of this version of the library.
int create_named_pipe(const char *name, const mio_named_pipe_options &options, NamedPipe **created);
int open_named_pipe(const char *name, NamedPipe **opened);
mio_handle handle_of_pipe(const NamedPipe *pipe);

int connect_named_pipe(NamedPipe *pipe);
int disconnect_named_pipe(NamedPipe *pipe);

// These functions read and write bytes. If `length` is 0, they do not touch the buffer.
int64_t read_named_pipe(NamedPipe *pipe, void *buffer, size_t length);
int64_t write_named_pipe(NamedPipe *pipe, const void *buffer, size_t length);

} // namespace mio::impl
