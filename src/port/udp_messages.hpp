// SPDX-License-Identifier: MIT
// The contract of datagrams with what goes along: what a platform must supply beside port/sockets.hpp; results and
// handles as there. The caller has seen to the versions of the structs, and that no pointer is null which must not be.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/udp.h>
#include <stddef.h>

namespace mio::impl {

// One message; counts of bytes. What is received is stored in *message all at once, after nothing can fail any more.
int64_t datagram_send_message(mio_handle handle, const mio_udp_message *message);
int64_t datagram_recv_message(mio_handle handle, mio_udp_message *message);

// Many, 1 to MIO_UDP_BATCH_MAX; counts of messages, which can be fewer. The error is that of the first. An error that
// is not returned must not be used up by a receive.
int datagram_send_batch(mio_handle handle, const mio_udp_message *messages, size_t count);
int datagram_recv_batch(mio_handle handle, mio_udp_message *messages, size_t count);

} // namespace mio::impl
