// SPDX-License-Identifier: MIT
#pragma once

#include "port/selector.hpp"

namespace mio::impl {

extern const Selector poll_selector;

} // namespace mio::impl
