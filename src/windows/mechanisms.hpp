// SPDX-License-Identifier: MIT
// Declares the selector, the notifier and the signal mechanism of Windows.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector afd_selector;
extern const SelectorNotifier posted_notifier;
extern const SignalMechanism signal_console;

} // namespace mio::impl
