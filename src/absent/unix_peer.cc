// SPDX-License-Identifier: MIT
#include "port/unix_peer.hpp"

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

} // namespace mio::impl
