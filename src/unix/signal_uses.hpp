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
// returns -EBUSY and changes nothing. Otherwise the function calls `publish(cookie)` before it installs the handler. A
// handler may use the set from then on, and not earlier. If `publish` is null, the function does not call it.
int enter_signals(const SignalSet &set, SignalHandler handler, void (*publish)(uint32_t cookie), uint32_t cookie);

// Undoes the changes of enter_signals for a set that the program closes. A change stays if another open set needs it.
// Call the function in the thread that has called enter_signals for the set.
void leave_signals(const SignalSet &set);

// Passes a signal on to the action that the signal had before the library installed the handler. If the handler runs
// although no set of this process contains the signal `number`, the handler calls this function. This happens in four
// cases:
//   - The process is a forked child.
//   - Another thread has closed the set just before this thread enters the handler.
//   - Other code has saved the handler and has installed it again.
//   - Other code has installed its own handler over the handler, and calls the handler from its own handler.
// If `is_wanted` returns false, and the handler is still installed, the function restores the action that the
// handler replaced. Then the function raises the signal again, and the system delivers the signal when the handler
// returns. In the last case, the system would run the other code's handler again and again. So the function does not
// raise the signal, and calls the earlier action itself. It does nothing for SIG_IGN. It also does nothing for SIG_DFL,
// because a program cannot call the default action. The function is async-signal-safe.
void give_back_signal(int number, siginfo_t *info, void *context, SignalHandler handler, bool (*is_wanted)(int number));

} // namespace mio::impl
