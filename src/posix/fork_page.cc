// SPDX-License-Identifier: MIT
// In POSIX, a child inherits a private page unchanged, so the kernel never zeroes the page.
#include "unix/fork_page.hpp"

namespace mio::impl {

bool zero_in_children(void *, size_t)
{
    return false;
}

} // namespace mio::impl
