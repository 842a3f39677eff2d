// SPDX-License-Identifier: MIT
// The contract that distinguishes a process from its forked children, and says how far to trust its environment. A
// child shares the kernel's side of a poll object with its parent, so operations on the child's copy would change the
// parent's. May be absent where processes do not fork: then there is one number for good.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

// No process has this number.
constexpr uint32_t no_generation = UINT32_MAX;

// A number that all threads of this process share, and that differs from those of its ancestors and forked children; 0
// if there is no memory. A vfork(2) child, which shares the memory too, has its parent's number. Async-signal-safe from
// the second call on.
uint32_t process_generation();

// The address of this process's number, once process_generation has been called; a fork changes the number.
extern Atomic<uint32_t> *process_page;

// Whether an earlier number is still that of this process. Makes no system call; async-signal-safe.
inline bool is_process_generation(uint32_t generation)
{
    return process_page->load() == generation;
}

// A variable of the environment. Null if it is unset or empty, or if the program has more rights than the user who set
// the environment: secure_getenv(3), or issetugid(2) on systems that have that instead.
const char *trusted_environment(const char *name);

} // namespace mio::impl
