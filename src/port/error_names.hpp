// SPDX-License-Identifier: MIT
// Finds the name of an error. Async-signal-safe.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns the name of an errno code, such as "EAGAIN", or null if the code has no known name. `code` is positive.
const char *error_name(int code);

} // namespace mio::impl
