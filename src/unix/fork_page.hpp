// SPDX-License-Identifier: MIT
#pragma once

#include "core/base.hpp"

#include <stddef.h>

namespace mio::impl {

// Makes the kernel zero a private page in each child. Returns false if the kernel cannot zero the page.
bool zero_in_children(void *page, size_t size);

} // namespace mio::impl
