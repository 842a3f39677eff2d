// SPDX-License-Identifier: MIT
// Unix-domain sockets over the system's sockets.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"
#include "port/unix_sockets.hpp"

#include <mio/unix.h>

namespace mio::impl {

int bind_unix_listener(mio_unix_listener *listener, const mio_addr *addr, int backlog, uint32_t flags);
int adopt_unix_listener(mio_unix_listener *listener, mio_handle handle);

int connect_unix_stream(mio_unix_stream *stream, const mio_addr *addr, uint32_t flags);
int pair_unix_streams(mio_unix_stream *left, mio_unix_stream *right, uint32_t flags);
int adopt_unix_stream(mio_unix_stream *stream, mio_handle handle);

int open_unix_datagram(mio_unix_datagram *socket);
int bind_unix_datagram(mio_unix_datagram *socket, const mio_addr *addr, uint32_t flags);
int pair_unix_datagrams(mio_unix_datagram *left, mio_unix_datagram *right);
int adopt_unix_datagram(mio_unix_datagram *socket, mio_handle handle);
int connect_unix_datagram(mio_unix_datagram *socket, const mio_addr *addr);

// These functions send, receive and peek datagrams. A receive or a peek reports in *flags whether the datagram fit into
// the buffer. If `flags` is null and the datagram did not fit, the result is -EMSGSIZE.
inline int64_t send_unix_datagram(mio_unix_datagram *socket, const void *buffer, size_t length)
{
    return do_io(&socket->source, SourceKind::unix_datagram, MIO_WRITABLE,
                 [=](mio_handle handle) { return datagram_send(handle, buffer, length, nullptr); });
}

inline int64_t send_unix_datagram_to(mio_unix_datagram *socket, const void *buffer, size_t length, const mio_addr *addr)
{
    return do_io(&socket->source, SourceKind::unix_datagram, MIO_WRITABLE,
                 [=](mio_handle handle) { return unix_datagram_send_to(handle, buffer, length, addr); });
}

int64_t recv_unix_datagram(mio_unix_datagram *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags);
int64_t peek_unix_datagram(mio_unix_datagram *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags);

} // namespace mio::impl
