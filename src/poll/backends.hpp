// SPDX-License-Identifier: MIT
// Chooses among the mechanisms of the platform.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"

namespace mio::impl {

// Returns the selector with that index, or null beyond the last selector. The best selector has index 0.
const Selector *selector_at(size_t index);

// Returns the selector of that name, or null. A null name means the name in the environment variable MIO_BACKEND. If
// the variable is not set either, returns the best selector.
const Selector *find_selector(const char *name);

// Opens the first kind of notifier that works on the running system, and stores its table in *notifier.
int open_notifier(const Notifier **notifier, NotifierEnds *ends);

} // namespace mio::impl
