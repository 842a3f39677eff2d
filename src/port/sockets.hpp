// SPDX-License-Identifier: MIT
// The contract of sockets: what a platform must supply for src/source. Every function returns 0, or the count that it
// says, or a negative errno value after which arguments and system are as they were. It stores a new handle through its
// last parameter, never returns it: a handle is wider than an int on some systems. Handles that are passed in are
// borrowed. MIO_HANDLE_NONE is a valid argument and gives -EBADF.
#pragma once

#include "core/base.hpp"

#include <mio/addr.h>
#include <mio/base.h>

namespace mio::impl {

enum class SocketKind { stream, datagram };

// Opens a non-blocking, close-on-exec socket of the family of an IP address; -EAFNOSUPPORT for any other address.
int open_ip_socket(const mio_addr *addr, SocketKind kind, mio_handle *opened);

// Checks that a handle is an IP socket of that kind (-EPROTOTYPE), listening or not as asked (-EINVAL), then makes it
// non-blocking and close-on-exec.
int adopt_ip_socket(mio_handle handle, SocketKind kind);
int adopt_ip_listener(mio_handle handle);

// 1 or 0.
int socket_listens(mio_handle handle);

// Keeps errno.
void close_handle(mio_handle handle);

// The interface that the scope of an IPv6 address names is the only one that the socket uses from then on.
int bind_socket(mio_handle handle, const mio_addr *addr);
int listen_socket(mio_handle handle, int backlog);

// 0 also when the connection is only under way.
int connect_socket(mio_handle handle, const mio_addr *addr);

// Connects a datagram socket anew, as a fresh one with the same port, or dissolves its association; it stays bound as it
// was. *device_is_peers, false for a new socket, says whether the scope of the peer named the interface that is used:
// that one goes with the peer.
int associate_socket(mio_handle handle, const mio_addr *addr, bool *device_is_peers);
int dissolve_association(mio_handle handle, bool *device_is_peers);

// How it stands with the connection of a socket that has no pending error. "Open" is also one that begins with the first
// write (MIO_OPTION_FAST_OPEN_CONNECT), and has no peer until then.
enum class ConnectionState { under_way, open, none };
ConnectionState connection_state(mio_handle handle);

// The new connection is non-blocking and close-on-exec; `peer` may be null.
int accept_socket(mio_handle handle, mio_addr *peer, mio_handle *accepted);

// Whether accept_socket has returned the error of a connection that ended while it waited. Async-signal-safe.
bool is_lost_connection(int result);

int shutdown_socket(mio_handle handle, int how);
int socket_local_addr(mio_handle handle, mio_addr *addr);
int socket_peer_addr(mio_handle handle, mio_addr *addr);

// Where a connection went before the system redirected it here: -ENODATA where the system does not track it, -ENOTSUP.
int original_destination(mio_handle handle, mio_addr *addr);

// Clears the pending error and stores it: 0 for none, or a negative errno value.
int socket_take_error(mio_handle handle, int *error);

// Streams. Counts, 0 at the end of what can be read. Never SIGPIPE. Plain reads and writes: port/stream_calls.hpp.
int64_t stream_readv(mio_handle handle, const mio_iovec *pieces, size_t count);
int64_t stream_peek(mio_handle handle, void *buffer, size_t length);
int64_t stream_writev(mio_handle handle, const mio_iovec *pieces, size_t count);

// `flags` are MIO_SEND_ flags; others are -EINVAL.
int64_t stream_send(mio_handle handle, const void *buffer, size_t length, uint32_t flags);

// Takes the out-of-band byte: 1, or 0 at the end; -EINVAL when there is none. Whether the next read begins at the mark.
int stream_recv_oob(mio_handle handle, unsigned char *byte);
int stream_at_mark(mio_handle handle);

// Datagrams. `addr` null sends to the peer. A receive stores the sender where `addr` is not null and returns the length
// of the whole datagram where the system tells it, else at least length + 1, when it did not fit.
int64_t datagram_send(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr);
int64_t datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr);
int64_t datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr);

// The MIO_OPTION_ options.
int socket_option(mio_handle handle, int option, int64_t *value);
int set_socket_option(mio_handle handle, int option, int64_t value);
int socket_text_option(mio_handle handle, int option, char *text, size_t size);
int set_socket_text_option(mio_handle handle, int option, const char *text);

// Multicast membership. `interface_addr` may be null.
enum class Membership { join, leave };
int change_membership_v4(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *interface_addr);
int change_membership_v4_on(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index);
int change_membership_v6(mio_handle handle, Membership change, const mio_addr *group, uint32_t interface_index);
int change_membership_source(mio_handle handle, Membership change, const mio_addr *group, const mio_addr *sender,
                             uint32_t interface_index);

} // namespace mio::impl
