// SPDX-License-Identifier: MIT
// Recognises the error of a call that needs more memory or descriptors than the process can get. Such a call can
// succeed later.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stdint.h>

namespace mio::impl {

constexpr bool is_shortage(int64_t result)
{
    return result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM;
}

} // namespace mio::impl
