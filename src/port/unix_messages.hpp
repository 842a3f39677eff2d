// SPDX-License-Identifier: MIT
// Functions that send and receive descriptors and credentials over Unix-domain sockets. Results and handles follow the
// rules of port/sockets.hpp. On a platform without such messages, every function returns -ENOTSUP, and callers pass
// this error on.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// These functions send or receive one message with its descriptors and credentials, and return the number of bytes sent
// or stored. The caller has converted the structs to the version of the library (core/struct_size.hpp), and has
// rejected invalid null pointers. A caller sends at most MIO_UNIX_HANDLES_MAX handles in one message. A message with
// more than MIO_PIECES_MAX pieces fails with -EMSGSIZE. If the system accepts fewer pieces than the message has, the
// platform copies the pieces into one buffer, because a record cannot be split.
int64_t send_unix_message(mio_handle handle, const mio_unix_message *message);
int64_t recv_unix_message(mio_handle handle, mio_unix_message *message);

} // namespace mio::impl
