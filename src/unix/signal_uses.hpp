// SPDX-License-Identifier: MIT
// Records, by signal number, the changes that the open signal sets of this process have made. So several sets can share
// a number and can be closed in any order. The first set that opens changes mask and action. The last set that closes
// restores mask and action.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

using SignalHandler = void (*)(int number, siginfo_t *info, void *context);

// Enters a set. If `handler` is null, blocks the signals of the set in the calling thread. Otherwise installs the
// handler for these signals, and unblocks the signals in the calling thread. Returns -EBUSY, without a change, if an
// open set with one of the numbers uses the other method.
int enter_signals(const SignalSet &set, SignalHandler handler);

// Leaves the set, in the thread that entered it.
void leave_signals(const SignalSet &set);

// Call this in a handler that runs although no set of this process contains the number. There are three cases. The
// handler runs in a forked child. Or another thread closed the set when this thread was about to enter the handler. Or
// other code saved the handler and installed the handler again. If `is_wanted` returns false, and the handler is still
// installed, the function restores the action that the handler replaced. Then the function raises the signal again. The
// system delivers this signal when the handler returns. The function is async-signal-safe. All signals must be blocked.
void give_back_signal(int number, SignalHandler handler, bool (*is_wanted)(int number));

} // namespace mio::impl
