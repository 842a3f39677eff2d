// SPDX-License-Identifier: MIT
#pragma once

#include "port/notifier.hpp"

namespace mio::impl {

extern const Notifier eventfd_notifier;

} // namespace mio::impl
