// SPDX-License-Identifier: MIT
#pragma once

#include "port/notifier.hpp"

namespace mio::impl {

extern const Notifier pipe_notifier;

} // namespace mio::impl
