// SPDX-License-Identifier: MIT
#pragma once

#include "port/selector.hpp"

namespace mio::impl {

extern const Selector epoll_selector;

} // namespace mio::impl
