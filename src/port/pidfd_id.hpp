// SPDX-License-Identifier: MIT
// The contract of pidfd ids. A kernel may give each process an id that it never uses again, unlike a pid. The part of
// the platform may be absent.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns false if `id` belongs to another process. Returns true if the kernel has no such ids.
bool may_be_own_pidfd_id(uint64_t id);

} // namespace mio::impl
