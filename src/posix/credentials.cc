// SPDX-License-Identifier: MIT
// POSIX says nothing about the process at the other end of a Unix socket.
#include "unix/credentials.hpp"

#include "port/unix_messages.hpp"

#include <errno.h>

namespace mio::impl {

int unix_peer_credentials(mio_handle, mio_unix_credentials *)
{
    return -ENOTSUP;
}

int unix_peer_pidfd(mio_handle, mio_handle *)
{
    return -ENOTSUP;
}

int unix_peer_groups(mio_handle, uint32_t *, size_t, size_t *)
{
    return -ENOTSUP;
}

int make_claim(const mio_unix_credentials *, Claim *)
{
    return -ENOTSUP;
}

bool read_credentials(const cmsghdr *, mio_unix_credentials *)
{
    return false;
}

int unasked_descriptor(const cmsghdr *)
{
    return -1;
}

} // namespace mio::impl
