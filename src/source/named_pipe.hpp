// SPDX-License-Identifier: MIT
// One end of a named pipe. The last word of the source's storage points to the NamedPipe (port/named_pipes.hpp).
#pragma once

#include "core/base.hpp"
#include "port/named_pipes.hpp"

#include <mio/windows.h>

namespace mio::impl {

int make_server(mio_named_pipe *source, const char *name, const mio_named_pipe_options *options);
int make_client(mio_named_pipe *source, const char *name);

int connect_pipe(mio_named_pipe *source);
int disconnect_pipe(mio_named_pipe *source);
int64_t read_pipe(mio_named_pipe *source, void *buffer, size_t length);
int64_t write_pipe(mio_named_pipe *source, const void *buffer, size_t length);

} // namespace mio::impl
