// SPDX-License-Identifier: MIT
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns whether the program has more rights than the user that started it.
bool is_privileged();

} // namespace mio::impl
