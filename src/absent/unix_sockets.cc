// SPDX-License-Identifier: MIT
#include "port/unix_sockets.hpp"

#include <errno.h>

namespace mio::impl {

int open_unix_socket(UnixKind, mio_handle *)
{
    return -ENOTSUP;
}

int open_unix_pair(UnixKind, mio_handle[2])
{
    return -ENOTSUP;
}

int adopt_unix_stream(mio_handle)
{
    return -ENOTSUP;
}

int adopt_unix_listener(mio_handle)
{
    return -ENOTSUP;
}

int adopt_unix_datagram(mio_handle)
{
    return -ENOTSUP;
}

int bind_unix_socket(mio_handle, const mio_addr *, int32_t)
{
    return -ENOTSUP;
}

int bind_unix_socket_replacing(mio_handle, const mio_addr *, int32_t)
{
    return -ENOTSUP;
}

// This platform cannot bind Unix sockets. So no bind has created a file, and there is no file to remove.
void remove_unix_path(const mio_addr *) {}

int connect_unix_socket(mio_handle, const mio_addr *)
{
    return -ENOTSUP;
}

int disconnect_unix_socket(mio_handle)
{
    return -ENOTSUP;
}

int64_t unix_datagram_send_to(mio_handle, const void *, size_t, const mio_addr *)
{
    return -ENOTSUP;
}

int64_t unix_datagram_recv(mio_handle, void *, size_t, mio_addr *)
{
    return -ENOTSUP;
}

int64_t unix_datagram_peek(mio_handle, void *, size_t, mio_addr *)
{
    return -ENOTSUP;
}

} // namespace mio::impl
