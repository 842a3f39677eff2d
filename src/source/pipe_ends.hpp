// SPDX-License-Identifier: MIT
// The two ends of a pipe.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/pipes.hpp"

#include <mio/pipe.h>

namespace mio::impl {

int open_pipe_pair(mio_pipe_sender *sender, mio_pipe_receiver *receiver);
int adopt_sender(mio_pipe_sender *sender, mio_handle handle);
int adopt_receiver(mio_pipe_receiver *receiver, mio_handle handle);

inline int64_t write_pipe(mio_pipe_sender *sender, const void *buffer, size_t length)
{
    return do_io(&sender->source, SourceKind::pipe_sender, MIO_WRITABLE, length,
                 [=](mio_handle handle) { return pipe_write(handle, buffer, length); });
}

inline int64_t writev_pipe(mio_pipe_sender *sender, const mio_iovec *pieces, size_t count)
{
    return do_io(&sender->source, SourceKind::pipe_sender, MIO_WRITABLE, Pieces{pieces, count},
                 [=](mio_handle handle) { return pipe_writev(handle, pieces, count); });
}

inline int64_t read_pipe(mio_pipe_receiver *receiver, void *buffer, size_t length)
{
    return do_io(&receiver->source, SourceKind::pipe_receiver, MIO_READABLE, length,
                 [=](mio_handle handle) { return pipe_read(handle, buffer, length); });
}

inline int64_t readv_pipe(mio_pipe_receiver *receiver, const mio_iovec *pieces, size_t count)
{
    return do_io(&receiver->source, SourceKind::pipe_receiver, MIO_READABLE, Pieces{pieces, count},
                 [=](mio_handle handle) { return pipe_readv(handle, pieces, count); });
}

} // namespace mio::impl
