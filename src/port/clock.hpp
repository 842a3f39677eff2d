// SPDX-License-Identifier: MIT
// Functions for the clock.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns nanoseconds of the monotonic clock that waits use. Async-signal-safe.
int64_t monotonic_now();

} // namespace mio::impl
