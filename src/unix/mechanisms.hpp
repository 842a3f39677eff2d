// SPDX-License-Identifier: MIT
// Declares the selector, the notifier and the signal mechanism that every Unix system has. Each table is in the file of
// the same name.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector poll_selector;
extern const Notifier pipe_notifier;
extern const SignalMechanism signal_pipe;

} // namespace mio::impl
