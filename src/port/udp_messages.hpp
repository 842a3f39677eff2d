// SPDX-License-Identifier: MIT
// Functions that send and receive datagrams with ancillary data. Results and handles follow the rules of
// port/sockets.hpp. The caller has converted the structs to the version of the library (core/struct_size.hpp), and has
// rejected invalid null pointers.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/udp.h>
#include <stddef.h>

namespace mio::impl {

// These functions send or receive one message, and return the number of bytes sent or stored. If a receive fails,
// *message is unchanged. A message with more than MIO_PIECES_MAX pieces fails with -EMSGSIZE. If the system accepts
// fewer pieces than the message has, the platform copies the pieces into one buffer, because a datagram cannot be
// split.
int64_t datagram_send_message(mio_handle handle, const mio_udp_message *message);
int64_t datagram_recv_message(mio_handle handle, mio_udp_message *message);

// These functions send or receive 1 to MIO_UDP_BATCH_MAX messages, and return how many messages they sent or received.
// The result can be lower than `count`. If the first message fails, the result is the error of this message. When
// a receive fetches the pending error of the socket, the system clears the error. So the platform must report the error
// to the caller, and not lose it. On Windows, this rule has an exception: if receiving fails after the first message,
// the error is lost.
int datagram_send_batch(mio_handle handle, const mio_udp_message *messages, size_t count);
int datagram_recv_batch(mio_handle handle, mio_udp_message *messages, size_t count);

} // namespace mio::impl
