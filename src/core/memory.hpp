// SPDX-License-Identifier: MIT
// Arrays that grow. These, and the objects of port/memory.hpp, are all the memory that the library allocates. A failure
// is a result, never an abort.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

namespace mio::impl {

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
