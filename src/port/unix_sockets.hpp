// SPDX-License-Identifier: MIT
// The contract of Unix-domain sockets: what a platform must supply beside port/sockets.hpp, whose functions for bound
// and connected sockets serve here too. Results and handles as there.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <mio/base.h>
#include <mio/unix.h>

namespace mio::impl {

enum class UnixKind { stream, seqpacket, datagram };

// Non-blocking and close-on-exec.
int open_unix_socket(UnixKind kind, mio_handle *opened);
int open_unix_pair(UnixKind kind, mio_handle handles[2]);

// Check that a handle is a Unix socket that carries a connection, or datagrams (-EPROTOTYPE), or that listens
// (-EINVAL), then make it non-blocking and close-on-exec.
int adopt_unix_stream(mio_handle handle);
int adopt_unix_listener(mio_handle handle);
int adopt_unix_datagram(mio_handle handle);

// -EAFNOSUPPORT for any address but a Unix one. Replacing is what MIO_UNIX_REPLACE says. `mode` is that of the file, as
// MIO_UNIX_MODE says, or mode_of_umask.
constexpr int32_t mode_of_umask = -1;
int bind_unix_socket(mio_handle handle, const mio_addr *addr, int32_t mode);
int bind_unix_socket_replacing(mio_handle handle, const mio_addr *addr, int32_t mode);

// Removes the file that a bind has made, where it has made one.
void remove_unix_path(const mio_addr *addr);

// 0 also when the connection is only under way, which -EAGAIN, a full backlog, is not.
int connect_unix_socket(mio_handle handle, const mio_addr *addr);
int disconnect_unix_socket(mio_handle handle);

// As datagram_send, datagram_recv and datagram_peek. A sender without a name is told as an unnamed Unix address.
int64_t unix_datagram_send_to(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr);
int64_t unix_datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr);
int64_t unix_datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr);

} // namespace mio::impl
