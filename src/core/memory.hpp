// SPDX-License-Identifier: MIT
// The only place where the library takes memory. Running out of it is a null pointer, never an abort.
#pragma once

#include "core/base.hpp"

#include <new>
#include <stdlib.h>

namespace mio::impl {

// Makes a T with `extra` bytes behind it, all zero before the constructor runs; null when memory is out.
template <typename T>
T *create(size_t extra = 0)
{
    static_assert(alignof(T) <= alignof(max_align_t));
    void *memory = calloc(1, sizeof(T) + extra);
    return memory != nullptr ? new (memory) T() : nullptr;
}

template <typename T>
void destroy(T *object)
{
    static_assert(__has_trivial_destructor(T), "objects of the library are plain data");
    free(object);
}

} // namespace mio::impl
