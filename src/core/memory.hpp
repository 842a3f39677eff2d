// SPDX-License-Identifier: MIT
// Allocates arrays that grow. The library allocates only these arrays and the objects of port/memory.hpp. If there is
// not enough memory, the caller reports an error. The library never aborts.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

namespace mio::impl {

// Resizes an array of plain data. Returns false and leaves the array unchanged if there is no memory. A null pointer
// stands for an empty array.
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
