// SPDX-License-Identifier: MIT
#include "source/unix_sockets.hpp"

#include "source/truncation.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

UnixKind connection_kind(uint32_t flags)
{
    return (flags & MIO_UNIX_SEQPACKET) != 0 ? UnixKind::seqpacket : UnixKind::stream;
}

constexpr uint32_t mode_bits = UINT32_C(0777) << MIO_UNIX_MODE_SHIFT;
constexpr uint32_t bind_flags = MIO_UNIX_REPLACE | MIO_UNIX_HAS_MODE | mode_bits;

bool are_bind_flags(uint32_t flags, uint32_t others)
{
    const bool has_mode = (flags & MIO_UNIX_HAS_MODE) != 0;
    return (flags & ~(bind_flags | others)) == 0 && (has_mode || (flags & mode_bits) == 0);
}

int bind_as_told(mio_handle handle, const mio_addr *addr, uint32_t flags)
{
    const bool has_mode = (flags & MIO_UNIX_HAS_MODE) != 0;
    const int32_t mode = has_mode ? static_cast<int32_t>((flags & mode_bits) >> MIO_UNIX_MODE_SHIFT) : mode_of_umask;
    const bool replace = (flags & MIO_UNIX_REPLACE) != 0;
    return replace ? bind_unix_socket_replacing(handle, addr, mode) : bind_unix_socket(handle, addr, mode);
}

int open_pair(mio_source *left, mio_source *right, SourceKind source_kind, UnixKind kind)
{
    if (left == right) return -EINVAL;
    mio_handle handles[2];
    const int failed = open_unix_pair(kind, handles);
    if (failed != 0) return failed;
    set_open(left, source_kind, handles[0]);
    set_open(right, source_kind, handles[1]);
    return 0;
}

} // namespace

// ---- listeners ----------------------------------------------------------------------------------------------------

int bind_unix_listener(mio_unix_listener *listener, const mio_addr *addr, int backlog, uint32_t flags)
{
    if (backlog == 0 || backlog < MIO_BACKLOG_MAX) return -EINVAL;
    if (!are_bind_flags(flags, MIO_UNIX_SEQPACKET)) return -EINVAL;
    mio_handle handle = MIO_HANDLE_NONE;
    int failed = open_unix_socket(connection_kind(flags), &handle);
    if (failed != 0) return failed;
    failed = bind_as_told(handle, addr, flags);
    if (failed == 0) {
        failed = listen_socket(handle, backlog);
        if (failed != 0) remove_unix_path(addr);
    }
    return keep_or_close(&listener->source, SourceKind::unix_listener, handle, failed);
}

int adopt_unix_listener(mio_unix_listener *listener, mio_handle handle)
{
    const int failed = adopt_unix_listener(handle);
    if (failed == 0) set_open(&listener->source, SourceKind::unix_listener, handle);
    return failed;
}

// ---- streams ------------------------------------------------------------------------------------------------------

int connect_unix_stream(mio_unix_stream *stream, const mio_addr *addr, uint32_t flags)
{
    if ((flags & ~MIO_UNIX_SEQPACKET) != 0) return -EINVAL;
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = open_unix_socket(connection_kind(flags), &handle);
    if (failed != 0) return failed;
    return keep_or_close(&stream->source, SourceKind::unix_stream, handle, connect_unix_socket(handle, addr));
}

int pair_unix_streams(mio_unix_stream *left, mio_unix_stream *right, uint32_t flags)
{
    if ((flags & ~MIO_UNIX_SEQPACKET) != 0) return -EINVAL;
    return open_pair(&left->source, &right->source, SourceKind::unix_stream, connection_kind(flags));
}

int adopt_unix_stream(mio_unix_stream *stream, mio_handle handle)
{
    const int failed = adopt_unix_stream(handle);
    if (failed == 0) set_open(&stream->source, SourceKind::unix_stream, handle);
    return failed;
}

// ---- datagrams ----------------------------------------------------------------------------------------------------

int open_unix_datagram(mio_unix_datagram *socket)
{
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = open_unix_socket(UnixKind::datagram, &handle);
    if (failed != 0) return failed;
    set_open(&socket->source, SourceKind::unix_datagram, handle);
    return 0;
}

int bind_unix_datagram(mio_unix_datagram *socket, const mio_addr *addr, uint32_t flags)
{
    if (!are_bind_flags(flags, 0)) return -EINVAL;
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = open_unix_socket(UnixKind::datagram, &handle);
    if (failed != 0) return failed;
    return keep_or_close(&socket->source, SourceKind::unix_datagram, handle, bind_as_told(handle, addr, flags));
}

int pair_unix_datagrams(mio_unix_datagram *left, mio_unix_datagram *right)
{
    return open_pair(&left->source, &right->source, SourceKind::unix_datagram, UnixKind::datagram);
}

int adopt_unix_datagram(mio_unix_datagram *socket, mio_handle handle)
{
    const int failed = adopt_unix_datagram(handle);
    if (failed == 0) set_open(&socket->source, SourceKind::unix_datagram, handle);
    return failed;
}

int connect_unix_datagram(mio_unix_datagram *socket, const mio_addr *addr)
{
    const int wrong = check_kind(&socket->source, SourceKind::unix_datagram);
    if (wrong != 0) return wrong;
    const mio_handle handle = handle_of(&socket->source);
    return addr != nullptr ? connect_unix_socket(handle, addr) : disconnect_unix_socket(handle);
}

int64_t recv_unix_datagram(mio_unix_datagram *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags)
{
    const int64_t received = do_io(&socket->source, SourceKind::unix_datagram, MIO_READABLE,
                                   [=](mio_handle handle) { return unix_datagram_recv(handle, buffer, length, addr); });
    return report_truncation(received, length, flags);
}

int64_t peek_unix_datagram(mio_unix_datagram *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags)
{
    const int64_t received = do_io(&socket->source, SourceKind::unix_datagram, MIO_READABLE,
                                   [=](mio_handle handle) { return unix_datagram_peek(handle, buffer, length, addr); });
    return report_truncation(received, length, flags);
}

} // namespace mio::impl
