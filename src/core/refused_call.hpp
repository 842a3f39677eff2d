// SPDX-License-Identifier: MIT
// Recognises the error of a system call that the running system lacks or refuses. The library then uses a different
// call.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

// True if the error of a call can mean that a sandbox forbids the call. A sandbox returns ENOSYS, EPERM or EACCES. The
// default of most sandboxes is EPERM, and systemd(1) lets the user choose the error (SystemCallErrorNumber=).
constexpr bool is_forbidden_call(int64_t result)
{
    return result == -ENOSYS || result == -EPERM || result == -EACCES;
}

// True if a call failed because the running system lacks or refuses the call. An old kernel returns ENOSYS, or EINVAL
// if the kernel has the call but not its flags. A sandbox forbids the call. A wrong argument can also cause EPERM,
// EACCES or EINVAL. After such an error, the library tries the replacement call in vain, because the replacement call
// rejects the argument as well.
constexpr bool is_refused_call(int64_t result)
{
    return is_forbidden_call(result) || result == -EINVAL;
}

} // namespace mio::impl
