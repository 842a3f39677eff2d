// SPDX-License-Identifier: MIT
// The contract of the names of signals. Async-signal-safe.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns "SIGTERM" and the like, or null.
const char *signal_name(int number);

} // namespace mio::impl
