// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/redirection.hpp"
#include "source/error_queue.hpp"
#include "source/tcp.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_tcp_stream_connect(mio_tcp_stream *stream, const mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    return connect_stream(stream, addr);
}

MIO_EXPORT int mio_tcp_stream_from_handle(mio_tcp_stream *stream, mio_handle handle)
{
    return stream != nullptr ? adopt_stream(stream, handle) : -EINVAL;
}

MIO_EXPORT int mio_tcp_stream_original_destination(const mio_tcp_stream *stream, mio_addr *addr)
{
    if (stream == nullptr || addr == nullptr) return -EINVAL;
    const int wrong = check_kind(&stream->source, SourceKind::tcp_stream);
    return wrong != 0 ? wrong : original_destination(handle_of(&stream->source), addr);
}

MIO_EXPORT int64_t mio_tcp_stream_recv_error(mio_tcp_stream *stream, mio_queued_error *error)
{
    if (stream == nullptr || error == nullptr) return -EINVAL;
    // Reject a Unix stream, because recv_error would lose its data.
    const int wrong = check_kind(&stream->source, SourceKind::tcp_stream);
    return wrong != 0 ? wrong : recv_error(&stream->source, SourceKind::tcp_stream, error);
}
