// SPDX-License-Identifier: MIT
#include "port/safe.hpp"

#include "windows/errors.hpp"

#include <errno.h>
#include <limits.h>
#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

namespace {

// Returns the errno value for an error of send. Like write(2), the function returns EPIPE for a stream that can send no
// more.
int errno_of_send(SOCKET socket, uint32_t code)
{
    int type = 0;
    int length = sizeof type;
    (void)getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char *>(&type), &length);
    if (type == SOCK_DGRAM) return errno_of(code, CallKind::datagram);
    const int wrong = errno_of(code);
    return wrong == ECONNRESET || wrong == ENOTCONN ? EPIPE : wrong;
}

// Returns the errno value for an error of WriteFile. If a program has opened a handle only for reading, Windows denies
// access, and write(2) returns EBADF.
int errno_of_write(uint32_t code)
{
    return code == ERROR_ACCESS_DENIED ? EBADF : errno_of(code);
}

// Writes once to a socket. If the handle is not a socket, writes once to a file, a pipe or a console. Returns a
// negative errno value after a failure.
int64_t write_once(mio_handle handle, const char *bytes, size_t length)
{
    const int most = length < INT_MAX ? static_cast<int>(length) : INT_MAX;
    const int sent = send(static_cast<SOCKET>(handle), bytes, most, 0);
    if (sent >= 0) return sent;
    const int wrong = WSAGetLastError();
    if (wrong != WSAENOTSOCK && wrong != WSANOTINITIALISED) {
        return -errno_of_send(static_cast<SOCKET>(handle), static_cast<uint32_t>(wrong));
    }
    DWORD written = 0;
    const BOOL done = WriteFile(reinterpret_cast<HANDLE>(handle), bytes, static_cast<DWORD>(most), &written, nullptr);
    return done ? static_cast<int64_t>(written) : -errno_of_write(GetLastError());
}

} // namespace

int64_t write_all(mio_handle handle, const void *buffer, size_t length)
{
    const int saved_errno = errno;
    const DWORD saved_error = GetLastError();
    const char *bytes = static_cast<const char *>(buffer);
    size_t done = 0;
    int64_t result = 0;
    do {
        result = write_once(handle, bytes + done, length - done);
        if (result > 0) done += static_cast<size_t>(result);
    } while (result > 0 && done < length);
    SetLastError(saved_error);
    errno = saved_errno;
    return done == 0 && result < 0 ? result : static_cast<int64_t>(done);
}

} // namespace mio::impl
