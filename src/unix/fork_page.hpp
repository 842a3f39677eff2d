// SPDX-License-Identifier: MIT
#pragma once

#include "core/base.hpp"

#include <stddef.h>

namespace mio::impl {

// Makes the kernel fill a private page with zeros in each child process. Returns false if the kernel cannot do this.
bool zero_in_children(void *page, size_t size);

} // namespace mio::impl
