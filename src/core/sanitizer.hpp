// SPDX-License-Identifier: MIT
// Tells whether a program is built with a sanitizer that intercepts functions of libc, such as AddressSanitizer. Such a
// program uses the ordinary library. Each of these sanitizers replaces malloc(3), and then has the function below. The
// function is a weak symbol, so it is null in other programs (core/race_detector.hpp).
#pragma once

#include "core/base.hpp"

#include <stddef.h>

#ifdef MIO_WEAK_REFERENCES

extern "C" {
[[gnu::weak]] size_t __sanitizer_get_allocated_size(const volatile void *memory);
}

namespace mio::impl {

inline bool has_sanitizer()
{
    return __sanitizer_get_allocated_size != nullptr;
}

} // namespace mio::impl

#else

namespace mio::impl {

inline bool has_sanitizer()
{
    return false;
}

} // namespace mio::impl

#endif
