// SPDX-License-Identifier: MIT
// Functions that distinguish a process from its forked children, and a function that reads the environment if the
// library can trust the environment. A forked child shares the kernel's part of a poll object with its parent. An
// operation in the child would therefore change the parent's poll object. To detect a forked child, the library gives
// each process a number, its generation. Without fork(2), all processes have the same generation.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

// No process has this generation.
constexpr uint32_t no_generation = UINT32_MAX;

// Returns the generation of this process. All threads of the process share the generation. Every ancestor and every
// forked child has a different generation. A child of vfork(2) shares the memory of its parent, so it also shares the
// generation. Returns 0 if there is no memory. From the second call on, the function is async-signal-safe.
uint32_t process_generation();

// Points to the generation. The first call of process_generation sets this pointer. In a forked child, the generation
// is 0 until the child calls process_generation.
extern Atomic<uint32_t> *process_page;

// Returns whether `generation` is the generation of this process. Makes no system call, and is async-signal-safe.
inline bool is_process_generation(uint32_t generation)
{
    return process_page->load() == generation;
}

// Returns a variable of the environment. Returns null if the variable is unset or empty. Also returns null if the
// program has more rights than the user who started it, because this user controls the environment. Linux reports such
// a program with AT_SECURE of getauxval(3), and the BSDs and macOS with issetugid(2). On other systems, the library
// compares the real ids of the process with the effective ids.
const char *trusted_environment(const char *name);

// Helps to implement trusted_environment. Returns `value`, or null if `value` is null or an empty string.
inline const char *unless_empty(const char *value)
{
    return value != nullptr && *value != '\0' ? value : nullptr;
}

} // namespace mio::impl
