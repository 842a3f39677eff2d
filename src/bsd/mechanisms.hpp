// SPDX-License-Identifier: MIT
// Declares the selector, the notifier and the signal mechanism that use kqueue(2). unix/mechanisms.hpp declares the
// mechanisms that every Unix system has.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector kqueue_selector;
extern const SelectorNotifier user_notifier;
extern const SignalMechanism signal_kqueue;

} // namespace mio::impl
