// SPDX-License-Identifier: MIT
// POSIX reports only the current identities of a process. So a program that has given up its rights for good looks like
// any other program.
#include "unix/privilege.hpp"

#include <unistd.h>

namespace mio::impl {

bool is_privileged()
{
    return getuid() != geteuid() || getgid() != getegid();
}

} // namespace mio::impl
