// SPDX-License-Identifier: MIT
// The operations that TCP and Unix streams share.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"
#include "port/stream_calls.hpp"

namespace mio::impl {

// Stands for both kinds: they share a mark.
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

// Taking the byte uses the readiness up, as a short count does.
inline int recv_oob(mio_source *source, unsigned char *byte)
{
    constexpr size_t more_than_there_is = 2;
    return static_cast<int>(do_stream_io(source, any_stream, MIO_PRIORITY, more_than_there_is,
                                         [=](mio_handle handle) { return stream_recv_oob(handle, byte); }));
}

// 0 if connected, -EINPROGRESS if not yet, else the reason of the failure.
int finish_connect(mio_source *source);

} // namespace mio::impl
