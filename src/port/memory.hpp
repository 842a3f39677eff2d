// SPDX-License-Identifier: MIT
// Functions that allocate and free objects. A poll object needs a greater alignment than malloc(3) gives. Systems have
// different functions for aligned memory, so each platform defines allocate_zeroed and release_memory. If an allocation
// fails, the result is null. The library never aborts.
#pragma once

#include "core/base.hpp"

#include <new>
#include <stddef.h>
#include <type_traits>

namespace mio::impl {

// Returns zeroed memory with this alignment, or null if there is no memory.
void *allocate_zeroed(size_t alignment, size_t size);

// Frees memory that allocate_zeroed returned.
void release_memory(void *memory);

// Makes a T, with `extra` more bytes in the same allocation. All bytes are zero before the constructor runs. Returns
// null if there is no memory.
template <typename T>
T *create(size_t extra = 0)
{
    void *memory = allocate_zeroed(alignof(T), sizeof(T) + extra);
    return memory != nullptr ? new (memory) T() : nullptr;
}

template <typename T>
void destroy(T *object)
{
    static_assert(std::is_trivially_destructible_v<T>, "objects of the library are plain data");
    release_memory(object);
}

} // namespace mio::impl
