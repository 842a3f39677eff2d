// SPDX-License-Identifier: MIT
// Reads the clock that measures timeouts and deadlines.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns the time of the monotonic clock, in nanoseconds. Timeouts use the same clock. Async-signal-safe.
int64_t monotonic_now();

} // namespace mio::impl
