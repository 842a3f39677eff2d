// SPDX-License-Identifier: MIT
// The contract of the lists of mechanisms. The platform's mechanisms.cc defines all three, and no other file names
// them. To add a mechanism, add a file with a table, and a line in that list.
#pragma once

#include "core/base.hpp"
#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

#include <stddef.h>

namespace mio::impl {

// Tables of one kind, best first.
template <typename Table>
struct Mechanisms {
    const Table *const *first;
    size_t count;

    const Table *const *begin() const { return first; }
    const Table *const *end() const { return first + count; }
};

// A program can choose a selector by name. At least one entry.
extern const Mechanisms<Selector> selectors;

// The library takes the first notifier that works on the running system. Empty if every selector has its own.
extern const Mechanisms<Notifier> notifiers;

// Likewise for signals. The last entry works on every system, and a program can ask for it. At least one entry.
extern const Mechanisms<SignalMechanism> signal_mechanisms;

} // namespace mio::impl
