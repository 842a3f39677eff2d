// SPDX-License-Identifier: MIT
// The changes that the open signal sets of this process have made, by number, so that several sets can share a number
// and be closed in any order: the first to open changes mask and action, the last to close restores them.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

using SignalHandler = void (*)(int number, siginfo_t *info, void *context);

// Enters a set. Without a handler, blocks its signals in the calling thread; with one, installs it for all of them and
// unblocks them in the calling thread. -EBUSY, without a change, if an open set uses one of the numbers in the other
// way.
int enter_signals(const SignalSet &set, SignalHandler handler);

// Leaves the set, in the thread that entered it.
void leave_signals(const SignalSet &set);

// For a handler that runs although no set of this process contains the number. This happens in a forked child, in a
// thread that was about to enter the handler when the set was closed, and if other code saved the handler and restored
// it later. If `is_wanted` reports no set, and the handler is still installed, this restores the action that the
// handler replaced. Then it sends the signal again, to be delivered when the handler returns. Async-signal-safe; all
// signals must be blocked.
void give_back_signal(int number, SignalHandler handler, bool (*is_wanted)(int number));

// Lets another thread finish, which takes a moment. It sleeps, because under real-time scheduling a thread that merely
// yields may never let the other one run.
void pause_for_others();

} // namespace mio::impl
