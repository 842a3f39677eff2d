// SPDX-License-Identifier: MIT
// Chooses a selector and a notifier among those that the platform has (port/mechanisms.hpp).
#pragma once

#include "port/mechanisms.hpp"

namespace mio::impl {

// Returns the selector with that index, or null if there is no such selector. The best selector has index 0.
const Selector *selector_at(size_t index);

// Returns the selectors that a poll object with this backend name may use. The list contains the selector of that
// name, or nothing. If `name` is null, the function takes the name from the environment variable MIO_BACKEND. If this
// variable is unset, the list contains all selectors, and the best selector is first.
Mechanisms<Selector> find_selectors(const char *name);

// Opens the first notifier in the platform's list that works on the running system. Stores a pointer to the table of
// this notifier in *notifier.
int open_notifier(const Notifier **notifier, NotifierEnds *ends);

} // namespace mio::impl
