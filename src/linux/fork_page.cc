// SPDX-License-Identifier: MIT
#include "unix/fork_page.hpp"

#include <sys/mman.h>

namespace mio::impl {

// Makes the kernel fill a page with zeros in each child. The function uses MADV_WIPEONFORK, which exists since Linux
// 4.14. Some emulators and sandboxes accept any advice and do nothing. So the function tries invalid advice first. If
// madvise(2) accepts the invalid advice, a success of MADV_WIPEONFORK proves nothing, so the function returns false.
bool zero_in_children(void *page, size_t size)
{
    constexpr int no_advice = -1;
    return madvise(page, size, no_advice) != 0 && madvise(page, size, MADV_WIPEONFORK) == 0;
}

} // namespace mio::impl
