// SPDX-License-Identifier: MIT
// The table that converts error codes of Windows to errno values. tests/unit/windows_errors.cc checks every row.
#include "windows/errors.hpp"

#include <errno.h>
#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

namespace {

struct ErrorRow {
    uint32_t code;
    uint16_t general;
    uint16_t datagram = 0; // the errno value for datagrams, if different from `general`
};

constexpr ErrorRow error_rows[] = {
    // Winsock.
    {WSAEINTR, EINTR},
    {WSAEBADF, EBADF},
    {WSAEACCES, EACCES},
    {WSAEFAULT, EFAULT},
    {WSAEINVAL, EINVAL},
    {WSAEMFILE, EMFILE},
    {WSAEWOULDBLOCK, EAGAIN},
    {WSAEINPROGRESS, EAGAIN}, // another call on the socket is under way
    {WSAEALREADY, EALREADY},
    {WSAENOTSOCK, ENOTSOCK},
    {WSAEDESTADDRREQ, EDESTADDRREQ},
    {WSAEMSGSIZE, EMSGSIZE},
    {WSAEPROTOTYPE, EPROTOTYPE},
    {WSAENOPROTOOPT, ENOPROTOOPT},
    {WSAEPROTONOSUPPORT, EAFNOSUPPORT}, // the address family is not installed
    {WSAESOCKTNOSUPPORT, EAFNOSUPPORT},
    {WSAEOPNOTSUPP, ENOTSUP},
    {WSAEPFNOSUPPORT, EAFNOSUPPORT},
    {WSAEAFNOSUPPORT, EAFNOSUPPORT},
    {WSAEADDRINUSE, EADDRINUSE},
    {WSAEADDRNOTAVAIL, EADDRNOTAVAIL},
    {WSAENETDOWN, ENETUNREACH},
    {WSAENETUNREACH, ENETUNREACH},
    {WSAENETRESET, ETIMEDOUT, EHOSTUNREACH}, // a keep-alive failed, or a datagram's time to live ran out
    {WSAECONNABORTED, ECONNRESET},           // this host has given up the connection
    {WSAECONNRESET, ECONNRESET, ECONNREFUSED},
    {WSAENOBUFS, ENOBUFS},
    {WSAEISCONN, EISCONN},
    {WSAENOTCONN, ENOTCONN, EDESTADDRREQ},
    {WSAESHUTDOWN, EPIPE},
    {WSAETIMEDOUT, ETIMEDOUT},
    {WSAECONNREFUSED, ECONNREFUSED},
    {WSAEHOSTDOWN, EHOSTUNREACH},
    {WSAEHOSTUNREACH, EHOSTUNREACH},
    {WSAEPROCLIM, ENOBUFS},
    {WSASYSNOTREADY, ENOBUFS},
    {WSAVERNOTSUPPORTED, ENOBUFS},
    {WSANOTINITIALISED, EBADF}, // no call has started Winsock, so no socket is open
    {WSAEINVALIDPROCTABLE, ENOBUFS},
    {WSAEINVALIDPROVIDER, ENOBUFS},
    {WSAEPROVIDERFAILEDINIT, ENOBUFS},
    {WSASYSCALLFAILURE, ENOBUFS},
    // Codes of Win32. Files, named pipes and some calls of Winsock return these codes.
    {ERROR_INVALID_FUNCTION, ENOTSUP},
    {ERROR_FILE_NOT_FOUND, ENOENT},
    {ERROR_PATH_NOT_FOUND, ENOENT},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
    {ERROR_ACCESS_DENIED, EACCES},
    {ERROR_INVALID_HANDLE, EBADF},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
    {ERROR_OUTOFMEMORY, ENOMEM},
    {ERROR_LOCK_VIOLATION, EACCES}, // another handle has locked this part of the file
    {ERROR_HANDLE_DISK_FULL, ENOSPC},
    {ERROR_NOT_SUPPORTED, ENOTSUP},
    {ERROR_NETNAME_DELETED, ECONNRESET, ECONNREFUSED},
    {ERROR_INVALID_PARAMETER, EINVAL},
    {ERROR_BROKEN_PIPE, EPIPE},
    {ERROR_DISK_FULL, ENOSPC},
    {ERROR_SEM_TIMEOUT, ETIMEDOUT},
    {ERROR_INVALID_NAME, EINVAL},
    {ERROR_PIPE_BUSY, EBUSY},          // no instance of the named pipe is free
    {ERROR_NO_DATA, EPIPE},            // the peer has closed its end of the named pipe
    {ERROR_PIPE_NOT_CONNECTED, EPIPE}, // the server has disconnected the named pipe
    {ERROR_OPERATION_ABORTED, ECANCELED},
    {ERROR_NOACCESS, EFAULT},
    {ERROR_IO_DEVICE, EIO},
    {ERROR_CONNECTION_REFUSED, ECONNREFUSED},
    {ERROR_NETWORK_UNREACHABLE, ENETUNREACH},
    {ERROR_HOST_UNREACHABLE, EHOSTUNREACH},
    {ERROR_PROTOCOL_UNREACHABLE, ECONNREFUSED},
    {ERROR_PORT_UNREACHABLE, ECONNREFUSED},
    {ERROR_CONNECTION_ABORTED, ECONNRESET},
    {ERROR_NO_SYSTEM_RESOURCES, ENOBUFS},
    {ERROR_COMMITMENT_LIMIT, ENOMEM},
};

// True if no code has two rows. errno_of finds only the first row of a code.
constexpr bool codes_differ()
{
    for (const ErrorRow &row : error_rows) {
        for (const ErrorRow *other = error_rows; other != &row; other++) {
            if (other->code == row.code) return false;
        }
    }
    return true;
}
static_assert(codes_differ());

} // namespace

int errno_of(uint32_t code, CallKind kind)
{
    for (const ErrorRow &row : error_rows) {
        if (row.code == code) return kind == CallKind::datagram && row.datagram != 0 ? row.datagram : row.general;
    }
    return EINVAL;
}

} // namespace mio::impl
