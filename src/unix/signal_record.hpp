// SPDX-License-Identifier: MIT
// Converts a handler's siginfo_t into the library's record. Each system has its own codes for the origin of a signal.
#pragma once

#include "core/base.hpp"

#include <mio/signals.h>
#include <signal.h>

namespace mio::impl {

// Converts the siginfo_t that a handler got with the signal `number`. Async-signal-safe.
mio_signal_info record_of(int number, const siginfo_t &from);

} // namespace mio::impl
