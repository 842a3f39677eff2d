// SPDX-License-Identifier: MIT
// The library returns only errno values that every system has. So a program that names these values compiles
// everywhere. In place of an errno value that only some systems have, the library returns the nearest portable value.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns the portable errno value for the system's errno value `code`. Both values are positive.
int portable_code(int code);

// Returns -portable_code(errno).
int last_failure();

} // namespace mio::impl
