// SPDX-License-Identifier: MIT
// TCP listeners and streams over the system's sockets.
#pragma once

#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"

#include <mio/tcp.h>

namespace mio::impl {

int bind_listener(mio_tcp_listener *listener, const mio_addr *addr, int backlog);
int adopt_listener(mio_tcp_listener *listener, mio_handle handle);

int connect_stream(mio_tcp_stream *stream, const mio_addr *addr);
int adopt_stream(mio_tcp_stream *stream, mio_handle handle);

} // namespace mio::impl
