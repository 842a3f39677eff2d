// SPDX-License-Identifier: MIT
// Replaces ppoll(2) by poll(2), if the system lacks or refuses ppoll(2). poll(2) counts in milliseconds and has no
// signal mask.
#pragma once

#include "core/timeout.hpp"
#include "unix/calls.hpp"
#include "unix/wait_time.hpp"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Waits like masked_poll, but rounds the timeout up to milliseconds. Returns -ENOTSUP if `sigmask` is not null.
inline int plain_poll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask)
{
    if (sigmask != nullptr) return -ENOTSUP;
    const auto count = static_cast<nfds_t>(size);
    if (timeout_ns < 0) return result_of(poll(fds, count, -1));
    return wait_in_pieces(timeout_ns, INT_MAX * nanoseconds_per_millisecond, [=](int64_t piece_ns) {
        return result_of(poll(fds, count, milliseconds_rounded_up(piece_ns)));
    });
}

} // namespace mio::impl
