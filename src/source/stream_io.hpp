// SPDX-License-Identifier: MIT
// What the streams of TCP and Unix do alike.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"
#include "port/stream_calls.hpp"

namespace mio::impl {

// Stands for both kinds: they have one mark.
constexpr SourceKind any_stream = SourceKind::tcp_stream;

inline int64_t read_stream(mio_source *source, void *buffer, size_t length)
{
    return do_stream_io(source, any_stream, MIO_READABLE, length,
                        [=](mio_handle handle) { return stream_read(handle, buffer, length); });
}

inline int64_t write_stream(mio_source *source, const void *buffer, size_t length)
{
    return do_stream_io(source, any_stream, MIO_WRITABLE, length,
                        [=](mio_handle handle) { return stream_write(handle, buffer, length); });
}

// The byte, once taken, leaves nothing to be told of: like a count of less than was asked for.
inline int recv_oob(mio_source *source, unsigned char *byte)
{
    constexpr size_t more_than_there_is = 2;
    return static_cast<int>(do_stream_io(source, any_stream, MIO_PRIORITY, more_than_there_is,
                                         [=](mio_handle handle) { return stream_recv_oob(handle, byte); }));
}

// 0 connected, -EINPROGRESS not yet, else why it failed.
int finish_connect(mio_source *source);

} // namespace mio::impl
