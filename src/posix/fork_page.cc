// SPDX-License-Identifier: MIT
// In POSIX a child gets a private page unchanged.
#include "unix/fork_page.hpp"

namespace mio::impl {

bool zero_in_children(void *, size_t)
{
    return false;
}

} // namespace mio::impl
