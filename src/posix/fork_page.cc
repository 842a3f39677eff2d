// SPDX-License-Identifier: MIT
// POSIX shares a private page with a child as it is.
#include "unix/fork_page.hpp"

namespace mio::impl {

bool zero_in_children(void *, size_t)
{
    return false;
}

} // namespace mio::impl
