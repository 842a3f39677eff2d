// SPDX-License-Identifier: MIT
#include "unix/signal_turn.hpp"

#include "core/sync.hpp"
#include "port/process.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/signal_mask.hpp"

#include <time.h>

namespace mio::impl {

namespace {

// The generation (port/process.hpp) of the process whose thread holds the turn, or 0 if no thread holds the turn. The
// value stays 0 until the program opens its first signal set.
Atomic<uint32_t> holder{0};

} // namespace

bool try_take_signal_turn()
{
    const uint32_t self = process_generation();
    const uint32_t other = holder.load();
    return holder.exchange_if(other != self ? other : 0, self);
}

void end_signal_turn()
{
    holder.store(0);
}

void pause_for_others()
{
    const CancelGuard guard;
    const timespec moment = {0, 20'000};
    (void)nanosleep(&moment, nullptr);
}

SignalTurn::SignalTurn()
{
    sigset_t all;
    sigfillset(&all);
    mask = change_mask(SIG_BLOCK, all);
    while (!try_take_signal_turn())
        pause_for_others();
}

SignalTurn::~SignalTurn()
{
    end_signal_turn();
    (void)change_mask(SIG_SETMASK, mask);
}

} // namespace mio::impl
