// SPDX-License-Identifier: MIT
// Turns the convention of libc, -1 and errno, into the library's: a negative errno value, and errno as it was.
#pragma once

#include "core/base.hpp"

#include <errno.h>

namespace mio::impl {

template <typename Call>
auto keep_errno(Call call) -> decltype(call())
{
    const int saved = errno;
    auto result = call();
    if (result < 0) {
        result = -errno;
        errno = saved;
    }
    return result;
}

} // namespace mio::impl
