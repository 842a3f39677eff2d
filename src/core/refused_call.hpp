// SPDX-License-Identifier: MIT
// Calls that the running system lacks, and that another one can replace.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

// An old kernel returns ENOSYS, or EINVAL if it has the call but not its flags; a sandbox returns ENOSYS or EPERM. A call
// that fails with one of the last two for another reason fails again when it is replaced.
constexpr bool is_refused_call(int64_t result)
{
    return result == -ENOSYS || result == -EPERM || result == -EINVAL;
}

} // namespace mio::impl
