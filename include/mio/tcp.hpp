// SPDX-License-Identifier: MIT
// TCP: listeners, streams, and sockets that will become one of them.
#ifndef MIO_TCP_HPP
#define MIO_TCP_HPP

#include <mio/accept.hpp>
#include <mio/addr.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/option.hpp>
#include <mio/result.hpp>
#include <mio/source.hpp>
#include <mio/stream.hpp>
#include <mio/tcp.h>

namespace mio {

// Owns a TCP connection: mio_tcp_stream.
class TcpStream : public detail::StreamSocket<detail::AnyTcpSocket<mio_tcp_stream>> {
public:
    using StreamSocket::StreamSocket;

    // Begins to connect: mio_tcp_stream_connect.
    static Result<TcpStream> connect(const Addr &addr) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_stream_connect(stream.raw(), addr.raw()), stream);
    }

    // Takes over an open socket: mio_tcp_stream_from_handle.
    static Result<TcpStream> from_handle(mio_handle handle) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_stream_from_handle(stream.raw(), handle), stream);
    }

    // The destination of a connection before it was redirected here: mio_tcp_stream_original_destination.
    Result<Addr> original_destination() const noexcept
    {
        Addr addr;
        return detail::stored(mio_tcp_stream_original_destination(raw(), addr.raw()), addr);
    }

    // Takes an entry off the error queue: mio_tcp_stream_recv_error.
    Result<std::size_t> recv_error(QueuedError &error)
    {
        return detail::count<std::size_t>(mio_tcp_stream_recv_error(raw(), error.raw()));
    }
};

// A connection and the address of its client.
struct Accepted {
    TcpStream stream;
    Addr peer;
};

// Owns a listening TCP socket: mio_tcp_listener.
class TcpListener : public detail::AnyTcpSocket<mio_tcp_listener> {
public:
    using AnyTcpSocket::AnyTcpSocket;

    // Opens a listener: mio_tcp_listener_bind.
    static Result<TcpListener> bind(const Addr &addr, int backlog = MIO_BACKLOG_MAX) noexcept
    {
        TcpListener listener;
        return detail::stored(mio_tcp_listener_bind(listener.raw(), addr.raw(), backlog), listener);
    }

    // Takes over a listening socket: mio_tcp_listener_from_handle.
    static Result<TcpListener> from_handle(mio_handle handle) noexcept
    {
        TcpListener listener;
        return detail::stored(mio_tcp_listener_from_handle(listener.raw(), handle), listener);
    }

    // Accepts one connection: mio_tcp_listener_accept.
    Result<Accepted> accept() noexcept
    {
        Accepted accepted;
        return detail::stored(mio_tcp_listener_accept(raw(), accepted.stream.raw(), accepted.peer.raw()), accepted);
    }

    // The same, or the error mio::connection_shed, ECANCELED, if there is no descriptor for the connection:
    // mio_tcp_listener_accept_or_shed.
    Result<Accepted> accept_or_shed(AcceptReserve &reserve) noexcept
    {
        Accepted accepted;
        return detail::stored(
            mio_tcp_listener_accept_or_shed(raw(), reserve.raw(), accepted.stream.raw(), accepted.peer.raw()),
            accepted);
    }
};

// Owns a TCP socket that gets options and an address before it becomes a listener or a stream: mio_tcp_socket.
class TcpSocket : public detail::AnyTcpSocket<mio_tcp_socket> {
public:
    using AnyTcpSocket::AnyTcpSocket;

    // Opens a socket for addresses of that family: mio_tcp_socket_open.
    static Result<TcpSocket> open(Family family) noexcept
    {
        TcpSocket socket;
        return detail::stored(mio_tcp_socket_open(socket.raw(), static_cast<int>(family)), socket);
    }

    // Takes over an open socket: mio_tcp_socket_from_handle.
    static Result<TcpSocket> from_handle(mio_handle handle) noexcept
    {
        TcpSocket socket;
        return detail::stored(mio_tcp_socket_from_handle(socket.raw(), handle), socket);
    }

    // Binds the socket to an address of this host: mio_tcp_socket_bind.
    Result<void> bind(const Addr &addr) noexcept { return detail::status(mio_tcp_socket_bind(raw(), addr.raw())); }

    // Turns the socket into a listener, or into a stream that begins to connect. The socket is closed then, and
    // unchanged after an error: mio_tcp_socket_listen, mio_tcp_socket_connect.
    Result<TcpListener> listen(int backlog = MIO_BACKLOG_MAX) noexcept
    {
        TcpListener listener;
        return detail::stored(mio_tcp_socket_listen(raw(), backlog, listener.raw()), listener);
    }
    Result<TcpStream> connect(const Addr &addr) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_socket_connect(raw(), addr.raw(), stream.raw()), stream);
    }
};

} // namespace mio

#endif // MIO_TCP_HPP
