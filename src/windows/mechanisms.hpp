// SPDX-License-Identifier: MIT
// The mechanisms of Windows.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector afd_selector;
extern const SelectorNotifier posted_notifier;
extern const SignalMechanism signal_console;

} // namespace mio::impl
