// SPDX-License-Identifier: MIT
// POSIX reports only the current user and group ids of a process. So is_privileged cannot detect a privileged program
// that has given up its rights for good.
#include "unix/privilege.hpp"

#include <unistd.h>

namespace mio::impl {

bool is_privileged()
{
    return getuid() != geteuid() || getgid() != getegid();
}

} // namespace mio::impl
