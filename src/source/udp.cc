// SPDX-License-Identifier: MIT
#include "source/udp.hpp"

#include "port/addresses.hpp"
#include "source/truncation.hpp"

#include <errno.h>

namespace mio::impl {

int bind_udp(mio_udp_socket *socket, const mio_addr *addr)
{
    mio_handle handle = MIO_HANDLE_NONE;
    int failed = open_ip_socket(addr, SocketKind::datagram, &handle);
    if (failed != 0) return failed;
    failed = bind_socket(handle, addr);
    return keep_or_close(&socket->source, SourceKind::udp_socket, handle, failed);
}

int adopt_udp(mio_udp_socket *socket, mio_handle handle)
{
    const int failed = adopt_ip_socket(handle, SocketKind::datagram);
    if (failed == 0) set_open(&socket->source, SourceKind::udp_socket, handle);
    return failed;
}

int connect_udp(mio_udp_socket *socket, const mio_addr *addr)
{
    const int wrong = check_mark(&socket->source, SourceKind::udp_socket);
    if (wrong != 0) return wrong;
    // Reject port 0 as the port of a peer, because no datagram can be sent to port 0. Linux would accept the connect,
    // and then report that the socket has no peer.
    if (addr != nullptr && ip_length(endpoint_of(addr)) > 0 && endpoint_of(addr).port == 0) return -EINVAL;
    const mio_handle handle = handle_of(&socket->source);
    bool device_is_peers = kind_of(&socket->source) == SourceKind::udp_on_device;
    const int failed = addr != nullptr ? associate_socket(handle, addr, &device_is_peers)
                                       : dissolve_association(handle, &device_is_peers);
    layout(&socket->source)->kind = device_is_peers ? SourceKind::udp_on_device : SourceKind::udp_socket;
    return failed;
}

int64_t recv_udp(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags)
{
    const int64_t received = do_io(&socket->source, SourceKind::udp_socket, MIO_READABLE,
                                   [=](mio_handle handle) { return datagram_recv(handle, buffer, length, addr); });
    return report_truncation(received, length, flags);
}

int64_t peek_udp(mio_udp_socket *socket, void *buffer, size_t length, mio_addr *addr, uint32_t *flags)
{
    const int64_t received = do_io(&socket->source, SourceKind::udp_socket, MIO_READABLE,
                                   [=](mio_handle handle) { return datagram_peek(handle, buffer, length, addr); });
    return report_truncation(received, length, flags);
}

} // namespace mio::impl
