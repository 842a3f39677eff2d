// SPDX-License-Identifier: MIT
// POSIX has no call for several datagrams, so each call sends or receives one datagram.
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
