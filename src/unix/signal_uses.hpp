// SPDX-License-Identifier: MIT
// For each signal number, records the changes that the open signal sets of this process have made. So several sets can
// contain the same number, and a program can close the sets in any order. When the first set with a number opens, the
// library changes the signal mask and the action of the signal. When the last set with the number closes, the library
// restores the mask and the action.
#pragma once

#include "core/base.hpp"
#include "core/signal_set.hpp"

#include <signal.h>

namespace mio::impl {

using SignalHandler = void (*)(int number, siginfo_t *info, void *context);

// Prepares the signals of a set when the program opens the set. There are two methods. If `handler` is null, the
// function blocks the signals in the calling thread. Otherwise the function installs the handler for the signals, and
// unblocks the signals in the calling thread. If an open set uses the other method for one of the signals, the function
// returns -EBUSY and changes nothing.
int enter_signals(const SignalSet &set, SignalHandler handler);

// Undoes the changes of enter_signals for a set that the program closes. A change stays if another open set needs it.
// Call the function in the thread that has called enter_signals for the set.
void leave_signals(const SignalSet &set);

// Passes a signal on to the action that the signal had before the library installed the handler. If the handler runs
// although no set of this process contains the signal `number`, the handler calls this function. This happens in three
// cases:
//   - The process is a forked child.
//   - Another thread has closed the set just before this thread enters the handler.
//   - Other code has saved the handler and has installed it again.
// If `is_wanted` returns false, and the handler is still installed, the function restores the action that the
// handler replaced. Then the function raises the signal again, and the system delivers the signal when the handler
// returns. The function is async-signal-safe. All signals must be blocked.
void give_back_signal(int number, SignalHandler handler, bool (*is_wanted)(int number));

} // namespace mio::impl
