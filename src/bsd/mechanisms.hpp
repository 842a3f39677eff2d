// SPDX-License-Identifier: MIT
// The mechanisms that kqueue(2) adds to those of unix/mechanisms.hpp.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector kqueue_selector;
extern const SelectorNotifier user_notifier;
extern const SignalMechanism signal_kqueue;

} // namespace mio::impl
