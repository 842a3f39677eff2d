// SPDX-License-Identifier: MIT
// The contract of processes: how to distinguish a process from its forked children, and whether to trust its
// environment. A child shares the kernel's side of a poll object with its parent, so operations on the child's copy
// would change the parent's poll object. The platform's part may be absent where processes do not fork. Then the number
// never changes.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

// No process has this number.
constexpr uint32_t no_generation = UINT32_MAX;

// Returns the number of this process. All threads of the process share the number, but every ancestor and every forked
// child has another number. Returns 0 if there is no memory. A vfork(2) child shares its parent's memory, and therefore
// its parent's number. The function is async-signal-safe from the second call on.
uint32_t process_generation();

// Holds the address of this process's number once process_generation has been called. A fork changes the number.
extern Atomic<uint32_t> *process_page;

// Returns whether an earlier number is still the number of this process. Makes no system call, and is
// async-signal-safe.
inline bool is_process_generation(uint32_t generation)
{
    return process_page->load() == generation;
}

// Returns a variable of the environment. Returns null if the variable is unset or empty. Also returns null if the
// program has more rights than the user who set the environment (AT_SECURE of getauxval(3), or issetugid(2) on other
// systems).
const char *trusted_environment(const char *name);

// Helps to implement trusted_environment. Returns null for an unset variable and for an empty string.
inline const char *unless_empty(const char *value)
{
    return value != nullptr && *value != '\0' ? value : nullptr;
}

} // namespace mio::impl
