// SPDX-License-Identifier: MIT
// Functions that identify the peer, the process at the other end of a Unix-domain socket. Results and handles follow
// the rules of port/sockets.hpp. On a platform that does not identify the peer, every function returns -ENOTSUP, and
// callers pass this error on.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Stores the credentials of the process that made the other end of the stream `handle`. Returns -ENOTCONN if there is
// no peer. If the platform does not report the pid, the stored pid is 0. The function does not change the `size`
// member.
int unix_peer_credentials(mio_handle handle, mio_unix_credentials *credentials);

// Stores a pidfd of the process that made the other end of the stream `handle`. The pidfd is non-blocking and
// close-on-exec. Returns -ENOTCONN if there is no peer, -ESRCH if the process no longer exists, and -ENOTSUP if the
// platform has no pidfds.
int unix_peer_pidfd(mio_handle handle, mio_handle *pidfd);

// Stores the supplementary groups of the process that made the other end of the stream `handle`. If `capacity` is 0,
// the function only counts the groups. If the capacity is too small, the function returns -ERANGE and still stores
// *count. Returns -ENOTCONN if there is no peer, and -ENOTSUP if the system does not report groups.
int unix_peer_groups(mio_handle handle, uint32_t *groups, size_t capacity, size_t *count);

} // namespace mio::impl
