// SPDX-License-Identifier: MIT
// Some kernels give each process a pidfd id. A kernel reuses pids, but never reuses a pidfd id. Some platforms have no
// pidfd ids.
#pragma once

#include "core/base.hpp"

#include <stdint.h>

namespace mio::impl {

// Returns false only if `id` is the pidfd id of another process. If the library cannot get the id of this process,
// returns true.
bool may_be_own_pidfd_id(uint64_t id);

} // namespace mio::impl
