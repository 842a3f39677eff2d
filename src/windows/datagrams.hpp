// SPDX-License-Identifier: MIT
// Functions for datagrams. The calls with ancillary data and the calls without ancillary data share these functions.
#pragma once

#include "core/base.hpp"
#include "windows/winsock.hpp"

#include <mio/addr.h>
#include <mio/base.h>

namespace mio::impl {

// send_failure returns the error of the Winsock call that has just failed to send, as a negative errno value.
// receive_failure returns the error of the call that has just failed to receive. `addr` may be null.
int send_failure(mio_handle handle, const mio_addr *addr);
int receive_failure(mio_handle handle);

// Checks the address that a datagram is sent to. Returns -EAFNOSUPPORT for an address that is not IP. Returns -EINVAL
// for port 0.
int check_destination(const mio_addr *addr);

} // namespace mio::impl
