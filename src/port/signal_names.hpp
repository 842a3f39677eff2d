// SPDX-License-Identifier: MIT
// Finds the name of a signal. Async-signal-safe.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns the name of a signal, such as "SIGTERM", or null if the number has no known name.
const char *signal_name(int number);

} // namespace mio::impl
