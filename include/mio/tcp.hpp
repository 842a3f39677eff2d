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
#include <mio/tcp.h>

namespace mio {

namespace detail {

// mio_tcp_stream_close, mio_tcp_stream_handle, mio_tcp_stream_into_handle.
template <>
struct Calls<mio_tcp_stream> {
    static constexpr auto close = mio_tcp_stream_close;
    static constexpr auto handle = mio_tcp_stream_handle;
    static constexpr auto into_handle = mio_tcp_stream_into_handle;
};

// mio_tcp_socket_close, mio_tcp_socket_handle, mio_tcp_socket_into_handle.
template <>
struct Calls<mio_tcp_socket> {
    static constexpr auto close = mio_tcp_socket_close;
    static constexpr auto handle = mio_tcp_socket_handle;
    static constexpr auto into_handle = mio_tcp_socket_into_handle;
};

// mio_tcp_listener_close, mio_tcp_listener_handle, mio_tcp_listener_into_handle.
template <>
struct Calls<mio_tcp_listener> {
    static constexpr auto close = mio_tcp_listener_close;
    static constexpr auto handle = mio_tcp_listener_handle;
    static constexpr auto into_handle = mio_tcp_listener_into_handle;
};

} // namespace detail

// Owns a TCP connection: mio_tcp_stream.
class TcpStream : public detail::AnyTcpSocket<mio_tcp_stream> {
public:
    using AnyTcpSocket::AnyTcpSocket;

    // Begins to connect, and returns the result, EINPROGRESS while it is under way: mio_tcp_stream_connect,
    // mio_tcp_stream_connect_finish.
    static Result<TcpStream> connect(const Addr &addr) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_stream_connect(stream.raw(), addr.raw()), stream);
    }
    Result<void> connect_finish() noexcept { return detail::status(mio_tcp_stream_connect_finish(raw())); }

    // Takes over an open socket: mio_tcp_stream_from_handle.
    static Result<TcpStream> from_handle(mio_handle handle) noexcept
    {
        TcpStream stream;
        return detail::stored(mio_tcp_stream_from_handle(stream.raw(), handle), stream);
    }

    // Reads, and returns the number of bytes, 0 at the end: mio_tcp_stream_read, mio_tcp_stream_readv,
    // mio_tcp_stream_peek.
    Result<std::size_t> read(void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_tcp_stream_read(raw(), buffer, length));
    }
    Result<std::size_t> readv(const ReadPiece *pieces, std::size_t count)
    {
        return detail::count<std::size_t>(
            mio_tcp_stream_readv(raw(), reinterpret_cast<const mio_iovec *>(pieces), count));
    }
    Result<std::size_t> readv(ArrayRef<const ReadPiece> pieces)
    {
        return readv(detail::data(pieces), detail::size(pieces));
    }
    Result<std::size_t> peek(void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_tcp_stream_peek(raw(), buffer, length));
    }

    // Writes, and returns the number of bytes written: mio_tcp_stream_write, mio_tcp_stream_writev.
    Result<std::size_t> write(const void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_tcp_stream_write(raw(), buffer, length));
    }
    Result<std::size_t> writev(const WritePiece *pieces, std::size_t count)
    {
        return detail::count<std::size_t>(
            mio_tcp_stream_writev(raw(), reinterpret_cast<const mio_iovec *>(pieces), count));
    }
    Result<std::size_t> writev(ArrayRef<const WritePiece> pieces)
    {
        return writev(detail::data(pieces), detail::size(pieces));
    }

    // The same for any container of bytes: mio::ConstBytes, mio::Bytes.
    Result<std::size_t> read(Bytes bytes) { return read(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> peek(Bytes bytes) { return peek(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> write(ConstBytes bytes) { return write(detail::data(bytes), detail::size(bytes)); }

    // Writes with flags, as write does: mio_tcp_stream_send.
    Result<std::size_t> send(const void *buffer, std::size_t length, SendFlags flags)
    {
        return detail::count<std::size_t>(
            mio_tcp_stream_send(raw(), buffer, length, static_cast<std::uint32_t>(flags)));
    }
    Result<std::size_t> send(ConstBytes bytes, SendFlags flags)
    {
        return send(detail::data(bytes), detail::size(bytes), flags);
    }

    // Reads the out-of-band byte and returns 1, or 0 at the end, and returns whether the next read begins at its mark:
    // mio_tcp_stream_recv_oob, mio_tcp_stream_at_mark.
    Result<std::size_t> recv_oob(unsigned char *byte)
    {
        return detail::count<std::size_t>(mio_tcp_stream_recv_oob(raw(), byte));
    }
    Result<bool> at_mark() const noexcept { return detail::count<bool>(mio_tcp_stream_at_mark(raw())); }

    // MIO_OPTION_OOB_INLINE.
    Result<bool> oob_inline() const noexcept { return get<bool>(MIO_OPTION_OOB_INLINE); }
    Result<void> set_oob_inline(bool on) noexcept { return set_option(MIO_OPTION_OOB_INLINE, on); }

    // Shuts down one side or both: mio_tcp_stream_shutdown.
    Result<void> shutdown(Shutdown how) noexcept
    {
        return detail::status(mio_tcp_stream_shutdown(raw(), static_cast<int>(how)));
    }

    // The two ends: mio_tcp_stream_local_addr, mio_tcp_stream_peer_addr.
    Result<Addr> local_addr() const noexcept
    {
        Addr addr;
        return detail::stored(mio_tcp_stream_local_addr(raw(), addr.raw()), addr);
    }
    Result<Addr> peer_addr() const noexcept
    {
        Addr addr;
        return detail::stored(mio_tcp_stream_peer_addr(raw(), addr.raw()), addr);
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

    // Takes the pending error, whose number is 0 if there is none: mio_tcp_stream_take_error.
    Result<std::error_code> take_error() noexcept
    {
        int error = 0;
        const int returned = mio_tcp_stream_take_error(raw(), &error);
        return detail::pending(returned, error);
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

    // The address that the listener is bound to: mio_tcp_listener_local_addr.
    Result<Addr> local_addr() const noexcept
    {
        Addr addr;
        return detail::stored(mio_tcp_listener_local_addr(raw(), addr.raw()), addr);
    }

    // Takes the pending error, whose number is 0 if there is none: mio_tcp_listener_take_error.
    Result<std::error_code> take_error() noexcept
    {
        int error = 0;
        const int returned = mio_tcp_listener_take_error(raw(), &error);
        return detail::pending(returned, error);
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

    // The address that the socket is bound to: mio_tcp_socket_local_addr.
    Result<Addr> local_addr() const noexcept
    {
        Addr addr;
        return detail::stored(mio_tcp_socket_local_addr(raw(), addr.raw()), addr);
    }
};

} // namespace mio

#endif // MIO_TCP_HPP
