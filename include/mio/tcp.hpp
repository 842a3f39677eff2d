// SPDX-License-Identifier: MIT
// TCP: listeners, streams, and sockets that will become a listener or a stream.
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

// Owns a TCP connection. See mio_tcp_stream.
class TcpStream : public detail::StreamSocket<detail::AnyTcpSocket<mio_tcp_stream>> {
public:
    using StreamSocket::StreamSocket;

    // Begins to connect. See mio_tcp_stream_connect.
    static Result<TcpStream> connect(const Addr &addr) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_stream_connect(stream.raw(), addr.raw()), stream);
    }

    // Takes over an open socket. See mio_tcp_stream_from_handle.
    static Result<TcpStream> from_handle(mio_handle handle) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_stream_from_handle(stream.raw(), handle), stream);
    }

    // Returns the original destination of a connection that the system has redirected to this host. See
    // mio_tcp_stream_original_destination.
    Result<Addr> original_destination() const noexcept
    {
        Addr addr;
        return detail::stored(mio_tcp_stream_original_destination(raw(), addr.raw()), addr);
    }

    // Removes an entry from the error queue, and stores the entry in `error`. See mio_tcp_stream_recv_error.
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

// Owns a listening TCP socket. See mio_tcp_listener.
class TcpListener : public detail::AnyTcpSocket<mio_tcp_listener> {
public:
    using AnyTcpSocket::AnyTcpSocket;

    // Opens a listener. See mio_tcp_listener_bind.
    static Result<TcpListener> bind(const Addr &addr, int backlog = MIO_BACKLOG_MAX) noexcept
    {
        TcpListener listener;
        return detail::stored(mio_tcp_listener_bind(listener.raw(), addr.raw(), backlog), listener);
    }

    // Takes over a listening socket. See mio_tcp_listener_from_handle.
    static Result<TcpListener> from_handle(mio_handle handle) noexcept
    {
        TcpListener listener;
        return detail::stored(mio_tcp_listener_from_handle(listener.raw(), handle), listener);
    }

    // Accepts one connection. See mio_tcp_listener_accept.
    Result<Accepted> accept() noexcept
    {
        Accepted accepted;
        return detail::stored(mio_tcp_listener_accept(raw(), accepted.stream.raw(), accepted.peer.raw()), accepted);
    }

    // Accepts one connection. If no descriptor is left for the connection, closes the connection and returns the error
    // mio::connection_shed (ECANCELED). See mio_tcp_listener_accept_or_shed.
    Result<Accepted> accept_or_shed(AcceptReserve &reserve) noexcept
    {
        Accepted accepted;
        return detail::stored(
            mio_tcp_listener_accept_or_shed(raw(), reserve.raw(), accepted.stream.raw(), accepted.peer.raw()),
            accepted);
    }
};

// Owns a TCP socket that is not a listener or a stream yet. Before the socket becomes a listener or a stream, the
// program can set options and bind an address. See mio_tcp_socket.
class TcpSocket : public detail::AnyTcpSocket<mio_tcp_socket> {
public:
    using AnyTcpSocket::AnyTcpSocket;

    // Opens a socket for addresses of `family`. See mio_tcp_socket_open.
    static Result<TcpSocket> open(Family family) noexcept
    {
        TcpSocket socket;
        return detail::stored(mio_tcp_socket_open(socket.raw(), static_cast<int>(family)), socket);
    }

    // Takes over an open socket. See mio_tcp_socket_from_handle.
    static Result<TcpSocket> from_handle(mio_handle handle) noexcept
    {
        TcpSocket socket;
        return detail::stored(mio_tcp_socket_from_handle(socket.raw(), handle), socket);
    }

    // Binds the socket to an address of this host. See mio_tcp_socket_bind.
    Result<void> bind(const Addr &addr) noexcept { return detail::status(mio_tcp_socket_bind(raw(), addr.raw())); }

    // Turns the socket into a listener, or into a stream that begins to connect. On success the descriptor moves to the
    // result, and this object is closed. On an error, this object is unchanged. See mio_tcp_socket_listen,
    // mio_tcp_socket_connect.
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
