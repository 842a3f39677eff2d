// SPDX-License-Identifier: MIT
#include "windows/winsock.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// The library starts Winsock once per process. The library never stops Winsock, because a program may take a socket out
// of a source and still use the socket.
INIT_ONCE winsock_started = INIT_ONCE_STATIC_INIT;

BOOL CALLBACK start(INIT_ONCE *, void *, void **)
{
    WSADATA unused;
    return WSAStartup(MAKEWORD(2, 2), &unused) == 0;
}

// Returns whether `handle` is open. MIO_HANDLE_NONE has the same value as the pseudo handle of this process, and
// Windows treats this pseudo handle as open. So the function compares `handle` with MIO_HANDLE_NONE first.
bool is_open(mio_handle handle)
{
    DWORD flags;
    return handle != MIO_HANDLE_NONE && GetHandleInformation(object_of(handle), &flags) != 0;
}

} // namespace

int start_winsock()
{
    return InitOnceExecuteOnce(&winsock_started, start, nullptr, nullptr) != 0 ? 0 : -ENOBUFS;
}

int last_failure(mio_handle handle, CallKind kind)
{
    const auto code = static_cast<uint32_t>(WSAGetLastError());
    if (MIO_LIKELY(code == WSAEWOULDBLOCK)) return -EAGAIN;
    if (code == WSAENOTSOCK || code == WSANOTINITIALISED) return is_open(handle) ? -ENOTSOCK : -EBADF;
    return -errno_of(code, kind);
}

int read_option(mio_handle handle, int level, int name, int *value)
{
    int size = sizeof *value;
    *value = 0;
    return result_of(handle, getsockopt(socket_of(handle), level, name, reinterpret_cast<char *>(value), &size));
}

int socket_family(mio_handle handle)
{
    WSAPROTOCOL_INFOW protocol = {};
    int size = sizeof protocol;
    const int failed = result_of(handle, getsockopt(socket_of(handle), SOL_SOCKET, SO_PROTOCOL_INFOW,
                                                    reinterpret_cast<char *>(&protocol), &size));
    return failed != 0 ? failed : protocol.iAddressFamily;
}

int set_udp_report(mio_handle handle, DWORD report, bool is_on)
{
    BOOL on = is_on;
    DWORD unused;
    return result_of(handle,
                     WSAIoctl(socket_of(handle), report, &on, sizeof on, nullptr, 0, &unused, nullptr, nullptr));
}

bool is_bound(mio_handle handle)
{
    sockaddr_storage local;
    int length = sizeof local;
    return getsockname(socket_of(handle), reinterpret_cast<sockaddr *>(&local), &length) == 0;
}

int make_nonblocking_private(mio_handle handle)
{
    u_long on = 1;
    const int failed = result_of(handle, ioctlsocket(socket_of(handle), static_cast<long>(FIONBIO), &on));
    if (failed != 0) return failed;
    // Ignore a failure of this call. The call fails only for handles of layered providers, and no child process
    // inherits such handles.
    (void)SetHandleInformation(object_of(handle), HANDLE_FLAG_INHERIT, 0);
    return 0;
}

int open_socket(int family, int type, mio_handle *opened)
{
    int failed = start_winsock();
    if (failed != 0) return failed;
    const SOCKET made = WSASocketW(family, type, 0, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    if (made == INVALID_SOCKET) return last_failure(MIO_HANDLE_NONE);
    u_long on = 1;
    failed = result_of(static_cast<mio_handle>(made), ioctlsocket(made, static_cast<long>(FIONBIO), &on));
    if (failed != 0) {
        (void)closesocket(made);
        return failed;
    }
    *opened = static_cast<mio_handle>(made);
    return 0;
}

} // namespace mio::impl
