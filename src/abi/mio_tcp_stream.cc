// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/queued_error.hpp"
#include "source/stream_io.hpp"
#include "source/tcp.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_tcp_stream_connect(mio_tcp_stream *stream, const mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return connect_stream(stream, addr);
}

MIO_EXPORT int mio_tcp_stream_connect_finish(mio_tcp_stream *stream)
{
    return stream != nullptr ? finish_connect(stream) : -EINVAL;
}

MIO_EXPORT int mio_tcp_stream_from_handle(mio_tcp_stream *stream, mio_handle handle)
{
    return stream != nullptr ? adopt_stream(stream, handle) : -EINVAL;
}

MIO_EXPORT void mio_tcp_stream_close(mio_tcp_stream *stream)
{
    if (stream != nullptr) close_source(&stream->source);
}

MIO_EXPORT mio_handle mio_tcp_stream_handle(const mio_tcp_stream *stream)
{
    return stream != nullptr ? borrow_handle(&stream->source) : -EINVAL;
}

MIO_EXPORT mio_handle mio_tcp_stream_into_handle(mio_tcp_stream *stream)
{
    return stream != nullptr ? release_handle(&stream->source) : -EINVAL;
}

MIO_EXPORT int64_t mio_tcp_stream_read(mio_tcp_stream *stream, void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return read_stream(&stream->source, buffer, length);
}

MIO_EXPORT int64_t mio_tcp_stream_readv(mio_tcp_stream *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return do_vectored_io(&stream->source, MIO_READABLE, pieces, count,
                          [=](mio_handle handle) { return stream_readv(handle, pieces, count); });
}

MIO_EXPORT int64_t mio_tcp_stream_peek(mio_tcp_stream *stream, void *buffer, size_t length)
{
    if (stream == nullptr) return -EINVAL;
    return do_io(&stream->source, MIO_READABLE, [=](mio_handle handle) { return stream_peek(handle, buffer, length); });
}

MIO_EXPORT int64_t mio_tcp_stream_write(mio_tcp_stream *stream, const void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return write_stream(&stream->source, buffer, length);
}

MIO_EXPORT int64_t mio_tcp_stream_writev(mio_tcp_stream *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return do_vectored_io(&stream->source, MIO_WRITABLE, pieces, count,
                          [=](mio_handle handle) { return stream_writev(handle, pieces, count); });
}

MIO_EXPORT int64_t mio_tcp_stream_send(mio_tcp_stream *stream, const void *buffer, size_t length, uint32_t flags)
{
    if (stream == nullptr) return -EINVAL;
    return do_stream_io(&stream->source, MIO_WRITABLE, length,
                        [=](mio_handle handle) { return stream_send(handle, buffer, length, flags); });
}

MIO_EXPORT int mio_tcp_stream_recv_oob(mio_tcp_stream *stream, unsigned char *byte)
{
    return stream != nullptr && byte != nullptr ? recv_oob(&stream->source, byte) : -EINVAL;
}

MIO_EXPORT int mio_tcp_stream_at_mark(const mio_tcp_stream *stream)
{
    return stream != nullptr ? stream_at_mark(handle_of(&stream->source)) : -EINVAL;
}

MIO_EXPORT int mio_tcp_stream_shutdown(mio_tcp_stream *stream, int how)
{
    return stream != nullptr ? shutdown_socket(handle_of(&stream->source), how) : -EINVAL;
}

MIO_EXPORT int mio_tcp_stream_local_addr(const mio_tcp_stream *stream, mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return socket_local_addr(handle_of(&stream->source), addr);
}

MIO_EXPORT int mio_tcp_stream_peer_addr(const mio_tcp_stream *stream, mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return socket_peer_addr(handle_of(&stream->source), addr);
}

MIO_EXPORT int mio_tcp_stream_take_error(mio_tcp_stream *stream)
{
    return stream != nullptr ? take_error(&stream->source) : -EINVAL;
}

MIO_EXPORT int mio_tcp_stream_original_destination(const mio_tcp_stream *stream, mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return original_destination(handle_of(&stream->source), addr);
}

MIO_EXPORT int64_t mio_tcp_stream_recv_error(mio_tcp_stream *stream, mio_queued_error *error)
{
    if (stream == nullptr || error == nullptr) return -EINVAL;
    return recv_error(&stream->source, error);
}
