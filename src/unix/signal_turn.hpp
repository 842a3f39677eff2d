// SPDX-License-Identifier: MIT
// Threads take turns to change signal actions. An action belongs to the whole process, and a change takes a few system
// calls. So only one thread at a time, the holder of the turn, may make changes.
#pragma once

#include "core/base.hpp"

#include <signal.h>

namespace mio::impl {

// Tries to take the turn, without waiting. Succeeds if no thread holds the turn. Returns whether the calling thread now
// holds the turn. A forked child does not have the other threads of its parent. If one of these threads held the turn,
// the child may take over the turn. Async-signal-safe.
bool try_take_signal_turn();

void end_signal_turn();

// Sleeps for a moment, so that another thread can finish. Yielding is not enough: under real-time scheduling the other
// thread might never run.
void pause_for_others();

// The constructor waits until the thread gets the turn, and the destructor ends the turn. From the constructor to the
// destructor, the thread blocks all signals. Otherwise a handler that needs the turn could wait for the thread that the
// handler has interrupted.
class SignalTurn {
public:
    SignalTurn();
    ~SignalTurn();
    SignalTurn(const SignalTurn &) = delete;
    SignalTurn &operator=(const SignalTurn &) = delete;

    sigset_t mask; // the thread gets this mask when the turn ends
};

} // namespace mio::impl
