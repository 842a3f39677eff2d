// SPDX-License-Identifier: MIT
// Fails with -ENOSYS, because POSIX has no call for several datagrams. The caller then sends or receives one datagram.
#include "unix/udp_batch.hpp"

#include <errno.h>

namespace mio::impl {

long send_batch(int, BatchHeader *, size_t)
{
    return -ENOSYS;
}

long recv_batch(int, BatchHeader *, size_t)
{
    return -ENOSYS;
}

} // namespace mio::impl
