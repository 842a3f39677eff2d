// SPDX-License-Identifier: MIT
// Which of the platform's mechanisms to take.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"

namespace mio::impl {

// The index-th selector, best first; null past the last.
const Selector *selector_at(size_t index);

// The selector of that name, or null. A null name is the one that MIO_BACKEND of the environment names, else the first.
const Selector *find_selector(const char *name);

// Opens the first kind of notifier that the running system has, and says which.
int open_notifier(const Notifier **notifier, NotifierEnds *ends);

} // namespace mio::impl
