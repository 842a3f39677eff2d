// SPDX-License-Identifier: MIT
// Declares the selector, the notifier and the signal mechanism that use epoll(7), eventfd(2) and signalfd(2).
// unix/mechanisms.hpp declares the selector, the notifier and the signal mechanism that every Unix system has.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector epoll_selector;
extern const Notifier eventfd_notifier;
extern const SignalMechanism signal_fd;

} // namespace mio::impl
