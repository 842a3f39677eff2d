// SPDX-License-Identifier: MIT
// The library returns only codes that the headers of every system define. So a program that names the codes compiles
// everywhere. The library replaces a code that only this system has by the nearest portable code.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// Returns the portable code for a code of the system. Both codes are positive.
int portable_code(int code);

// Returns the portable code for errno, as a negative value.
int last_failure();

} // namespace mio::impl
