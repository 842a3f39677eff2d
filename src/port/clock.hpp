// SPDX-License-Identifier: MIT
// Functions for the clock.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns the time of the monotonic clock that waits use, in nanoseconds. Async-signal-safe.
int64_t monotonic_now();

} // namespace mio::impl
