// SPDX-License-Identifier: MIT
// The library returns only codes that the headers of every system define, so that a program which names them compiles
// everywhere. The library replaces a code that only this system has by the nearest portable code.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// The code to return for a code from the system; both are positive.
int portable_code(int code);

// The code in errno, as a negative value to return.
int last_failure();

} // namespace mio::impl
