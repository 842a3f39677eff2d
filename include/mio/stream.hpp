// SPDX-License-Identifier: MIT
// The functions that TCP streams and Unix streams share, and the type Stream, which holds a stream of either kind.
#ifndef MIO_STREAM_HPP
#define MIO_STREAM_HPP

#include <mio/addr.hpp>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/option.hpp>
#include <mio/result.hpp>
#include <mio/source.hpp>
#include <mio/stream.h>

namespace mio {

namespace detail {

// StreamSocket is the base class of the stream classes. `Base` has the functions that streams share with other sockets.
template <class Base>
class StreamSocket : public Base {
public:
    using Base::Base;

    // Returns the result of a connect, or EINPROGRESS while the connect is under way. See
    // mio_stream_connect_finish.
    Result<void> connect_finish() noexcept { return status(mio_stream_connect_finish(this->source())); }

    // These functions read bytes, and return the number of bytes read, or 0 at the end of the stream. See
    // mio_stream_read, mio_stream_readv, mio_stream_peek.
    Result<std::size_t> read(void *buffer, std::size_t length)
    {
        return count<std::size_t>(mio_stream_read(this->source(), buffer, length));
    }
    Result<std::size_t> readv(const ReadPiece *pieces, std::size_t size)
    {
        return count<std::size_t>(mio_stream_readv(this->source(), reinterpret_cast<const mio_iovec *>(pieces), size));
    }
    Result<std::size_t> readv(ArrayRef<const ReadPiece> pieces)
    {
        return readv(detail::data(pieces), detail::size(pieces));
    }
    Result<std::size_t> peek(void *buffer, std::size_t length)
    {
        return count<std::size_t>(mio_stream_peek(this->source(), buffer, length));
    }

    // These functions write bytes, and return the number of bytes written. See mio_stream_write, mio_stream_writev.
    Result<std::size_t> write(const void *buffer, std::size_t length)
    {
        return count<std::size_t>(mio_stream_write(this->source(), buffer, length));
    }
    Result<std::size_t> writev(const WritePiece *pieces, std::size_t size)
    {
        return count<std::size_t>(mio_stream_writev(this->source(), reinterpret_cast<const mio_iovec *>(pieces), size));
    }
    Result<std::size_t> writev(ArrayRef<const WritePiece> pieces)
    {
        return writev(detail::data(pieces), detail::size(pieces));
    }

    // These functions accept any container of bytes. See mio::ConstBytes, mio::Bytes.
    Result<std::size_t> read(Bytes bytes) { return read(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> peek(Bytes bytes) { return peek(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> write(ConstBytes bytes) { return write(detail::data(bytes), detail::size(bytes)); }

    // Writes like write(), with flags. See mio_stream_send.
    Result<std::size_t> send(const void *buffer, std::size_t length, SendFlags flags)
    {
        return count<std::size_t>(mio_stream_send(this->source(), buffer, length, static_cast<std::uint32_t>(flags)));
    }
    Result<std::size_t> send(ConstBytes bytes, SendFlags flags)
    {
        return send(detail::data(bytes), detail::size(bytes), flags);
    }

    // recv_oob reads the out-of-band byte and returns 1, or returns 0 at the end of the stream. The function at_mark
    // returns whether the next read begins at the mark of this byte. See mio_stream_recv_oob, mio_stream_at_mark.
    Result<std::size_t> recv_oob(unsigned char *byte)
    {
        return count<std::size_t>(mio_stream_recv_oob(this->source(), byte));
    }
    Result<bool> at_mark() const noexcept { return count<bool>(mio_stream_at_mark(this->source())); }

    // These functions get and set MIO_OPTION_OOB_INLINE.
    Result<bool> oob_inline() const noexcept { return this->template get<bool>(MIO_OPTION_OOB_INLINE); }
    Result<void> set_oob_inline(bool on) noexcept { return this->set_option(MIO_OPTION_OOB_INLINE, on); }

    // Shuts down the reading side, the writing side or both. See mio_stream_shutdown.
    Result<void> shutdown(Shutdown how) noexcept
    {
        return status(mio_stream_shutdown(this->source(), static_cast<int>(how)));
    }

    // Returns the address of the peer. See mio_source_peer_addr.
    Result<Addr> peer_addr() const noexcept
    {
        Addr addr;
        return stored(mio_source_peer_addr(this->source(), addr.raw()), addr);
    }
};

// The storage of a TCP stream or of a Unix stream.
struct RawStream {
    mio_source source;
};

} // namespace detail

// Owns a connection over TCP or a Unix socket. See mio_stream(3). To serve TCP and Unix sockets with the same code,
// move a TcpStream or a UnixStream into a Stream.
class Stream : public detail::StreamSocket<detail::Socket<detail::RawStream>> {
public:
    using StreamSocket::StreamSocket;

    // Takes over a TcpStream or a UnixStream with its registration.
    template <class Base>
    Stream(detail::StreamSocket<Base> &&stream) noexcept : StreamSocket(detail::RawStream{stream.release().source})
    {
    }
};

} // namespace mio

#endif // MIO_STREAM_HPP
