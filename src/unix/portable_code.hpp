// SPDX-License-Identifier: MIT
// The library returns only codes that the headers of every system define. So a program that names the codes compiles
// everywhere. In place of a code that only some systems have, the library returns the nearest portable code.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns the portable code for a code of the system. Both codes are positive.
int portable_code(int code);

// Returns the portable code for errno, as a negative value.
int last_failure();

} // namespace mio::impl
