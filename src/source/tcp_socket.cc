// SPDX-License-Identifier: MIT
#include "source/tcp_socket.hpp"

#include "port/addresses.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

bool is_ip(int family)
{
    return family == MIO_ADDR_IPV4 || family == MIO_ADDR_IPV6;
}

// Translates the error `failed` of a call that got an address of the family `family`. If the socket has another family
// than the address, the call fails with EINVAL on some systems. mio returns -EAFNOSUPPORT in this case. getsockname(2)
// reports the family of a socket even if the socket is not bound.
int blame_family(mio_handle handle, int failed, int family)
{
    mio_addr local;
    if (failed != -EINVAL || socket_local_addr(handle, &local) != 0) return failed;
    return endpoint_of(&local).family != family ? -EAFNOSUPPORT : failed;
}

// Moves an open source to the storage `to`, changes its kind, and keeps its registration. A selector that emulates
// edges ignores the readiness that it has already reported. So if the source is watched, the function records that all
// readiness is used up. Then the next wait reports the readiness of the new listener or stream.
void hand_over(mio_source *from, mio_source *to, SourceKind kind)
{
    const mio_source moved = *from;
    *from = {};
    *to = moved;
    change_kind(to, kind);
    note_used_up(to, MIO_READABLE | MIO_WRITABLE);
}

} // namespace

int open_tcp_socket(mio_tcp_socket *socket, int family)
{
    if (!is_ip(family)) return -EAFNOSUPPORT;
    mio_addr unspecified;
    // cppcheck-suppress uninitvar ; store_endpoint initialises the address
    (void)store_endpoint(&unspecified, {.family = family});
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = open_ip_socket(&unspecified, SocketKind::stream, &handle);
    if (failed != 0) return failed;
    set_open(&socket->source, SourceKind::tcp_socket, handle);
    return 0;
}

int adopt_tcp_socket(mio_tcp_socket *socket, mio_handle handle)
{
    const int failed = adopt_unused_ip_stream(handle);
    if (failed != 0) return failed;
    set_open(&socket->source, SourceKind::tcp_socket, handle);
    return 0;
}

int bind_tcp_socket(mio_tcp_socket *socket, const mio_addr *addr)
{
    const int family = endpoint_of(addr).family;
    const int wrong = check_kind(&socket->source, SourceKind::tcp_socket);
    if (wrong != 0) return wrong;
    if (!is_ip(family)) return -EAFNOSUPPORT;
    const mio_handle handle = handle_of(&socket->source);
    return blame_family(handle, bind_socket(handle, addr), family);
}

int listen_tcp_socket(mio_tcp_socket *socket, int backlog, mio_tcp_listener *listener)
{
    if (backlog == 0 || backlog < MIO_BACKLOG_MAX) return -EINVAL;
    const int wrong = check_kind(&socket->source, SourceKind::tcp_socket);
    if (wrong != 0) return wrong;
    const int failed = listen_socket(handle_of(&socket->source), backlog);
    if (failed == 0) hand_over(&socket->source, &listener->source, SourceKind::tcp_listener);
    return failed;
}

int connect_tcp_socket(mio_tcp_socket *socket, const mio_addr *addr, mio_tcp_stream *stream)
{
    const int wrong = check_kind(&socket->source, SourceKind::tcp_socket);
    if (wrong != 0) return wrong;
    const mio_handle handle = handle_of(&socket->source);
    const int failed = connect_socket(handle, addr);
    if (failed == 0) hand_over(&socket->source, &stream->source, SourceKind::tcp_stream);
    return blame_family(handle, failed, endpoint_of(addr).family);
}

} // namespace mio::impl
