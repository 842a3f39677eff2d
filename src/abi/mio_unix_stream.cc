// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/stream_io.hpp"
#include "source/uds.hpp"
#include "source/uds_message.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_unix_stream_connect(mio_unix_stream *stream, const mio_addr *addr, uint32_t flags)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return connect_unix_stream(stream, addr, flags);
}

MIO_EXPORT int mio_unix_stream_connect_finish(mio_unix_stream *stream)
{
    return stream != nullptr ? finish_unix_connect(stream) : -EINVAL;
}

MIO_EXPORT int mio_unix_stream_pair(mio_unix_stream *left, mio_unix_stream *right, uint32_t flags)
{
    if (left == nullptr || right == nullptr) return -EINVAL;
    return pair_unix_streams(left, right, flags);
}

MIO_EXPORT int mio_unix_stream_from_handle(mio_unix_stream *stream, mio_handle handle)
{
    return stream != nullptr ? adopt_unix_stream(stream, handle) : -EINVAL;
}

MIO_EXPORT void mio_unix_stream_close(mio_unix_stream *stream)
{
    if (stream != nullptr) close_source(&stream->source);
}

MIO_EXPORT mio_handle mio_unix_stream_handle(const mio_unix_stream *stream)
{
    return stream != nullptr ? borrow_handle(&stream->source) : -EINVAL;
}

MIO_EXPORT mio_handle mio_unix_stream_into_handle(mio_unix_stream *stream)
{
    return stream != nullptr ? release_handle(&stream->source) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_stream_read(mio_unix_stream *stream, void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return read_stream(&stream->source, buffer, length);
}

MIO_EXPORT int64_t mio_unix_stream_readv(mio_unix_stream *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return do_vectored_io(&stream->source, MIO_READABLE, pieces, count,
                          [=](mio_handle handle) { return stream_readv(handle, pieces, count); });
}

MIO_EXPORT int64_t mio_unix_stream_peek(mio_unix_stream *stream, void *buffer, size_t length)
{
    if (stream == nullptr) return -EINVAL;
    return do_io(&stream->source, MIO_READABLE, [=](mio_handle handle) { return stream_peek(handle, buffer, length); });
}

MIO_EXPORT int64_t mio_unix_stream_write(mio_unix_stream *stream, const void *buffer, size_t length)
{
    if (MIO_UNLIKELY(stream == nullptr)) return -EINVAL;
    return write_stream(&stream->source, buffer, length);
}

MIO_EXPORT int64_t mio_unix_stream_writev(mio_unix_stream *stream, const mio_iovec *pieces, size_t count)
{
    if (stream == nullptr || pieces == nullptr) return -EINVAL;
    return do_vectored_io(&stream->source, MIO_WRITABLE, pieces, count,
                          [=](mio_handle handle) { return stream_writev(handle, pieces, count); });
}

MIO_EXPORT int64_t mio_unix_stream_recv(mio_unix_stream *stream, void *buffer, size_t length, uint32_t *flags)
{
    return stream != nullptr ? recv_record(&stream->source, buffer, length, flags) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_stream_send_with_handles(mio_unix_stream *stream, const void *buffer, size_t length,
                                                     const mio_handle *handles, size_t count)
{
    if (stream == nullptr) return -EINVAL;
    return send_with_handles(&stream->source, Carrier::connection, buffer, length, handles, count);
}

MIO_EXPORT int64_t mio_unix_stream_recv_with_handles(mio_unix_stream *stream, void *buffer, size_t length,
                                                     mio_handle *handles, size_t capacity, size_t *count,
                                                     uint32_t *flags)
{
    if (stream == nullptr || count == nullptr) return -EINVAL;
    return recv_with_handles(&stream->source, Carrier::connection, buffer, length, {handles, capacity, count}, flags);
}

MIO_EXPORT int64_t mio_unix_stream_send_message(mio_unix_stream *stream, const mio_unix_message *message)
{
    if (stream == nullptr || message == nullptr) return -EINVAL;
    return send_message(&stream->source, Carrier::connection, message);
}

MIO_EXPORT int64_t mio_unix_stream_recv_message(mio_unix_stream *stream, mio_unix_message *message)
{
    if (stream == nullptr || message == nullptr) return -EINVAL;
    return recv_message(&stream->source, Carrier::connection, message);
}

MIO_EXPORT int mio_unix_stream_peer_credentials(const mio_unix_stream *stream, mio_unix_credentials *credentials)
{
    if (stream == nullptr || credentials == nullptr) return -EINVAL;
    return peer_credentials(&stream->source, credentials);
}

MIO_EXPORT mio_handle mio_unix_stream_peer_pidfd(const mio_unix_stream *stream)
{
    return stream != nullptr ? unix_peer_pidfd(handle_of(&stream->source)) : -EINVAL;
}

MIO_EXPORT int64_t mio_unix_stream_send(mio_unix_stream *stream, const void *buffer, size_t length, uint32_t flags)
{
    if (stream == nullptr) return -EINVAL;
    return do_stream_io(&stream->source, MIO_WRITABLE, length,
                        [=](mio_handle handle) { return stream_send(handle, buffer, length, flags); });
}

MIO_EXPORT int mio_unix_stream_recv_oob(mio_unix_stream *stream, unsigned char *byte)
{
    return stream != nullptr && byte != nullptr ? recv_oob(&stream->source, byte) : -EINVAL;
}

MIO_EXPORT int mio_unix_stream_at_mark(const mio_unix_stream *stream)
{
    return stream != nullptr ? stream_at_mark(handle_of(&stream->source)) : -EINVAL;
}

MIO_EXPORT int mio_unix_stream_shutdown(mio_unix_stream *stream, int how)
{
    return stream != nullptr ? shutdown_socket(handle_of(&stream->source), how) : -EINVAL;
}

MIO_EXPORT int mio_unix_stream_local_addr(const mio_unix_stream *stream, mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return socket_local_addr(handle_of(&stream->source), addr);
}

MIO_EXPORT int mio_unix_stream_peer_addr(const mio_unix_stream *stream, mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return socket_peer_addr(handle_of(&stream->source), addr);
}

MIO_EXPORT int mio_unix_stream_take_error(mio_unix_stream *stream)
{
    return stream != nullptr ? take_error(&stream->source) : -EINVAL;
}
