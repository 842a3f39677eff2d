// SPDX-License-Identifier: MIT
#include "port/transfers.hpp"

#include <errno.h>

namespace mio::impl {

int64_t send_file(mio_handle, mio_handle, int64_t *, size_t)
{
    return -ENOTSUP;
}

int64_t splice_handles(mio_handle, mio_handle, size_t)
{
    return -ENOTSUP;
}

// Returns no side: no transfer has moved data, so no readiness is used up.
uint32_t unready_sides(mio_handle, mio_handle)
{
    return 0;
}

} // namespace mio::impl
