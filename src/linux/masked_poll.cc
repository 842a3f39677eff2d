// SPDX-License-Identifier: MIT
#include "unix/masked_poll.hpp"

#include "unix/calls.hpp"

namespace mio::impl {

int masked_poll(pollfd *fds, size_t size, const timespec *timeout, const sigset_t *sigmask)
{
    return result_of(ppoll(fds, size, timeout, sigmask));
}

} // namespace mio::impl
