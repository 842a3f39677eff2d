// SPDX-License-Identifier: MIT
#include "port/memory.hpp"

#include <stdlib.h>
#include <string.h>

namespace mio::impl {

void *allocate_zeroed(size_t alignment, size_t size)
{
    if (alignment <= alignof(max_align_t)) return calloc(1, size);
    size = (size + alignment - 1) / alignment * alignment; // as C11 requires
    void *memory = aligned_alloc(alignment, size);
    return memory != nullptr ? memset(memory, 0, size) : nullptr;
}

void release_memory(void *memory)
{
    free(memory);
}

} // namespace mio::impl
