// SPDX-License-Identifier: MIT
// The mechanisms that kqueue(2) adds to those of unix/mechanisms.hpp.
#pragma once

#include "port/selector.hpp"

namespace mio::impl {

extern const Selector kqueue_selector;

} // namespace mio::impl
