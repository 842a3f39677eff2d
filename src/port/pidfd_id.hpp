// SPDX-License-Identifier: MIT
// The contract of pidfd ids. Some kernels give each process an id that no later process gets. (A kernel reuses pids.) A
// platform may lack such ids.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns false only if `id` is the pidfd id of another process. If the library cannot get the id of this process,
// returns true.
bool may_be_own_pidfd_id(uint64_t id);

} // namespace mio::impl
