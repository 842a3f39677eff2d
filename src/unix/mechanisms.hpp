// SPDX-License-Identifier: MIT
// Declares the selector, the notifier and the signal mechanism that every Unix system has. poll_selector.cc defines
// poll_selector, pipe_notifier.cc defines pipe_notifier, and signal_pipe.cc defines signal_pipe.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector poll_selector;
extern const Notifier pipe_notifier;
extern const SignalMechanism signal_pipe;

} // namespace mio::impl
