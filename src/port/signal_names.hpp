// SPDX-License-Identifier: MIT
// Functions for the names of signals. Async-signal-safe.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns a name such as "SIGTERM", or null.
const char *signal_name(int number);

} // namespace mio::impl
