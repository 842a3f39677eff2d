// SPDX-License-Identifier: MIT
// Some kernels give each process a pidfd id. A kernel reuses pids, but never reuses a pidfd id. Some platforms have no
// pidfd ids.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns 0 if `id` is the pidfd id of another process, and 1 if `id` is the pidfd id of this process. If this process
// has no pidfd id, returns 1. If the library lacks memory or descriptors to find out, returns a negative errno value.
int is_own_pidfd_id(uint64_t id);

} // namespace mio::impl
