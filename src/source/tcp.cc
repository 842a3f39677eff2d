// SPDX-License-Identifier: MIT
#include "source/tcp.hpp"

#include <errno.h>
#include <mio/option.h>

namespace mio::impl {

int bind_listener(mio_tcp_listener *listener, const mio_addr *addr, int backlog)
{
    if (backlog == 0 || backlog < MIO_BACKLOG_MAX) return -EINVAL;
    const mio_handle handle = open_ip_socket(addr, SocketKind::stream);
    if (handle < 0) return handle;
    // A restarted server must not wait for the connections of the one before it to leave TIME_WAIT.
    int failed = set_socket_option(handle, MIO_OPTION_REUSE_ADDR, 1);
    if (failed == 0) failed = bind_socket(handle, addr);
    if (failed == 0) failed = listen_socket(handle, backlog);
    if (failed != 0) {
        close_handle(handle);
        return failed;
    }
    set_open(&listener->source, handle);
    return 0;
}

int adopt_listener(mio_tcp_listener *listener, mio_handle handle)
{
    const int failed = adopt_ip_listener(handle);
    if (failed == 0) set_open(&listener->source, handle);
    return failed;
}

int accept_stream(mio_tcp_listener *listener, mio_tcp_stream *stream, mio_addr *peer)
{
    const mio_handle accepted =
        do_io(&listener->source, MIO_READABLE, [=](mio_handle handle) { return accept_socket(handle, peer); });
    if (accepted < 0) return accepted;
    set_open(&stream->source, accepted);
    return 0;
}

int connect_stream(mio_tcp_stream *stream, const mio_addr *addr)
{
    const mio_handle handle = open_ip_socket(addr, SocketKind::stream);
    if (handle < 0) return handle;
    const int failed = connect_socket(handle, addr);
    if (failed != 0) {
        close_handle(handle);
        return failed;
    }
    set_open(&stream->source, handle);
    return 0;
}

namespace {

// 0 connected, -ENOTCONN not so, else why it failed.
int ask_connection(mio_handle handle)
{
    const int error = socket_take_error(handle);
    if (error != 0) return error;
    mio_addr peer;
    return socket_peer_addr(handle, &peer);
}

int ask_connect_result(mio_handle handle)
{
    const int result = ask_connection(handle);
    if (result != -ENOTCONN) return result;
    const ConnectionState state = connection_state(handle);
    if (state == ConnectionState::under_way) return -EINPROGRESS;
    // Either it has ended since the first question, or it failed and the reason was fetched before, or it is open and
    // has no peer yet because the first write is to ask for the connection.
    const int ended = ask_connection(handle);
    return ended == -ENOTCONN && state == ConnectionState::open ? 0 : ended;
}

} // namespace

int finish_connect(mio_tcp_stream *stream)
{
    return do_io(&stream->source, MIO_WRITABLE, ask_connect_result);
}

int adopt_stream(mio_tcp_stream *stream, mio_handle handle)
{
    const int failed = adopt_ip_socket(handle, SocketKind::stream);
    if (failed == 0) set_open(&stream->source, handle);
    return failed;
}

} // namespace mio::impl
