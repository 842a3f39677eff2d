// SPDX-License-Identifier: MIT
// Waits like poll(2), but with a signal mask and a timeout in nanoseconds, as ppoll(2) does. Some systems lack
// ppoll(2), and some sandboxes refuse the call.
#pragma once

#include "core/base.hpp"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// If the library can call ppoll(2), returns MIO_CAN_NS and MIO_CAN_SIGMASK. Otherwise returns 0.
uint32_t masked_poll_capabilities();

// Waits until one of the descriptors in `fds` is ready. Returns the number of ready descriptors, or a negative errno
// value. Returns 0 only after the timeout has passed. With a negative timeout, the wait has no time limit. If `sigmask`
// is null, the thread keeps its mask. If the system lacks MIO_CAN_SIGMASK, a call with a mask fails with -ENOTSUP. The
// function is a cancellation point.
int masked_poll(pollfd *fds, size_t size, int64_t timeout_ns, const sigset_t *sigmask);

} // namespace mio::impl
