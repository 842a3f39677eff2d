// SPDX-License-Identifier: MIT
// TCP sockets that become a listener or a stream later.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"

#include <mio/tcp.h>

namespace mio::impl {

int open_tcp_socket(mio_tcp_socket *socket, int family);
int adopt_tcp_socket(mio_tcp_socket *socket, mio_handle handle);
int bind_tcp_socket(mio_tcp_socket *socket, const mio_addr *addr);

// listen_tcp_socket turns the socket into a listener, and connect_tcp_socket turns it into a stream. The caller may
// pass the storage of the socket as the storage of the listener or stream.
int listen_tcp_socket(mio_tcp_socket *socket, int backlog, mio_tcp_listener *listener);
int connect_tcp_socket(mio_tcp_socket *socket, const mio_addr *addr, mio_tcp_stream *stream);

} // namespace mio::impl
