// SPDX-License-Identifier: MIT
// The mechanisms that Linux adds to those of unix/mechanisms.hpp.
#pragma once

#include "port/notifier.hpp"
#include "port/selector.hpp"
#include "port/signals.hpp"

namespace mio::impl {

extern const Selector epoll_selector;
extern const Notifier eventfd_notifier;
extern const SignalMechanism signal_fd;

} // namespace mio::impl
