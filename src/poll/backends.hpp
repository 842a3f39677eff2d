// SPDX-License-Identifier: MIT
// Selects among the mechanisms of the platform.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"

namespace mio::impl {

// The selector with that index, best first; null beyond the last.
const Selector *selector_at(size_t index);

// The selector of that name, or null. A null name means the one in the environment variable MIO_BACKEND, else the
// first.
const Selector *find_selector(const char *name);

// Opens the first kind of notifier that works on the running system, and stores which one it is.
int open_notifier(const Notifier **notifier, NotifierEnds *ends);

} // namespace mio::impl
