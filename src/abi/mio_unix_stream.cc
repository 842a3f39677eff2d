// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/unix_peer.hpp"
#include "source/unix_messages.hpp"
#include "source/unix_sockets.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_unix_stream_connect(mio_unix_stream *stream, const mio_addr *addr, uint32_t flags)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return connect_unix_stream(stream, addr, flags);
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
    if (stream == nullptr) return -EINVAL;
    mio_handle pidfd = MIO_HANDLE_NONE;
    int failed = check_kind(&stream->source, SourceKind::unix_stream);
    if (failed == 0) failed = unix_peer_pidfd(handle_of(&stream->source), &pidfd);
    return failed == 0 ? pidfd : failed;
}

MIO_EXPORT int mio_unix_stream_peer_groups(const mio_unix_stream *stream, uint32_t *groups, size_t capacity,
                                           size_t *count)
{
    if (stream == nullptr || count == nullptr || (groups == nullptr && capacity > 0)) return -EINVAL;
    const int wrong = check_kind(&stream->source, SourceKind::unix_stream);
    return wrong != 0 ? wrong : unix_peer_groups(handle_of(&stream->source), groups, capacity, count);
}
