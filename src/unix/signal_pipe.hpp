// SPDX-License-Identifier: MIT
#pragma once

#include "port/signals.hpp"

namespace mio::impl {

extern const SignalMechanism signal_pipe;

} // namespace mio::impl
