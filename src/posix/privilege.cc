// SPDX-License-Identifier: MIT
// POSIX has the identities of now alone: a program that has given up its rights for good looks like any other.
#include "unix/privilege.hpp"

#include <unistd.h>

namespace mio::impl {

bool is_privileged()
{
    return getuid() != geteuid() || getgid() != getegid();
}

} // namespace mio::impl
