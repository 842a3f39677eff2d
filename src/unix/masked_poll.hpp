// SPDX-License-Identifier: MIT
// poll(2) that waits under another signal mask, and to the nanosecond: ppoll(2), which not every system has.
#pragma once

#include "core/base.hpp"

#include <poll.h>
#include <signal.h>
#include <time.h>

namespace mio::impl {

// How many are ready, or a negative errno value. No timeout: for ever; no mask: that of the thread. A cancellation point.
int masked_poll(pollfd *fds, size_t size, const timespec *timeout, const sigset_t *sigmask);

} // namespace mio::impl
