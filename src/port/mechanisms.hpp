// SPDX-License-Identifier: MIT
// Declares the lists of the selectors, notifiers and signal mechanisms that a platform has. The platform's
// mechanisms.cc defines all three lists. To add a mechanism, add a file with its table, and add the table to the list
// for its kind.
#pragma once

#include "core/base.hpp"
#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

#include <stddef.h>

namespace mio::impl {

// A list of tables that all have the type `Table`. The best table is first.
template <typename Table>
struct Mechanisms {
    const Table *const *first;
    size_t count;

    const Table *const *begin() const { return first; }
    const Table *const *end() const { return first + count; }
};

// The selectors of the platform. A program can choose a selector by name. The list has at least one entry.
extern const Mechanisms<Selector> selectors;

// The notifiers of the platform. The library uses the first notifier that works on the running system. The list is
// empty if every selector has its own notifier.
extern const Mechanisms<Notifier> notifiers;

// The signal mechanisms of the platform. The library uses the first mechanism that works on the running system. The
// last entry works on every system, and a program can select this entry with MIO_SIGNALS_SELF_PIPE. The list has at
// least one entry.
extern const Mechanisms<SignalMechanism> signal_mechanisms;

} // namespace mio::impl
