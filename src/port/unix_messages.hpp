// SPDX-License-Identifier: MIT
// The contract of what Unix-domain sockets carry beside bytes: descriptors, and the identity of the peer. Results and
// handles as in port/sockets.hpp. May be absent: then every function returns -ENOTSUP, and callers pass that on.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// One message with its descriptors and credentials. The caller has converted the structs to this version, has rejected
// the null pointers that are not allowed, and passes at most MIO_UNIX_HANDLES_MAX handles to send. A message has up to
// MIO_PIECES_MAX pieces, and more are -EMSGSIZE; where the system takes fewer, the platform copies them, because a
// record cannot be split.
int64_t send_unix_message(mio_handle handle, const mio_unix_message *message);
int64_t recv_unix_message(mio_handle handle, mio_unix_message *message);

// The process that made the other end: -ENOTCONN if there is none. A platform without a pid stores 0; `size` stays.
int unix_peer_credentials(mio_handle handle, mio_unix_credentials *credentials);

// A pidfd, non-blocking and close-on-exec; -ENOTSUP if the platform has none.
int unix_peer_pidfd(mio_handle handle, mio_handle *pidfd);

// The supplementary groups of that process. With a capacity of 0 it only counts them; if the capacity is too small it
// returns -ERANGE and still stores *count. -ENOTCONN as above, -ENOTSUP if the system does not report groups.
int unix_peer_groups(mio_handle handle, uint32_t *groups, size_t capacity, size_t *count);

} // namespace mio::impl
