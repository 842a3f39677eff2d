// SPDX-License-Identifier: MIT
// Waits with poll(2) on systems without ppoll(2). poll(2) takes no signal mask. pselect(2) takes a signal mask, but
// rejects large descriptor numbers.
#include "unix/masked_poll.hpp"

#include "unix/plain_poll.hpp"

namespace mio::impl {

uint32_t masked_poll_capabilities()
{
    return 0;
}

int masked_poll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask)
{
    return plain_poll(fds, size, timeout_ns, sigmask);
}

} // namespace mio::impl
