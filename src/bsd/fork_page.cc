// SPDX-License-Identifier: MIT
#include "unix/fork_page.hpp"

#include <sys/types.h>

#include <sys/mman.h>

namespace mio::impl {

namespace {

#if defined(INHERIT_ZERO)
constexpr auto inherit_zero = INHERIT_ZERO; // FreeBSD
#elif defined(MAP_INHERIT_ZERO)
constexpr auto inherit_zero = MAP_INHERIT_ZERO; // OpenBSD and NetBSD
#else
constexpr auto inherit_zero = -1; // makes minherit(2) fail, because macOS cannot zero a page in a child
#endif

} // namespace

bool zero_in_children(void *page, size_t size)
{
    return minherit(page, size, inherit_zero) == 0;
}

} // namespace mio::impl
