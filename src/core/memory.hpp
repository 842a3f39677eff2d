// SPDX-License-Identifier: MIT
// The only place where the library takes memory. Running out of it is a null pointer, never an abort.
#pragma once

#include "core/base.hpp"

#include <new>
#include <stddef.h>
#include <stdint.h>
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

// Makes an array of plain data longer or shorter; false, and the array as it was, when memory is out. Null is empty.
template <typename T>
bool resize_array(T **array, size_t size)
{
    static_assert(__is_trivially_copyable(T));
    if (size > SIZE_MAX / sizeof(T)) return false;
    void *memory = realloc(*array, size * sizeof(T));
    if (memory != nullptr) *array = static_cast<T *>(memory);
    return memory != nullptr;
}

template <typename T>
void release_array(T *array)
{
    free(array);
}

} // namespace mio::impl
