// SPDX-License-Identifier: MIT
#include "unix/privilege.hpp"

#include <sys/auxv.h>

namespace mio::impl {

bool is_privileged()
{
    return getauxval(AT_SECURE) != 0;
}

} // namespace mio::impl
