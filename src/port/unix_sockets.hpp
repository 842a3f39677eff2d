// SPDX-License-Identifier: MIT
// Functions for Unix-domain sockets. Results and handles follow the rules of port/sockets.hpp. When a Unix socket is
// open, callers use functions of port/sockets.hpp, such as listen_socket and shutdown_socket. On a platform without
// Unix sockets, every function returns -ENOTSUP, and callers pass this error on.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <mio/base.h>
#include <mio/unix.h>

namespace mio::impl {

enum class UnixKind { stream, seqpacket, datagram };

// open_unix_socket opens one socket. open_unix_pair opens two sockets that are connected to each other. Each new socket
// is non-blocking and close-on-exec.
int open_unix_socket(UnixKind kind, mio_handle *opened);
int open_unix_pair(UnixKind kind, mio_handle handles[2]);

// These functions check a handle, and make it non-blocking and close-on-exec. They return -EPROTOTYPE if the handle is
// not a Unix socket of the right kind. adopt_unix_listener returns -EINVAL if the socket does not listen.
int adopt_unix_stream(mio_handle handle);
int adopt_unix_listener(mio_handle handle);
int adopt_unix_datagram(mio_handle handle);

// These functions bind a socket to a Unix address. They return -EAFNOSUPPORT for any other address.
// bind_unix_socket_replacing replaces a file as MIO_UNIX_REPLACE specifies. `mode` is the mode of the file, as
// MIO_UNIX_MODE defines it. With mode_of_umask, umask(2) determines the mode.
constexpr int32_t mode_of_umask = -1;
int bind_unix_socket(mio_handle handle, const mio_addr *addr, int32_t mode);
int bind_unix_socket_replacing(mio_handle handle, const mio_addr *addr, int32_t mode);

// Removes the file at the path of an address. Does nothing if the address has no path.
void remove_unix_path(const mio_addr *addr);

// Connects a socket to an address. Returns 0 if the socket is connected, or if the connect is still in progress.
// Returns -EAGAIN if the backlog of the listener is full. In this case no connect is in progress.
int connect_unix_socket(mio_handle handle, const mio_addr *addr);
int disconnect_unix_socket(mio_handle handle);

// The following functions are like datagram_send, datagram_recv and datagram_peek. If the sender has no name, a receive
// stores an unnamed Unix address.
int64_t unix_datagram_send_to(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr);
int64_t unix_datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr);
int64_t unix_datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr);

} // namespace mio::impl
