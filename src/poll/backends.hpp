// SPDX-License-Identifier: MIT
// Chooses a selector and a notifier among those that the platform has (port/mechanisms.hpp).
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"

namespace mio::impl {

// Returns the selector with that index, or null if there is no such selector. The best selector has index 0.
const Selector *selector_at(size_t index);

// Returns the selector of that name, or null. If `name` is null, takes the name from the environment variable
// MIO_BACKEND. If this variable is unset, returns the best selector.
const Selector *find_selector(const char *name);

// Opens the first notifier in the platform's list that works on the running system. Stores a pointer to the table of
// this notifier in *notifier.
int open_notifier(const Notifier **notifier, NotifierEnds *ends);

} // namespace mio::impl
