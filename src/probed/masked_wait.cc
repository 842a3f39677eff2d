// SPDX-License-Identifier: MIT
#include "unix/masked_wait.hpp"

#include "unix/masked_poll.hpp"

namespace mio::impl {

int masked_wait(int fd, int64_t timeout_ns, const sigset_t *sigmask)
{
    pollfd ready = {fd, POLLIN, 0};
    return masked_poll(&ready, 1, timeout_ns, sigmask);
}

} // namespace mio::impl
