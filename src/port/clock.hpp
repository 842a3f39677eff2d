// SPDX-License-Identifier: MIT
// Reads the clock that measures timeouts and deadlines.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns the time of the monotonic clock that waits use, in nanoseconds. Async-signal-safe.
int64_t monotonic_now();

} // namespace mio::impl
