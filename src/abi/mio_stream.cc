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
    return do_vectored_io(stream, any_stream, MIO_READABLE, pieces, count,
                          [=](mio_handle handle) { return stream_readv(handle, pieces, count); });
}

MIO_EXPORT int64_t mio_stream_peek(mio_source *stream, void *buffer, size_t length)
{
    if (stream == nullptr) return -EINVAL;
    return do_io(stream, any_stream, MIO_READABLE,
                 [=](mio_handle handle) { return stream_peek(handle, buffer, length); });
}

MIO_EXPORT int64_t mio_stream_write(mio_source *stream, const void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return write_stream(stream, buffer, length);
}

MIO_EXPORT int64_t mio_stream_writev(mio_source *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return do_vectored_io(stream, any_stream, MIO_WRITABLE, pieces, count,
                          [=](mio_handle handle) { return stream_writev(handle, pieces, count); });
}

MIO_EXPORT int64_t mio_stream_send(mio_source *stream, const void *buffer, size_t length, uint32_t flags)
{
    if (stream == nullptr) return -EINVAL;
    return do_stream_io(stream, any_stream, MIO_WRITABLE, length,
                        [=](mio_handle handle) { return stream_send(handle, buffer, length, flags); });
}

MIO_EXPORT int mio_stream_recv_oob(mio_source *stream, unsigned char *byte)
{
    return stream != nullptr && byte != nullptr ? recv_oob(stream, byte) : -EINVAL;
}

MIO_EXPORT int mio_stream_at_mark(const mio_source *stream)
{
    if (stream == nullptr) return -EINVAL;
    const int wrong = check_mark(stream, any_stream);
    return wrong != 0 ? wrong : stream_at_mark(handle_of(stream));
}

MIO_EXPORT int mio_stream_shutdown(mio_source *stream, int how)
{
    if (stream == nullptr) return -EINVAL;
    const int wrong = check_mark(stream, any_stream);
    return wrong != 0 ? wrong : shutdown_socket(handle_of(stream), how);
}
