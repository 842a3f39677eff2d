// SPDX-License-Identifier: MIT
// Converts the error codes of Windows to the errno values that the manual lists.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// A few codes have another meaning when a datagram is sent or received. For example, WSAECONNRESET from a call for
// datagrams reports an ICMP error.
enum class CallKind { general, datagram };

// Returns a positive errno value for a code of WSAGetLastError or GetLastError. Returns EINVAL for a code that is not
// in the table.
int errno_of(uint32_t code, CallKind kind = CallKind::general);

} // namespace mio::impl
