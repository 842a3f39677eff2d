// SPDX-License-Identifier: MIT
// Pipes on POSIX systems, and other files that can serve as standard input or output of a process.
#include "port/pipes.hpp"

#include "unix/calls.hpp"
#include "unix/fd.hpp"
#include "unix/new_fd.hpp"
#include "unix/quiet_write.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mio::impl {

namespace {

bool is_stream_socket(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    const int failed = result_of(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size));
    return failed == 0 && type == SOCK_STREAM;
}

// True if the descriptor is a byte stream that can be polled. Regular files and directories cannot be polled, and a
// datagram socket is not a byte stream.
bool is_like_pipe(int fd, mode_t mode)
{
    return S_ISFIFO(mode) || S_ISCHR(mode) || (S_ISSOCK(mode) && is_stream_socket(fd));
}

} // namespace

int open_pipe(mio_handle *sender, mio_handle *receiver)
{
    return new_pipe(receiver, sender);
}

int adopt_pipe_end(mio_handle handle, PipeEnd end)
{
    struct stat status;
    const int failed = result_of(fstat(handle, &status));
    if (failed != 0) return failed;
    if (!is_like_pipe(handle, status.st_mode)) return -EPROTOTYPE;
    const int flags = result_of(fcntl(handle, F_GETFL));
    if (flags < 0) return flags;
    if ((flags & O_ACCMODE) == (end == PipeEnd::sender ? O_RDONLY : O_WRONLY)) return -EPROTOTYPE;
    return set_nonblocking_cloexec(handle);
}

int64_t pipe_read(mio_handle handle, void *buffer, size_t length)
{
    return call_read(handle, buffer, length);
}

int64_t pipe_readv(mio_handle handle, const mio_iovec *pieces, size_t count)
{
    // If `count` has 64 bits, the kernel ignores the upper 32 bits. So check `count` here.
    if (count > MIO_PIECES_MAX) return -EINVAL;
    return call_readv(handle, reinterpret_cast<const iovec *>(pieces), count);
}

int64_t pipe_write(mio_handle handle, const void *buffer, size_t length)
{
    const iovec piece = {const_cast<void *>(buffer), length};
    return write_quietly(handle, &piece, 1);
}

int64_t pipe_writev(mio_handle handle, const mio_iovec *pieces, size_t count)
{
    if (count > MIO_PIECES_MAX) return -EINVAL;
    return write_quietly(handle, reinterpret_cast<const iovec *>(pieces), count);
}

} // namespace mio::impl
