// SPDX-License-Identifier: MIT
// The contract of descriptors and credentials over Unix-domain sockets. Results and handles follow the rules of
// port/sockets.hpp. The platform's part may be absent. Then every function returns -ENOTSUP, and callers pass this
// error on.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Send and receive one message with its descriptors and credentials. The caller has converted the structs to this
// version, has rejected invalid null pointers, and passes at most MIO_UNIX_HANDLES_MAX handles to send. A message has
// up to MIO_PIECES_MAX pieces, and more pieces fail with -EMSGSIZE. If the system takes fewer pieces, the platform
// copies the pieces, because a record cannot be split.
int64_t send_unix_message(mio_handle handle, const mio_unix_message *message);
int64_t recv_unix_message(mio_handle handle, mio_unix_message *message);

} // namespace mio::impl
