// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/named_pipe.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_named_pipe_create(mio_named_pipe *pipe, const char *name, const mio_named_pipe_options *options)
{
    if (pipe == nullptr || name == nullptr) return -EINVAL;
    return make_server(pipe, name, options);
}

MIO_EXPORT int mio_named_pipe_open(mio_named_pipe *pipe, const char *name)
{
    return pipe != nullptr && name != nullptr ? make_client(pipe, name) : -EINVAL;
}

MIO_EXPORT int mio_named_pipe_connect(mio_named_pipe *pipe)
{
    return pipe != nullptr ? connect_pipe(pipe) : -EINVAL;
}

MIO_EXPORT int mio_named_pipe_disconnect(mio_named_pipe *pipe)
{
    return pipe != nullptr ? disconnect_pipe(pipe) : -EINVAL;
}

MIO_EXPORT int64_t mio_named_pipe_read(mio_named_pipe *pipe, void *buffer, size_t length)
{
    return pipe != nullptr ? read_pipe(pipe, buffer, length) : -EINVAL;
}

MIO_EXPORT int64_t mio_named_pipe_write(mio_named_pipe *pipe, const void *buffer, size_t length)
{
    return pipe != nullptr ? write_pipe(pipe, buffer, length) : -EINVAL;
}
