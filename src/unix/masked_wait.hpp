// SPDX-License-Identifier: MIT
#pragma once

#include "core/base.hpp"

#include <signal.h>
#include <stdint.h>

namespace mio::impl {

// Waits with a signal mask until the descriptor is readable. Returns 1 if the descriptor is readable, 0 after the
// timeout, or a negative errno value. With a negative timeout, the wait has no time limit. Returns -ENOTSUP if the
// system waits with pselect(2), and the number of the descriptor is too large for pselect(2). The function is a
// cancellation point.
int masked_wait(int fd, int64_t timeout_ns, const sigset_t *sigmask);

} // namespace mio::impl
