// SPDX-License-Identifier: MIT
// Unix-domain sockets on Unix systems: opening, adopting, naming, connecting, and datagrams.
#include "port/unix_sockets.hpp"
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/association.hpp"
#include "unix/calls.hpp"
#include "unix/fd.hpp"
#include "unix/int_option.hpp"
#include "unix/new_fd.hpp"
#include "unix/socket_file.hpp"
#include "unix/socket_name.hpp"

#include <errno.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

int type_of(UnixKind kind)
{
    switch (kind) {
    case UnixKind::stream:
        return SOCK_STREAM;
    case UnixKind::seqpacket:
        return SOCK_SEQPACKET;
    default:
        return SOCK_DGRAM;
    }
}

// True if the address is a Unix address. The library checks the family itself, because the kernel returns EINVAL both
// for another family and for an invalid name.
bool is_unix(const mio_addr *addr)
{
    return sockaddr_length(addr) > 0 && sockaddr_of(addr)->sa_family == AF_UNIX;
}

bool is_connection(int type)
{
    return type == SOCK_STREAM || type == SOCK_SEQPACKET;
}

// Returns the type of a Unix socket, or -EPROTOTYPE for any other socket. If the descriptor is not a socket, returns
// the error of getsockopt(2).
int unix_type(int fd)
{
    const int type = int_option(fd, SOL_SOCKET, SO_TYPE);
    if (type < 0) return type;
    return socket_family(fd) == AF_UNIX ? type : -EPROTOTYPE;
}

// Completes a receive that stores the sender in *addr. If the sender has no name, the kernel reports an address of
// length 0, and the function stores an unnamed address.
int64_t with_sender(int64_t received, mio_addr *addr)
{
    if (received >= 0 && addr != nullptr && sockaddr_length(addr) == 0) {
        (void)store_endpoint(addr, {.family = MIO_ADDR_UNIX});
    }
    return received;
}

// Translates the error of a call that opens Unix sockets. The kernel may lack these sockets, and a sandbox may act as
// such a kernel.
int without_family(int failed)
{
    return failed == -EAFNOSUPPORT ? -ENOTSUP : failed;
}

} // namespace

int open_unix_socket(UnixKind kind, mio_handle *opened)
{
    return without_family(new_socket(AF_UNIX, type_of(kind), opened));
}

int open_unix_pair(UnixKind kind, mio_handle handles[2])
{
    return without_family(new_socket_pair(AF_UNIX, type_of(kind), handles));
}

int adopt_unix_stream(mio_handle handle)
{
    const int type = unix_type(handle);
    if (type < 0) return type;
    return is_connection(type) ? set_nonblocking_cloexec(handle) : -EPROTOTYPE;
}

int adopt_unix_listener(mio_handle handle)
{
    const int listening = socket_listens(handle);
    if (listening < 0) return listening;
    return listening != 0 ? adopt_unix_stream(handle) : -EINVAL;
}

int adopt_unix_datagram(mio_handle handle)
{
    const int type = unix_type(handle);
    if (type < 0) return type;
    return type == SOCK_DGRAM ? set_nonblocking_cloexec(handle) : -EPROTOTYPE;
}

int bind_unix_socket(mio_handle handle, const mio_addr *addr, int32_t mode)
{
    if (!is_unix(addr)) return -EAFNOSUPPORT;
    return mode == mode_of_umask ? bind_socket(handle, addr)
                                 : bind_unix_socket_with_mode(handle, addr, static_cast<uint32_t>(mode));
}

int connect_unix_socket(mio_handle handle, const mio_addr *addr)
{
    if (!is_unix(addr)) return -EAFNOSUPPORT;
    const int result = call_connect(handle, sockaddr_of(addr), sockaddr_length(addr));
    // -EAGAIN means that the backlog is full and the connect has failed. Unlike a TCP connect, this connect does not
    // continue in the background.
    return result == -EINPROGRESS ? 0 : result;
}

int disconnect_unix_socket(mio_handle handle)
{
    return forget_peer(handle); // a Unix socket keeps its name; only a UDP socket can lose its port
}

int64_t unix_datagram_send_to(mio_handle handle, const void *buffer, size_t length, const mio_addr *addr)
{
    if (!is_unix(addr)) return -EAFNOSUPPORT;
    return call_sendto(handle, buffer, length, MSG_NOSIGNAL, sockaddr_of(addr), sockaddr_length(addr));
}

int64_t unix_datagram_recv(mio_handle handle, void *buffer, size_t length, mio_addr *addr)
{
    return with_sender(datagram_recv(handle, buffer, length, addr), addr);
}

int64_t unix_datagram_peek(mio_handle handle, void *buffer, size_t length, mio_addr *addr)
{
    return with_sender(datagram_peek(handle, buffer, length, addr), addr);
}

} // namespace mio::impl
