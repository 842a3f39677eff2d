// SPDX-License-Identifier: MIT
// The contract of what Unix-domain sockets carry beside bytes: descriptors, and who is at the other end. Results and
// handles as in port/sockets.hpp.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// One message with what goes with it. The caller has seen to the versions of the structs, that no pointer is null which
// must not be, and that there are at most MIO_UNIX_HANDLES_MAX handles to send.
int64_t send_unix_message(mio_handle handle, const mio_unix_message *message);
int64_t recv_unix_message(mio_handle handle, mio_unix_message *message);

// Who made the other end: -ENOTCONN where there is none. A platform without a pid stores 0 there; `size` stays.
int unix_peer_credentials(mio_handle handle, mio_unix_credentials *credentials);

// A pidfd, non-blocking and close-on-exec; -ENOTSUP where there is no such thing.
int unix_peer_pidfd(mio_handle handle, mio_handle *pidfd);

// The supplementary groups of that process. Without room for any it only counts them; with too little it is -ERANGE,
// and *count is stored all the same. -ENOTCONN as above, -ENOTSUP where the system does not tell.
int unix_peer_groups(mio_handle handle, uint32_t *groups, size_t capacity, size_t *count);

} // namespace mio::impl
