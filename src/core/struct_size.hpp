// SPDX-License-Identifier: MIT
// The `size` member of structs that a caller fills.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <stddef.h>

namespace mio::impl {

// A program that was compiled against a later header may pass a longer struct: what this library does not know must be
// zero, which is what the later fields mean by default.
template <typename Struct>
int check_size(const Struct *given)
{
    if (given->size == sizeof(Struct)) return 0;
    if (given->size < sizeof(Struct)) return -EINVAL;
    const auto *bytes = reinterpret_cast<const unsigned char *>(given);
    for (size_t i = sizeof(Struct); i < given->size; i++) {
        if (bytes[i] != 0) return -E2BIG;
    }
    return 0;
}

} // namespace mio::impl
