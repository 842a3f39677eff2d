// SPDX-License-Identifier: MIT
// The contract of the lists of mechanisms: a platform defines all three in its mechanisms.cc, and names them nowhere
// else. A new mechanism is a file with a table, and a line in that list.
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

// A program chooses among the selectors by name. At least one.
extern const Mechanisms<Selector> selectors;

// The first notifier that the running system has is taken. At least one.
extern const Mechanisms<Notifier> notifiers;

// Likewise. The last one runs on every system, and a program can ask for it. At least one.
extern const Mechanisms<SignalMechanism> signal_mechanisms;

} // namespace mio::impl
