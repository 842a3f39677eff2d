// SPDX-License-Identifier: MIT
#include "port/mechanisms.hpp"

#include "linux/mechanisms.hpp"
#include "unix/mechanisms.hpp"

namespace mio::impl {

namespace {

const Selector *const selector_tables[] = {&epoll_selector, &poll_selector};

const Notifier *const notifier_tables[] = {&eventfd_notifier, &pipe_notifier};

const SignalMechanism *const signal_tables[] = {&signal_fd, &signal_pipe};

template <typename Table, size_t count>
constexpr Mechanisms<Table> list_of(const Table *const (&tables)[count])
{
    return {tables, count};
}

} // namespace

constinit const Mechanisms<Selector> selectors = list_of(selector_tables);
constinit const Mechanisms<Notifier> notifiers = list_of(notifier_tables);
constinit const Mechanisms<SignalMechanism> signal_mechanisms = list_of(signal_tables);

} // namespace mio::impl
