// SPDX-License-Identifier: MIT
// The number of a process, for the process.cc of each Unix system.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

// Stores the next number in the word if the word is 0, and returns the number in the word. The process.cc of the system
// clears the word in a forked child.
uint32_t number_process(Atomic<uint32_t> *word);

} // namespace mio::impl
