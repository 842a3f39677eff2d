// SPDX-License-Identifier: MIT
// UDP sockets over the system's sockets.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"

#include <mio/udp.h>

namespace mio::impl {

int bind_udp(mio_udp_socket *socket, const mio_addr *addr);
int adopt_udp(mio_udp_socket *socket, mio_handle handle);
int connect_udp(mio_udp_socket *socket, const mio_addr *addr);

// These functions send, receive and peek datagrams. If `addr` is null, a send goes to the peer. A receive or a peek
// reports in *flags whether the datagram fit into the buffer. If `flags` is null and the datagram did not fit, the
// result is -EMSGSIZE.
inline int64_t send_udp(mio_udp_socket *socket, const void *buffer, size_t length, const mio_addr *addr)
{
    return do_io(&socket->source, SourceKind::udp_socket, MIO_WRITABLE,
                 [=](mio_handle handle) { return datagram_send(handle, buffer, length, addr); });
}

int64_t recv_udp(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags);
int64_t peek_udp(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags);

} // namespace mio::impl
