// SPDX-License-Identifier: MIT
// The contract of datagrams with what goes along: what a platform must supply beside port/sockets.hpp; results, errno
// and handles as there. The caller has checked the sizes of the structs and that no pointer is null which must not be.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/udp.h>

namespace mio::impl {

// One message; counts of bytes. What is received is stored in *message all at once, after nothing can fail any more.
int64_t datagram_send_message(mio_handle handle, const mio_udp_message *message);
int64_t datagram_receive_message(mio_handle handle, mio_udp_message *message);

} // namespace mio::impl
