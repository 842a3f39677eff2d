// SPDX-License-Identifier: MIT
// Tells whether a program is built with a sanitizer that intercepts functions of libc, such as AddressSanitizer. Such a
// program uses the ordinary library. Each of these sanitizers replaces malloc(3), and then has the function below. The
// function is a weak symbol, so it is null in other programs (core/race_detector.hpp).
//
// MemorySanitizer works only if the library is compiled with this sanitizer too. tell_stored serves such a library.
#pragma once

#include "core/base.hpp"

#include <stddef.h>

#ifdef __has_feature
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define MIO_MEMORY_SANITIZER
#endif
#endif

namespace mio::impl {

// Tells MemorySanitizer that the system has stored `size` bytes in `memory`, if the sanitizer may not know the call.
inline void tell_stored(const void *memory, size_t size)
{
#ifdef MIO_MEMORY_SANITIZER
    __msan_unpoison(memory, size);
#else
    (void)memory, (void)size;
#endif
}

} // namespace mio::impl

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
