// SPDX-License-Identifier: MIT
#include "port/memory.hpp"

#include <stdlib.h>
#include <string.h>

namespace mio::impl {

void *allocate_zeroed(size_t alignment, size_t size)
{
    if (alignment <= alignof(max_align_t)) return calloc(1, size);
    void *memory;
    return posix_memalign(&memory, alignment, size) == 0 ? memset(memory, 0, size) : nullptr;
}

void release_memory(void *memory)
{
    free(memory);
}

} // namespace mio::impl
