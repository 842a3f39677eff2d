// SPDX-License-Identifier: MIT
// The library returns only codes that every system's headers have, so that a program that knows them compiles anywhere.
// Where this system says it more finely, the nearest of them stands for it.
#pragma once

#include "core/base.hpp"

namespace mio::impl {

// The code to return for one that the system has given, both positive.
int portable_code(int code);

// What errno says, as a negative value to return.
int last_failure();

} // namespace mio::impl
