// SPDX-License-Identifier: MIT
#include "port/memory.hpp"

#include <malloc.h>
#include <string.h>

namespace mio::impl {

void *allocate_zeroed(size_t alignment, size_t size)
{
    void *memory = _aligned_malloc(size, alignment);
    return memory != nullptr ? memset(memory, 0, size) : nullptr;
}

void release_memory(void *memory)
{
    _aligned_free(memory);
}

} // namespace mio::impl
