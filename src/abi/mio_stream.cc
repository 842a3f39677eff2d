// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/stream_io.hpp"

#include <errno.h>
#include <mio/stream.h>

using namespace mio::impl;

MIO_EXPORT int mio_stream_connect_finish(mio_source *stream)
{
    return stream != nullptr ? finish_connect(stream) : -EINVAL;
}

MIO_EXPORT int64_t mio_stream_read(mio_source *stream, void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return read_stream(stream, buffer, length);
}

MIO_EXPORT int64_t mio_stream_readv(mio_source *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return readv_stream(stream, pieces, count);
}

MIO_EXPORT int64_t mio_stream_peek(mio_source *stream, void *buffer, size_t length)
{
    return stream != nullptr ? peek_stream(stream, buffer, length) : -EINVAL;
}

MIO_EXPORT int64_t mio_stream_write(mio_source *stream, const void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return write_stream(stream, buffer, length);
}

MIO_EXPORT int64_t mio_stream_writev(mio_source *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return writev_stream(stream, pieces, count);
}

MIO_EXPORT int64_t mio_stream_send(mio_source *stream, const void *buffer, size_t length, uint32_t flags)
{
    return stream != nullptr ? send_stream(stream, buffer, length, flags) : -EINVAL;
}

MIO_EXPORT int mio_stream_recv_oob(mio_source *stream, unsigned char *byte)
{
    return stream != nullptr && byte != nullptr ? recv_oob(stream, byte) : -EINVAL;
}

MIO_EXPORT int mio_stream_at_mark(const mio_source *stream)
{
    return stream != nullptr ? is_at_mark(stream) : -EINVAL;
}

MIO_EXPORT int mio_stream_shutdown(mio_source *stream, int how)
{
    return stream != nullptr ? shutdown_stream(stream, how) : -EINVAL;
}
