// SPDX-License-Identifier: MIT
// Chooses a selector and a notifier among those that the platform has (port/mechanisms.hpp).
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"

namespace mio::impl {

// Returns the selector with that index, or null beyond the last selector. The best selector has index 0.
const Selector *selector_at(size_t index);

// Returns the selector of that name, or null. If `name` is null, takes the name from the environment variable
// MIO_BACKEND. If this variable is unset, returns the best selector.
const Selector *find_selector(const char *name);

// Finds the first table in the platform's list whose notifier works on the running system. Opens such a notifier, and
// stores a pointer to the table in *notifier.
int open_notifier(const Notifier **notifier, NotifierEnds *ends);

} // namespace mio::impl
