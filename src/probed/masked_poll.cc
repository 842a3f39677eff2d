// SPDX-License-Identifier: MIT
// ppoll(2) of POSIX.1-2024: Linux and most BSDs.
#include "unix/masked_poll.hpp"

#include "unix/calls.hpp"
#include "unix/wait_time.hpp"

#include <mio/poll.h>

namespace mio::impl {

const uint32_t masked_poll_capabilities = MIO_CAN_NS | MIO_CAN_SIGMASK;

int masked_poll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask)
{
    if (timeout_ns < 0) return result_of(ppoll(fds, size, nullptr, sigmask));
    return wait_in_pieces(timeout_ns, longest_wait_ns, [=](int64_t piece_ns) {
        const timespec timeout = timespec_of(piece_ns);
        return result_of(ppoll(fds, size, &timeout, sigmask));
    });
}

} // namespace mio::impl
