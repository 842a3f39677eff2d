// SPDX-License-Identifier: MIT
#include "port/redirection.hpp"

#include <errno.h>

namespace mio::impl {

int original_destination(mio_handle, mio_addr *)
{
    return -ENOTSUP;
}

} // namespace mio::impl
