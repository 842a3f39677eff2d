// SPDX-License-Identifier: MIT
#include "source/tcp.hpp"

#include <errno.h>
#include <mio/option.h>

namespace mio::impl {

int bind_listener(mio_tcp_listener *listener, const mio_addr *addr, int backlog)
{
    if (backlog == 0 || backlog < MIO_BACKLOG_MAX) return -EINVAL;
    mio_handle handle = MIO_HANDLE_NONE;
    int failed = open_ip_socket(addr, SocketKind::stream, &handle);
    if (failed != 0) return failed;
    // Without MIO_OPTION_REUSE_ADDR, a restarted server could not bind while connections of its predecessor are in
    // TIME_WAIT.
    failed = set_socket_option(handle, MIO_OPTION_REUSE_ADDR, 1);
    if (failed == 0) failed = bind_socket(handle, addr);
    if (failed == 0) failed = listen_socket(handle, backlog);
    return keep_or_close(&listener->source, SourceKind::tcp_listener, handle, failed);
}

int adopt_listener(mio_tcp_listener *listener, mio_handle handle)
{
    const int failed = adopt_ip_listener(handle);
    if (failed == 0) set_open(&listener->source, SourceKind::tcp_listener, handle);
    return failed;
}

int connect_stream(mio_tcp_stream *stream, const mio_addr *addr)
{
    mio_handle handle = MIO_HANDLE_NONE;
    int failed = open_ip_socket(addr, SocketKind::stream, &handle);
    if (failed != 0) return failed;
    failed = connect_socket(handle, addr);
    return keep_or_close(&stream->source, SourceKind::tcp_stream, handle, failed);
}

int adopt_stream(mio_tcp_stream *stream, mio_handle handle)
{
    const int failed = adopt_ip_socket(handle, SocketKind::stream);
    if (failed == 0) set_open(&stream->source, SourceKind::tcp_stream, handle);
    return failed;
}

} // namespace mio::impl
