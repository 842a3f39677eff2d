// SPDX-License-Identifier: MIT
#include "port/unix_messages.hpp"

#include <errno.h>

namespace mio::impl {

int64_t send_unix_message(mio_handle, const mio_unix_message *)
{
    return -ENOTSUP;
}

int64_t recv_unix_message(mio_handle, mio_unix_message *)
{
    return -ENOTSUP;
}

} // namespace mio::impl
