// SPDX-License-Identifier: MIT
#include "unix/refusal.hpp"

#include <errno.h>

namespace mio::impl {

// In POSIX a call over a route that rejects packets has other error codes, so EINVAL always means invalid arguments.
int explain_connect_error(int, const mio_addr *)
{
    return -EINVAL;
}

int explain_send_error(int, const mio_addr *)
{
    return -EINVAL;
}

} // namespace mio::impl
