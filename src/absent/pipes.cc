// SPDX-License-Identifier: MIT
#include "port/pipes.hpp"

#include <errno.h>

namespace mio::impl {

int open_pipe(mio_handle *, mio_handle *)
{
    return -ENOTSUP;
}

int adopt_pipe_end(mio_handle, PipeEnd)
{
    return -ENOTSUP;
}

int64_t pipe_read(mio_handle, void *, size_t)
{
    return -ENOTSUP;
}

int64_t pipe_readv(mio_handle, const mio_iovec *, size_t)
{
    return -ENOTSUP;
}

int64_t pipe_write(mio_handle, const void *, size_t)
{
    return -ENOTSUP;
}

int64_t pipe_writev(mio_handle, const mio_iovec *, size_t)
{
    return -ENOTSUP;
}

} // namespace mio::impl
