// SPDX-License-Identifier: MIT
// Functions for sockets. Each platform implements these functions, and src/source calls them. Every function returns 0,
// the documented count, or a negative errno value. A function that fails changes neither its arguments nor the state of
// the system. A function stores a new handle through its last parameter. The function does not return the handle,
// because a handle is wider than an int on some systems. The functions do not keep the handles that the caller passes.
// MIO_HANDLE_NONE is a valid argument and gives -EBADF.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <mio/base.h>

namespace mio::impl {

enum class SocketKind { stream, datagram };

// Opens a non-blocking, close-on-exec socket of the address's IP family. Returns -EAFNOSUPPORT for an address that is
// not IP.
int open_ip_socket(const mio_addr *addr, SocketKind kind, mio_handle *opened);

// These functions check a handle, and make it non-blocking and close-on-exec. They return -EPROTOTYPE if the handle is
// not an IP socket of the right kind. adopt_ip_listener returns -EINVAL if the socket does not listen.
// adopt_unused_ip_stream returns -EINVAL if the socket listens, and -EISCONN if the socket is connected.
int adopt_ip_socket(mio_handle handle, SocketKind kind);
int adopt_ip_listener(mio_handle handle);
int adopt_unused_ip_stream(mio_handle handle);

// Returns 1 if the socket listens, 0 if not.
int socket_listens(mio_handle handle);

// Opens a spare handle. When the process has reached its limit of handles, the library closes the spare handle, so that
// it can open another handle. The library never reads or writes a spare handle. The platform may open any kind of
// handle that counts against the limits of the process and the system. Returns -EPERM if a sandbox forbids the handle.
int open_spare_handle(mio_handle *opened);

// Closes a handle, and keeps errno.
void close_handle(mio_handle handle);

// Binds a socket to an address. If an IPv6 address has a scope, the socket afterwards uses only the interface of the
// scope.
int bind_socket(mio_handle handle, const mio_addr *addr);
int listen_socket(mio_handle handle, int backlog);

// Begins to connect a socket to an address. Returns 0 if the socket is connected, or if the connect is still in
// progress.
int connect_socket(mio_handle handle, const mio_addr *addr);

// associate_socket connects a datagram socket to the peer `addr`. If the socket already has a peer, `addr` replaces
// that peer. If the socket is bound to all addresses, the system then chooses the source address again.
// dissolve_association leaves the socket without a peer. associate_socket and dissolve_association keep the port of the
// socket. *device_is_peers is a flag that the caller stores for each socket. The flag is false at first, and each of
// the two functions updates the flag, even if the function fails. If the address of the peer has a scope, connecting
// binds the socket to the interface of the scope, and the flag becomes true. When the socket loses the peer, the socket
// also loses the interface, and the flag becomes false. If the program itself has bound the socket to an interface, the
// flag stays false.
int associate_socket(mio_handle handle, const mio_addr *addr, bool *device_is_peers);
int dissolve_association(mio_handle handle, bool *device_is_peers);

// Stores in *state `under_way` while the socket is connecting, and `open` if the socket is connected. Otherwise stores
// `none`. Before the call, the socket must have no pending error. With MIO_OPTION_FAST_OPEN_CONNECT, the first write
// connects the socket. In this case the state is `open` even before this write. Returns 0, or a negative errno value if
// the system does not report the state.
enum class ConnectionState { under_way, open, none };
int connection_state(mio_handle handle, ConnectionState *state);

// Accepts one connection of a listener. The new socket is non-blocking and close-on-exec; `peer` may be null.
int accept_socket(mio_handle handle, mio_addr *peer, mio_handle *accepted);

// Returns true if `result`, an error of accept_socket, concerns only one connection in the backlog. The listener then
// still works. Async-signal-safe.
bool is_lost_connection(int result);

int shutdown_socket(mio_handle handle, int how);
int socket_local_addr(mio_handle handle, mio_addr *addr);
int socket_peer_addr(mio_handle handle, mio_addr *addr);

// Stores the pending error in *error, as a negative errno value or 0, and clears the pending error.
int socket_take_error(mio_handle handle, int *error);

// Operations on streams. They return counts, and never raise SIGPIPE. A count of 0 means the end of the stream. Plain
// reads and writes are in port/stream_calls.hpp. An operation accepts at most MIO_PIECES_MAX pieces. With more pieces,
// a read fails with -EINVAL, and a write fails with -EMSGSIZE. If the system accepts fewer pieces than the caller
// passes, the platform may copy the pieces or make several calls. A short count must always mean that the readiness is
// used up: after a short count, callers wait for the next edge.
int64_t stream_readv(mio_handle handle, const mio_iovec *pieces, size_t count);
int64_t stream_peek(mio_handle handle, void *buffer, size_t length);
int64_t stream_writev(mio_handle handle, const mio_iovec *pieces, size_t count);

// Sends bytes on a stream. `flags` is a combination of MIO_SEND_ flags. With any other bit, the function fails with
// -EINVAL.
int64_t stream_send(mio_handle handle, const void *buffer, size_t length, uint32_t flags);

// stream_recv_oob receives the out-of-band byte and returns 1. At the end of the stream, the call returns 0. If there
// is no out-of-band byte, the call returns -EINVAL. stream_at_mark returns 1 if the next read begins at the mark of the
// out-of-band byte, and otherwise 0 or a negative errno value.
int stream_recv_oob(mio_handle handle, unsigned char *byte);
int stream_at_mark(mio_handle handle);

// Datagrams. If `addr` is null, a send goes to the peer. If `addr` is not null, a receive stores the address of the
// sender in *addr. A receive returns the length of the whole datagram. Some systems do not report the length of a
// datagram that is longer than the buffer. On such a system, the receive returns a number greater than `length`, the
// size of the buffer.
int64_t datagram_send(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr);
int64_t datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr);
int64_t datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr);

// These functions read and set the MIO_OPTION_ options. The first two functions are for options whose value is a
// number, and the last two for options whose value is a text.
int socket_option(mio_handle handle, int option, int64_t *value);
int set_socket_option(mio_handle handle, int option, int64_t value);
int socket_text_option(mio_handle handle, int option, char *text, size_t size);
int set_socket_text_option(mio_handle handle, int option, const char *text);

// These functions join or leave a multicast group. If `interface_addr` is null, the system chooses the interface.
enum class Membership { join, leave };
int change_membership_v4(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *interface_addr);
int change_membership_v4_on(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index);
int change_membership_v6(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index);
int change_membership_source(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *sender,
                             uint32_t interface_index);

} // namespace mio::impl
