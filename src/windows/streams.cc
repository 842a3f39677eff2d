// SPDX-License-Identifier: MIT
// Reads and writes streams. Winsock returns WSAENOTCONN in two cases: the stream is not connected yet, or the stream
// failed to connect. So after WSAENOTCONN the library queries the state of the socket.
#include "port/sockets.hpp"
#include "port/stream_calls.hpp"
#include "windows/buffers.hpp"
#include "windows/winsock.hpp"

#include <errno.h>
#include <mio/source.h>

namespace mio::impl {

namespace {

// Translates WSAENOTCONN. Returns the pending error of the stream, or -EAGAIN while the stream is connecting. Otherwise
// returns `at_end`, for example if an earlier call has already reported why the stream failed to connect.
int unconnected(mio_handle handle, int at_end)
{
    int error = 0;
    if (socket_take_error(handle, &error) == 0 && error != 0) return error;
    ConnectionState state;
    const int failed = connection_state(handle, &state);
    return failed == 0 && state == ConnectionState::under_way ? -EAGAIN : at_end;
}

int read_failure(mio_handle handle)
{
    switch (WSAGetLastError()) {
    case WSAENOTCONN:
        return unconnected(handle, is_bound(handle) ? 0 : -ENOTCONN);
    case WSAESHUTDOWN: // the program itself has shut down reading
    case WSAEDISCON:
        return 0;
    default:
        return last_failure(handle);
    }
}

int write_failure(mio_handle handle)
{
    return WSAGetLastError() == WSAENOTCONN ? unconnected(handle, -EPIPE) : last_failure(handle);
}

int64_t receive(mio_handle handle, void *buffer, size_t length, int flags)
{
    // If the length is 0, Winsock would still wait for data, or fail if no data has arrived.
    if (length == 0) return 0;
    const int received = recv(socket_of(handle), static_cast<char *>(buffer), clamped(length), flags);
    return MIO_LIKELY(received >= 0) ? received : read_failure(handle);
}

} // namespace

int64_t read_socket(mio_handle handle, void *buffer, size_t length)
{
    return receive(handle, buffer, length, 0);
}

int64_t write_socket(mio_handle handle, const void *buffer, size_t length, int flags)
{
    const int sent = send(socket_of(handle), static_cast<const char *>(buffer), clamped(length), flags);
    return MIO_LIKELY(sent >= 0) ? sent : write_failure(handle);
}

int64_t stream_readv(mio_handle handle, const mio_iovec *pieces, size_t count)
{
    if (count > MIO_PIECES_MAX) return -EINVAL;
    Buffers buffers;
    (void)fill_buffers(&buffers, pieces, count);
    if (buffers.length == 0) return 0;
    DWORD received = 0;
    DWORD flags = 0;
    const int failed = WSARecv(socket_of(handle), buffers.pieces, buffers.count, &received, &flags, nullptr, nullptr);
    return failed == 0 ? static_cast<int64_t>(received) : read_failure(handle);
}

int64_t stream_peek(mio_handle handle, void *buffer, size_t length)
{
    return receive(handle, buffer, length, MSG_PEEK);
}

int64_t stream_writev(mio_handle handle, const mio_iovec *pieces, size_t count)
{
    if (count > MIO_PIECES_MAX) return -EMSGSIZE;
    Buffers buffers;
    (void)fill_buffers(&buffers, pieces, count);
    // Winsock rejects a list without pieces.
    if (buffers.length == 0) return write_socket(handle, "", 0, 0);
    DWORD sent = 0;
    const int failed = WSASend(socket_of(handle), buffers.pieces, buffers.count, &sent, 0, nullptr, nullptr);
    return failed == 0 ? static_cast<int64_t>(sent) : write_failure(handle);
}

int64_t stream_send(mio_handle handle, const void *buffer, size_t length, uint32_t flags)
{
    if ((flags & ~(MIO_SEND_MORE | MIO_SEND_OOB)) != 0) return -EINVAL;
    // MIO_SEND_MORE is only a hint, and Windows has no such flag.
    return write_socket(handle, buffer, length, (flags & MIO_SEND_OOB) != 0 ? MSG_OOB : 0);
}

int stream_recv_oob(mio_handle handle, unsigned char *byte)
{
    return static_cast<int>(receive(handle, byte, 1, MSG_OOB));
}

// Windows has no call that finds the out-of-band mark. SIOCATMARK of Windows reports whether an out-of-band byte is
// still to come. It does not report the position of the byte.
int stream_at_mark(mio_handle)
{
    return -ENOTSUP;
}

} // namespace mio::impl
