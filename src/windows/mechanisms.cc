// SPDX-License-Identifier: MIT
#include "port/mechanisms.hpp"

#include "windows/mechanisms.hpp"

namespace mio::impl {

namespace {

const Selector *const selector_tables[] = {&afd_selector};

const SignalMechanism *const signal_tables[] = {&signal_console};

} // namespace

constinit const Mechanisms<Selector> selectors = {selector_tables, 1};
constinit const Mechanisms<Notifier> notifiers = {nullptr, 0};
constinit const Mechanisms<SignalMechanism> signal_mechanisms = {signal_tables, 1};

} // namespace mio::impl
