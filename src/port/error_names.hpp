// SPDX-License-Identifier: MIT
// Functions for the names of errors. Async-signal-safe.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns a name such as "EAGAIN", or null. `code` is positive.
const char *error_name(int code);

} // namespace mio::impl
