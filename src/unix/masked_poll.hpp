// SPDX-License-Identifier: MIT
// poll(2) with a signal mask and a timeout in nanoseconds: ppoll(2), which not every system has.
#pragma once

#include "core/base.hpp"

#include <poll.h>
#include <signal.h>
#include <time.h>

namespace mio::impl {

// The number of ready descriptors, or a negative errno value. A null timeout waits for ever, a null mask leaves that of
// the thread. A cancellation point.
int masked_poll(pollfd *fds, size_t size, const timespec *timeout, const sigset_t *sigmask);

} // namespace mio::impl
