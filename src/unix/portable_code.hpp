// SPDX-License-Identifier: MIT
// The library returns only codes that every system's headers have, so that a program that knows them compiles anywhere.
// Where this system says it more finely, the nearest of them stands for it.
#pragma once

#include "core/base.hpp"

#include <errno.h>

namespace mio::impl {

// The same, for any code but the commonest.
int rare_portable_code(int code);

// The code to return for one that the system has given, both positive.
inline int portable_code(int code)
{
    return MIO_LIKELY(code <= EAGAIN) ? code : rare_portable_code(code);
}

} // namespace mio::impl
