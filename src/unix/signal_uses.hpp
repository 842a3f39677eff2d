// SPDX-License-Identifier: MIT
// What the open sets of signals of this process have changed, number by number, so that several sets can share a number
// and be closed in any order: the first one in changes the mask and the action, the last one out puts them back.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

using SignalHandler = void (*)(int number, siginfo_t *info, void *context);

// Enters a set. Without a handler its signals are blocked in the calling thread; with one it is installed for all of
// them and they are unblocked in the calling thread. -EBUSY, and nothing has changed, where an open set has one of the
// numbers the other way.
int enter_signals(const SignalSet &set, SignalHandler handler);

// Leaves it, in the thread that entered.
void leave_signals(const SignalSet &set);

// For a handler that is called though no set of this process has the number: in a child that forked, in a thread that was
// on its way into it when the set was closed, or because somebody saved the handler and put it back later. Unless
// `is_wanted` says that there is a set now, puts back the action that the handler replaced where the handler is still in
// place. Then sends the signal again, to be delivered when the handler returns. Async-signal-safe; all signals must be
// blocked.
void give_back_signal(int number, SignalHandler handler, bool (*is_wanted)(int number));

// Gives way to a thread that will be done in a moment. It sleeps, because under real-time scheduling a thread that only
// yields may never let the other one run.
void pause_for_others();

} // namespace mio::impl
