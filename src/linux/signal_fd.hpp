// SPDX-License-Identifier: MIT
#pragma once

#include "port/signals.hpp"

namespace mio::impl {

extern const SignalMechanism signal_fd;

} // namespace mio::impl
