// SPDX-License-Identifier: MIT
// These classes make pipes, write to the sender of a pipe, and read from the receiver. An end can serve as standard
// input or output of a child process.
#ifndef MIO_PIPE_HPP
#define MIO_PIPE_HPP

#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/pipe.h>
#include <mio/result.hpp>
#include <mio/source.hpp>

namespace mio {

// Owns the writing end of a pipe. See mio_pipe_sender.
class PipeSender : public detail::OwnedSource<mio_pipe_sender> {
public:
    using OwnedSource::OwnedSource;

    // Takes over an open descriptor, such as a child's standard input. See mio_pipe_sender_from_handle.
    static Result<PipeSender> from_handle(mio_handle handle) noexcept
    {
        PipeSender sender;
        return detail::stored(mio_pipe_sender_from_handle(sender.raw(), handle), sender);
    }

    // These functions write bytes to the pipe, and return the number of bytes written. See mio_pipe_sender_write,
    // mio_pipe_sender_writev.
    Result<std::size_t> write(const void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_pipe_sender_write(raw(), buffer, length));
    }
    Result<std::size_t> writev(const WritePiece *pieces, std::size_t count)
    {
        return detail::count<std::size_t>(
            mio_pipe_sender_writev(raw(), reinterpret_cast<const mio_iovec *>(pieces), count));
    }
    Result<std::size_t> writev(ArrayRef<const WritePiece> pieces)
    {
        return writev(detail::data(pieces), detail::size(pieces));
    }

    // Accepts any container of bytes. See mio::ConstBytes, mio::Bytes.
    Result<std::size_t> write(ConstBytes bytes) { return write(detail::data(bytes), detail::size(bytes)); }
};

// Owns the reading end of a pipe. See mio_pipe_receiver.
class PipeReceiver : public detail::OwnedSource<mio_pipe_receiver> {
public:
    using OwnedSource::OwnedSource;

    // Takes over an open descriptor, such as a child's standard output. See mio_pipe_receiver_from_handle.
    static Result<PipeReceiver> from_handle(mio_handle handle) noexcept
    {
        PipeReceiver receiver;
        return detail::stored(mio_pipe_receiver_from_handle(receiver.raw(), handle), receiver);
    }

    // These functions read bytes from the pipe, and return the number of bytes read, or 0 at the end of the data. See
    // mio_pipe_receiver_read, mio_pipe_receiver_readv.
    Result<std::size_t> read(void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_pipe_receiver_read(raw(), buffer, length));
    }
    Result<std::size_t> readv(const ReadPiece *pieces, std::size_t count)
    {
        return detail::count<std::size_t>(
            mio_pipe_receiver_readv(raw(), reinterpret_cast<const mio_iovec *>(pieces), count));
    }
    Result<std::size_t> readv(ArrayRef<const ReadPiece> pieces)
    {
        return readv(detail::data(pieces), detail::size(pieces));
    }

    // Accepts any container of bytes. See mio::ConstBytes, mio::Bytes.
    Result<std::size_t> read(Bytes bytes) { return read(detail::data(bytes), detail::size(bytes)); }
};

// The two ends of a pipe. See mio_pipe(3).
struct Pipe {
    PipeSender sender;
    PipeReceiver receiver;

    // Makes a pipe. See mio_pipe_pair.
    static Result<Pipe> create() noexcept
    {
        Pipe pipe;
        return detail::stored(mio_pipe_pair(pipe.sender.raw(), pipe.receiver.raw()), pipe);
    }
};

} // namespace mio

#endif // MIO_PIPE_HPP
