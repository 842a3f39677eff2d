// SPDX-License-Identifier: MIT
// What a handler is told of a signal, as the library tells it. Each system has codes of its own for who sent it.
#pragma once

#include "core/base.hpp"

#include <mio/signals.h>
#include <signal.h>

namespace mio::impl {

// Async-signal-safe.
mio_signal_info record_of(int number, const siginfo_t &from);

} // namespace mio::impl
