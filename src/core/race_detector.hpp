// SPDX-License-Identifier: MIT
// What a race detector must be told. A program that is built with ThreadSanitizer uses the library as it is, in which the
// detector sees the calls of libc but no atomic variable: these say by name what orders two threads. Weak, they are null
// in every other program.
#pragma once

#include "core/base.hpp"

extern "C" {
[[gnu::weak]] void __tsan_acquire(void *object);
[[gnu::weak]] void __tsan_release(void *object);
}

namespace mio::impl {

// What this thread has done so far is visible to each thread that acquires the object from now on.
inline void tell_release(void *object)
{
    if (MIO_UNLIKELY(__tsan_release != nullptr)) __tsan_release(object);
}

inline void tell_acquire(void *object)
{
    if (MIO_UNLIKELY(__tsan_acquire != nullptr)) __tsan_acquire(object);
}

} // namespace mio::impl
