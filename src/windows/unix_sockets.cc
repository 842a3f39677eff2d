// SPDX-License-Identifier: MIT
// Unix-domain sockets on Windows: streams and listeners with a path, since Windows 10 version 1803.
#include "port/unix_sockets.hpp"

#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "windows/addresses.hpp"
#include "windows/winsock.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

bool is_unix(const mio_addr *addr)
{
    return sockaddr_length(addr) > 0 && sockaddr_of(addr)->sa_family == AF_UNIX;
}

int check_unix_stream(mio_handle handle)
{
    int type;
    const int failed = read_option(handle, SOL_SOCKET, SO_TYPE, &type);
    if (failed != 0) return failed;
    const int family = socket_family(handle);
    if (family < 0) return family;
    return family == AF_UNIX && type == SOCK_STREAM ? 0 : -EPROTOTYPE;
}

} // namespace

int open_unix_socket(UnixKind kind, mio_handle *opened)
{
    if (kind != UnixKind::stream) return -ENOTSUP;
    const int failed = open_socket(AF_UNIX, SOCK_STREAM, opened);
    return failed == -EAFNOSUPPORT ? -ENOTSUP : failed;
}

int open_unix_pair(UnixKind, mio_handle[2])
{
    return -ENOTSUP;
}

int adopt_unix_stream(mio_handle handle)
{
    int wrong = start_winsock();
    if (wrong == 0) wrong = check_unix_stream(handle);
    return wrong == 0 ? make_nonblocking_private(handle) : wrong;
}

int adopt_unix_listener(mio_handle handle)
{
    const int failed = start_winsock();
    if (failed != 0) return failed;
    const int listening = socket_listens(handle);
    if (listening < 0) return listening;
    return listening != 0 ? adopt_unix_stream(handle) : -EINVAL;
}

int adopt_unix_datagram(mio_handle)
{
    return -ENOTSUP;
}

int bind_unix_socket(mio_handle handle, const mio_addr *addr, int32_t mode)
{
    if (!is_unix(addr)) return -EAFNOSUPPORT;
    return mode == mode_of_umask ? bind_socket(handle, addr) : -ENOTSUP;
}

// MIO_UNIX_REPLACE promises that if several processes bind to one path at the same time, only one process succeeds. On
// Windows the library has no lock that keeps this promise, so the function always returns -ENOTSUP.
int bind_unix_socket_replacing(mio_handle, const mio_addr *, int32_t)
{
    return -ENOTSUP;
}

// Removes the file of a Unix socket. The path of a Unix address is UTF-8.
void remove_unix_path(const mio_addr *addr)
{
    wchar_t path[sizeof(sockaddr_un::sun_path) + 1];
    const Endpoint endpoint = endpoint_of(addr);
    const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, reinterpret_cast<const char *>(endpoint.name),
                                           static_cast<int>(endpoint.name_length), path,
                                           static_cast<int>(sizeof path / sizeof *path) - 1);
    if (length <= 0) return;
    path[length] = 0;
    (void)DeleteFileW(path);
}

int connect_unix_socket(mio_handle handle, const mio_addr *addr)
{
    if (!is_unix(addr)) return -EAFNOSUPPORT;
    const int failed = result_of(handle, connect(socket_of(handle), sockaddr_of(addr), sockaddr_length(addr)));
    return failed == -EAGAIN ? 0 : failed; // -EAGAIN: the connect is under way
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
