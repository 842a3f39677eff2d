// SPDX-License-Identifier: MIT
#include "unix/refusal.hpp"

#include <errno.h>

namespace mio::impl {

// Keeps the error EINVAL. In POSIX, a route that rejects packets never causes EINVAL, so EINVAL always means invalid
// arguments.
int explain_connect_error(int, const mio_addr *)
{
    return -EINVAL;
}

int explain_send_error(int, const mio_addr *)
{
    return -EINVAL;
}

} // namespace mio::impl
