// SPDX-License-Identifier: MIT
#include "port/error_queue.hpp"

#include <errno.h>

namespace mio::impl {

int64_t dequeue_error(mio_handle, mio_queued_error *)
{
    return -ENOTSUP;
}

} // namespace mio::impl
