// SPDX-License-Identifier: MIT
// The operations that TCP and Unix streams share.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"
#include "port/stream_calls.hpp"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// With this kind, do_io accepts both TCP streams and Unix streams, because mark_of returns the same value for both.
constexpr SourceKind any_stream = SourceKind::tcp_stream;

// For a length above SSIZE_MAX, read(2) and write(2) fail with EINVAL, but recv(2) and send(2) shorten the length. Such
// a length is a mistake of the program, for example an unchecked -1. A send would then send memory behind the buffer.
constexpr bool is_too_long(size_t length)
{
    return length > SIZE_MAX / 2;
}

inline int64_t readv_stream(mio_source *source, const mio_iovec *pieces, size_t count)
{
    return do_io(source, any_stream, MIO_READABLE, Pieces{pieces, count},
                 [=](mio_handle handle) { return stream_readv(handle, pieces, count); });
}

inline int64_t read_stream(mio_source *source, void *buffer, size_t length)
{
    // A read of 0 bytes is as rare as a length above SSIZE_MAX. So one comparison, of the signed number, finds both.
    if (MIO_UNLIKELY(static_cast<ptrdiff_t>(length) <= 0))
        return is_too_long(length) ? -EINVAL : readv_stream(source, nullptr, 0);
    return do_io(source, any_stream, MIO_READABLE, length,
                 [=](mio_handle handle) { return stream_read(handle, buffer, length); });
}

inline int64_t write_stream(mio_source *source, const void *buffer, size_t length)
{
    if (MIO_UNLIKELY(is_too_long(length))) return -EINVAL;
    return do_io(source, any_stream, MIO_WRITABLE, length,
                 [=](mio_handle handle) { return stream_write(handle, buffer, length); });
}

inline int64_t peek_stream(mio_source *source, void *buffer, size_t length)
{
    if (MIO_UNLIKELY(is_too_long(length))) return -EINVAL;
    return do_io(source, any_stream, MIO_READABLE,
                 [=](mio_handle handle) { return stream_peek(handle, buffer, length); });
}

inline int64_t writev_stream(mio_source *source, const mio_iovec *pieces, size_t count)
{
    return do_io(source, any_stream, MIO_WRITABLE, Pieces{pieces, count},
                 [=](mio_handle handle) { return stream_writev(handle, pieces, count); });
}

inline int64_t send_stream(mio_source *source, const void *buffer, size_t length, uint32_t flags)
{
    if (MIO_UNLIKELY(is_too_long(length))) return -EINVAL;
    return do_io(source, any_stream, MIO_WRITABLE, length,
                 [=](mio_handle handle) { return stream_send(handle, buffer, length, flags); });
}

// Receives the out-of-band byte. There is at most one such byte, so every receive uses up the readiness. do_io must
// know this, but do_io recognises used-up readiness only by a short count. So the requested length is 2, and the result
// 1 is a short count.
inline int recv_oob(mio_source *source, unsigned char *byte)
{
    constexpr size_t more_than_there_is = 2;
    return static_cast<int>(do_io(source, any_stream, MIO_PRIORITY, more_than_there_is,
                                  [=](mio_handle handle) { return stream_recv_oob(handle, byte); }));
}

// Returns 1 if the next read begins at the out-of-band mark, 0 if not, or a negative errno value.
inline int is_at_mark(const mio_source *source)
{
    const int wrong = check_mark(source, any_stream);
    return wrong != 0 ? wrong : stream_at_mark(handle_of(source));
}

inline int shutdown_stream(const mio_source *source, int how)
{
    const int wrong = check_mark(source, any_stream);
    return wrong != 0 ? wrong : shutdown_socket(handle_of(source), how);
}

// Returns 0 if the stream is connected, -EINPROGRESS while the stream is connecting, or the error of a failed connect.
int finish_connect(mio_source *source);

} // namespace mio::impl
