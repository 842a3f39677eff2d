// SPDX-License-Identifier: MIT
// This file includes the headers of Winsock. It declares functions that start Winsock and translate its errors.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN 1
#endif
#ifndef NOMINMAX
#define NOMINMAX 1
#endif
#include <winsock2.h>
#include <ws2tcpip.h>

#include <mswsock.h>
#include <windows.h>

#include "windows/errors.hpp"

namespace mio::impl {

// Starts Winsock once per process. Returns 0, or -ENOBUFS if Winsock cannot start. Every function that opens or adopts
// a socket calls start_winsock first. Adopting a socket needs Winsock as well, because the process may have inherited
// the socket before any code has started Winsock.
int start_winsock();

inline SOCKET socket_of(mio_handle handle)
{
    return static_cast<SOCKET>(handle);
}

inline HANDLE object_of(mio_handle handle)
{
    return reinterpret_cast<HANDLE>(handle);
}

// Call this function after a Winsock call on `handle` has failed. Returns the error of the Winsock call as a negative
// errno value. Winsock returns one code in two cases: the handle is not open, or the handle is not a socket. This
// function returns -EBADF if the handle is not open, and -ENOTSOCK if the handle is not a socket.
int last_failure(mio_handle handle, CallKind kind = CallKind::general);

// Converts the result of a call that returns 0 or SOCKET_ERROR.
inline int result_of(mio_handle handle, int result)
{
    return MIO_LIKELY(result == 0) ? 0 : last_failure(handle);
}

// Reads a socket option whose value is one number. Returns 0 or a negative errno value.
int read_option(mio_handle handle, int level, int name, int *value);

// Returns the family of a socket's addresses, or a negative errno value. The socket need not be bound.
int socket_family(mio_handle handle);

// Sets whether a UDP socket reports one kind of ICMP error. `report` names the kind: SIO_UDP_CONNRESET or
// sio_udp_netreset.
constexpr DWORD sio_udp_netreset = IOC_IN | IOC_VENDOR | 15;
int set_udp_report(mio_handle handle, DWORD report, bool is_on);

// Returns whether the socket has a local address.
bool is_bound(mio_handle handle);

// Opens a non-blocking socket that no child process inherits.
int open_socket(int family, int type, mio_handle *opened);

// Sets a socket to non-blocking mode, and lets no child process inherit the socket.
int make_nonblocking_private(mio_handle handle);

} // namespace mio::impl
