// SPDX-License-Identifier: MIT
#include "unix/signal_uses.hpp"

#include "core/sync.hpp"
#include "port/process.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/signal_mask.hpp"

#include <errno.h>
#include <time.h>

namespace mio::impl {

namespace {

struct Use {
    uint32_t sets;           // how many open sets have the number
    SignalHandler handler;   // how they have it; null: blocked
    bool mask_changed;       // the first one found it the other way
    bool action_changed;     // there is something to put back in
    struct sigaction before; // what the first one found; kept for give_back_signal
};

// Actions belong to the process and masks to its threads, not to any object of the caller's, so what was changed of them
// can be kept in no object either. This and `holder` are all there is; nothing of it is touched before a set is opened.
Use uses[SignalSet::most + 1];

// The generation (port/process.hpp) of the process that is opening or closing a set, or 0.
Atomic<uint32_t> holder{0};

// A child that was forked in the middle of somebody's turn would wait for ever for a thread that it does not have, so the
// lock says whose it is, and a child breaks it.
bool try_take_turn()
{
    const uint32_t self = process_generation();
    const uint32_t other = holder.load();
    return holder.exchange_if(other != self ? other : 0, self);
}

void end_turn()
{
    holder.store(0);
}

// Sets are opened and closed by several threads, rarely, and for a few system calls: they take turns. Signals are blocked
// meanwhile, because a handler may want a turn too and would wait for the thread that it has interrupted.
class Turn {
public:
    Turn()
    {
        sigset_t all;
        sigfillset(&all);
        mask = change_mask(SIG_BLOCK, all);
        while (!try_take_turn())
            pause_for_others();
    }
    ~Turn()
    {
        end_turn();
        (void)change_mask(SIG_SETMASK, mask);
    }
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;

    sigset_t mask; // the thread's, when the turn ends
};

template <typename Action>
void for_each_number(const SignalSet &set, Action action)
{
    for (int number = 1; number <= SignalSet::most; number++) {
        if (set.has(number)) action(number, &uses[number]);
    }
}

struct sigaction action_of(int number)
{
    struct sigaction action;
    (void)sigaction(number, nullptr, &action);
    return action;
}

void set_action(int number, const struct sigaction &action)
{
    (void)sigaction(number, &action, nullptr);
}

bool is_ignored(const struct sigaction &action)
{
    return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
}

// Makes the action that a number needs of the one that is there; false where that one will do.
bool change_action(int number, SignalHandler handler, struct sigaction *action)
{
    if (handler != nullptr) {
        // Nothing may interrupt it, so that whoever waits for it does not wait for others' handlers.
        *action = {};
        action->sa_sigaction = handler;
        action->sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        sigfillset(&action->sa_mask);
        return true;
    }
    // Of a child whose parent ignores it the system sends no signal at all; all other signals are kept while blocked.
    if (number != SIGCHLD || !is_ignored(*action)) return false;
    action->sa_handler = SIG_DFL;
    return true;
}

// Whether the action is still the one that was put in: else it is somebody else's, who came later.
bool is_in_place(int number, SignalHandler handler)
{
    const struct sigaction now = action_of(number);
    if (handler == nullptr) return (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL;
    return (now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == handler;
}

// Puts in the action that a number needs, and keeps the one that was there. It can be needed for the second set too,
// when somebody has come in between; and the handler can be there without any set, when somebody has put it back: then
// what it replaced in its time is known already.
void take_over(int number, Use *use)
{
    if (use->handler != nullptr && is_in_place(number, use->handler)) {
        use->action_changed = true;
        return;
    }
    const struct sigaction found = action_of(number);
    struct sigaction action = found;
    if (!change_action(number, use->handler, &action)) return;
    use->before = found;
    use->action_changed = true;
    set_action(number, action);
}

bool is_used_otherwise(const SignalSet &set, SignalHandler handler)
{
    bool found = false;
    for_each_number(set, [&](int, Use *use) { found = found || (use->sets > 0 && use->handler != handler); });
    return found;
}

} // namespace

int enter_signals(const SignalSet &set, SignalHandler handler)
{
    if (process_generation() == 0) return -ENOMEM; // the turns are told apart by it
    Turn turn;
    if (is_used_otherwise(set, handler)) return -EBUSY;
    for_each_number(set, [&](int number, Use *use) {
        const bool block = handler == nullptr;
        if (use->sets == 0) {
            const bool was_blocked = sigismember(&turn.mask, number) == 1;
            *use = {0, handler, was_blocked != block, false, use->before};
        }
        use->sets++;
        take_over(number, use);
        (void)(block ? sigaddset(&turn.mask, number) : sigdelset(&turn.mask, number));
    });
    return 0;
}

void leave_signals(const SignalSet &set)
{
    Turn turn;
    for_each_number(set, [&](int number, Use *use) {
        if (use->sets == 0 || --use->sets > 0) return;
        const bool block = use->handler != nullptr; // again
        if (use->mask_changed) (void)(block ? sigaddset(&turn.mask, number) : sigdelset(&turn.mask, number));
        if (use->action_changed && is_in_place(number, use->handler)) set_action(number, use->before);
    });
}

void give_back_signal(int number, SignalHandler handler, bool (*is_wanted)(int number))
{
    if (try_take_turn()) {
        if (!is_wanted(number) && is_in_place(number, handler)) set_action(number, uses[number].before);
        end_turn();
    } else {
        pause_for_others(); // a set is being opened or closed: the signal comes back when that is done
    }
    (void)raise(number);
}

void pause_for_others()
{
    const CancelGuard guard;
    const timespec moment = {0, 20'000};
    (void)nanosleep(&moment, nullptr);
}

// ---- the port's ---------------------------------------------------------------------------------------------------

} // namespace mio::impl
