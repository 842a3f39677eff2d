// SPDX-License-Identifier: MIT
// Receives a datagram, and reports its whole length. Systems differ in how they report a datagram that did not fit, so
// each system has its own recv_whole.cc.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <sys/socket.h>

namespace mio::impl {

// Calls recvfrom(2), but returns the length of the whole datagram. Some systems do not report the length of a datagram
// that did not fit. On these systems, the function returns `length` + 1 for such a datagram. `addr` and `addr_length`
// may be null. The function is a cancellation point.
long recv_whole(int fd, void *buffer, size_t length, int flags, sockaddr *addr, socklen_t *addr_length);

} // namespace mio::impl
