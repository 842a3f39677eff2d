// SPDX-License-Identifier: MIT
// The contract that tells a process from its forked children, and how far its environment can be trusted. A child shares the kernel's side of a poll object with its
// parent, so whatever it did with its copy would change the parent's.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

// No process has this number.
constexpr uint32_t no_generation = UINT32_MAX;

// A number that this process and its threads share, and no process that it forked or was forked from; 0 when memory is
// out. A child of vfork(2), which shares the memory too, has its parent's. Async-signal-safe from the second call on.
uint32_t process_generation();

// Where the number of this process stands, once process_generation has been called; forking changes it.
extern Atomic<uint32_t> *process_page;

// Whether an earlier number is still that of this process. No system call; async-signal-safe.
inline bool is_process_generation(uint32_t generation)
{
    return process_page->load() == generation;
}

// A variable of the environment; null where it is unset or empty, or where the program runs with more rights than the
// user who wrote the environment has: secure_getenv(3), or issetugid(2) where that is what there is.
const char *trusted_environment(const char *name);

} // namespace mio::impl
