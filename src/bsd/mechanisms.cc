// SPDX-License-Identifier: MIT
#include "port/mechanisms.hpp"

#include "bsd/mechanisms.hpp"
#include "unix/mechanisms.hpp"

namespace mio::impl {

namespace {

const Selector *const selector_tables[] = {&kqueue_selector, &poll_selector};

const Notifier *const notifier_tables[] = {&pipe_notifier};

const SignalMechanism *const signal_tables[] = {&signal_kqueue, &signal_pipe};

} // namespace

constinit const Mechanisms<Selector> selectors = {selector_tables, 2};
constinit const Mechanisms<Notifier> notifiers = {notifier_tables, 1};
constinit const Mechanisms<SignalMechanism> signal_mechanisms = {signal_tables, 2};

} // namespace mio::impl
