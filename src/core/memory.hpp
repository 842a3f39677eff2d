// SPDX-License-Identifier: MIT
// The only place where the library allocates memory. A failure is a null pointer, never an abort.
#pragma once

#include "core/base.hpp"

#include <new>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <type_traits>

namespace mio::impl {

// Zeroed memory, suitably aligned for objects of that alignment; null if there is none. Free it with free(3).
inline void *zeroed_memory(size_t alignment, size_t size)
{
    if (alignment <= alignof(max_align_t)) return calloc(1, size);
    size = (size + alignment - 1) / alignment * alignment; // as C11 wants it
    void *memory = aligned_alloc(alignment, size);
    return memory != nullptr ? memset(memory, 0, size) : nullptr;
}

// Makes a T followed by `extra` bytes, all zero before the constructor runs; null if there is no memory.
template <typename T>
T *create(size_t extra = 0)
{
    void *memory = zeroed_memory(alignof(T), sizeof(T) + extra);
    return memory != nullptr ? new (memory) T() : nullptr;
}

template <typename T>
void destroy(T *object)
{
    static_assert(std::is_trivially_destructible_v<T>, "objects of the library are plain data");
    free(object);
}

// Resizes an array of plain data. If there is no memory it returns false and leaves the array unchanged. Null is empty.
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
