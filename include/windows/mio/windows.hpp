// SPDX-License-Identifier: MIT
// Named pipes of Windows in C++. Only the library for Windows has named pipes, so <mio.hpp> does not include this
// header.
#ifndef MIO_WINDOWS_HPP
#define MIO_WINDOWS_HPP

#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/result.hpp>
#include <mio/source.hpp>
#include <mio/windows.h>

#include <string_view>

namespace mio {

// The options of NamedPipe::create. See mio_named_pipe_options.
struct NamedPipeOptions {
    bool first = false;                  // MIO_NAMED_PIPE_FIRST
    bool remote = false;                 // MIO_NAMED_PIPE_REMOTE
    std::uint32_t instances = 0;         // the largest number of servers with this name; 0 means no limit
    std::uint32_t buffer_size = 0;       // size of the buffer for each direction, in bytes; 0 means 65536
    void *security_descriptor = nullptr; // a SECURITY_DESCRIPTOR, or null for the default of the system
};

// Owns one end of a named pipe. See mio_named_pipe.
class NamedPipe : public detail::OwnedSource<mio_named_pipe> {
public:
    using OwnedSource::OwnedSource;

    // Creates a server for the pipe with this name, such as R"(\\.\pipe\example)". See mio_named_pipe_create.
    static Result<NamedPipe> create(const char *name, const NamedPipeOptions &options = NamedPipeOptions()) noexcept
    {
        mio_named_pipe_options raw_options = MIO_NAMED_PIPE_OPTIONS_INIT;
        raw_options.flags = (options.first ? MIO_NAMED_PIPE_FIRST : 0U) | (options.remote ? MIO_NAMED_PIPE_REMOTE : 0U);
        raw_options.instances = options.instances;
        raw_options.buffer_size = options.buffer_size;
        raw_options.security_descriptor = options.security_descriptor;
        NamedPipe pipe;
        return detail::stored(mio_named_pipe_create(pipe.raw(), name, &raw_options), pipe);
    }
    static Result<NamedPipe> create(std::string_view name,
                                    const NamedPipeOptions &options = NamedPipeOptions()) noexcept
    {
        return create(Name(name).get(), options);
    }

    // Opens a client of the pipe with this name. See mio_named_pipe_open.
    static Result<NamedPipe> open(const char *name) noexcept
    {
        NamedPipe pipe;
        return detail::stored(mio_named_pipe_open(pipe.raw(), name), pipe);
    }
    static Result<NamedPipe> open(std::string_view name) noexcept { return open(Name(name).get()); }

    // Lets a client connect to this server. If no client is connected, the call fails with EAGAIN at once, and the
    // system waits for a client in the background. See mio_named_pipe_connect.
    Result<void> connect() noexcept { return detail::status(mio_named_pipe_connect(raw())); }

    // Disconnects the client of this server. If no client has connected yet, the server stops waiting for a client. See
    // mio_named_pipe_disconnect.
    Result<void> disconnect() noexcept { return detail::status(mio_named_pipe_disconnect(raw())); }

    // Reads, and returns the number of bytes read, or 0 at the end of the data. See mio_named_pipe_read.
    Result<std::size_t> read(void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_named_pipe_read(raw(), buffer, length));
    }

    // Writes, and returns the number of bytes written. See mio_named_pipe_write.
    Result<std::size_t> write(const void *buffer, std::size_t length)
    {
        return detail::count<std::size_t>(mio_named_pipe_write(raw(), buffer, length));
    }

    // These functions accept any container of bytes. See mio::ConstBytes, mio::Bytes.
    Result<std::size_t> read(Bytes bytes) { return read(detail::data(bytes), detail::size(bytes)); }
    Result<std::size_t> write(ConstBytes bytes) { return write(detail::data(bytes), detail::size(bytes)); }

    // This function is deleted, because a pipe consists of more than its handle. The function release() gives the whole
    // pipe to the caller.
    mio_handle into_handle() = delete;

private:
    using Name = detail::Terminated<1024>; // no pipe name of Windows needs more than 768 bytes of UTF-8
};

} // namespace mio

#endif // MIO_WINDOWS_HPP
