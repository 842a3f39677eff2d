// SPDX-License-Identifier: MIT
#include "unix/privilege.hpp"

#include <unistd.h>

namespace mio::impl {

bool is_privileged()
{
    return issetugid() != 0;
}

} // namespace mio::impl
