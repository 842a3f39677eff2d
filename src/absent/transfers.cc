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

// Returns 0, because on this platform every transfer fails, and so a transfer never uses up the readiness of a side.
int unready_sides(mio_handle, mio_handle)
{
    return 0;
}

} // namespace mio::impl
