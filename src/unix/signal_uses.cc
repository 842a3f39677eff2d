// SPDX-License-Identifier: MIT
#include "unix/signal_uses.hpp"

#include "port/process.hpp"
#include "unix/errno_guard.hpp"
#include "unix/signal_mask.hpp"
#include "unix/signal_turn.hpp"

#include <errno.h>
#include <unistd.h>

namespace mio::impl {

namespace {

struct Use {
    uint32_t sets;           // number of open sets that contain this signal number
    SignalHandler handler;   // the handler of the sets; null if the sets block the signal
    bool mask_changed;       // when the last of the sets closes, the library must restore the mask
    bool action_changed;     // when the last of the sets closes, the library must restore the action
    int restored_in;         // the pid of the process that has restored the action `before`; 0 for none
    struct sigaction before; // the action that the handler replaced, and that closing the last set restores

    // The action that has the effect "before the library installed its handler". Other code can install its own handler
    // over the library's handler, and can call the library's handler from its own handler. The library can find the
    // other handler later, when it installs its handler again. The other handler is then in `before`, but not here.
    struct sigaction earliest;
};

// Several open sets can contain the same signal, so all sets of the process share one record for each signal number.
// Until the program opens its first set, the array `uses` contains only zeros.
Use uses[SignalSet::most + 1];

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

bool is_same_handler(const struct sigaction &left, const struct sigaction &right)
{
    return (left.sa_flags & SA_SIGINFO) == (right.sa_flags & SA_SIGINFO) && left.sa_handler == right.sa_handler;
}

// Calls the handler of the action, if the action has a handler.
void call_action(const struct sigaction &action, int number, siginfo_t *info, void *context)
{
    if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) return;
    if ((action.sa_flags & SA_SIGINFO) != 0) {
        action.sa_sigaction(number, info, context);
    } else {
        action.sa_handler(number);
    }
}

// Changes *action to the action that the signal `number` needs. Returns false if *action needs no change.
bool change_action(int number, SignalHandler handler, struct sigaction *action)
{
    if (handler != nullptr) {
        // Block all signals while the handler runs. Otherwise another handler could interrupt this handler, and a
        // thread that waits for this handler would wait for both handlers.
        *action = {};
        action->sa_sigaction = handler;
        action->sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
        sigfillset(&action->sa_mask);
        return true;
    }
    // A set can receive a signal even if the process ignores the signal, with one exception: the kernel never sends an
    // ignored SIGCHLD. So SIGCHLD needs its default action.
    if (number != SIGCHLD || !is_ignored(*action)) return false;
    action->sa_handler = SIG_DFL;
    return true;
}

// True if the current action is still the library's own, and false if other code has installed another action.
bool is_in_place(int number, SignalHandler handler)
{
    const struct sigaction now = action_of(number);
    if (handler == nullptr) return (now.sa_flags & SA_SIGINFO) == 0 && now.sa_handler == SIG_DFL;
    return (now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == handler;
}

// Installs the action that the signal `number` needs, and saves the current action. When the program opens a second set
// with this signal, the library calls take_over again, because other code may have changed the action since the first
// call. If the current action is the handler of the library, the function does not change `before`, because `before`
// has the action that the handler replaced. The handler of the library can be installed even if no set is open: other
// code can save the handler, and install the handler again after the last set has closed. If other code has replaced
// the handler of the library, its action may call the handler. So the function does not store this action in
// `earliest`.
void take_over(int number, Use *use)
{
    use->restored_in = 0;
    if (use->handler != nullptr && is_in_place(number, use->handler)) {
        use->action_changed = true;
        return;
    }
    const struct sigaction found = action_of(number);
    struct sigaction action = found;
    if (!change_action(number, use->handler, &action)) return;
    if (use->sets == 1 && !is_same_handler(found, use->before)) use->earliest = found;
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

// Restores the action that the handler replaced, if no set needs the handler. Returns false if the action belongs to
// other code, which has called the library's handler. The caller holds the turn.
bool restore_action(int number, SignalHandler handler, bool (*is_wanted)(int number))
{
    if (is_wanted(number)) return true;
    Use *use = &uses[number];
    if (is_in_place(number, handler)) {
        // If this process has already restored `before`, other code has installed the handler again. The action in
        // `before` may do so each time, for example if it is the handler of a second copy of this library. So restore
        // `earliest`, which is older than this handler. A child of vfork(2) shares the record of its parent, but not
        // the actions, so the record has the pid.
        const int self = getpid();
        set_action(number, use->restored_in == self ? use->earliest : use->before);
        use->restored_in = self;
        return true;
    }
    // If leave_signals has restored the action in the meantime, the system called the handler before.
    return is_same_handler(action_of(number), use->earliest);
}

// Raises the signal again, or returns the action that the caller must call instead. The caller blocks all signals.
struct sigaction pass_on(int number, SignalHandler handler, bool (*is_wanted)(int number))
{
    const ErrnoGuard guard;
    if (!try_take_signal_turn()) {
        pause_for_others(); // another thread is opening or closing a set
    } else {
        const bool can_raise = restore_action(number, handler, is_wanted);
        const struct sigaction earliest = uses[number].earliest;
        end_signal_turn();
        if (!can_raise) return earliest;
    }
    (void)raise(number);
    return {};
}

} // namespace

int enter_signals(const SignalSet &set, SignalHandler handler, void (*publish)(uint32_t cookie), uint32_t cookie)
{
    if (process_generation() == 0) return -ENOMEM; // a SignalTurn needs the generation
    SignalTurn turn;
    if (is_used_otherwise(set, handler)) return -EBUSY;
    if (publish != nullptr) publish(cookie);
    for_each_number(set, [&](int number, Use *use) {
        const bool block = handler == nullptr;
        if (use->sets == 0) {
            const bool was_blocked = sigismember(&turn.mask, number) == 1;
            *use = {0, handler, was_blocked != block, false, 0, use->before, use->earliest};
        }
        use->sets++;
        take_over(number, use);
        (void)(block ? sigaddset(&turn.mask, number) : sigdelset(&turn.mask, number));
    });
    return 0;
}

void leave_signals(const SignalSet &set)
{
    SignalTurn turn;
    for_each_number(set, [&](int number, Use *use) {
        if (use->sets == 0 || --use->sets > 0) return;
        // If opening the first set changed the mask, undo this change. A set with a handler has unblocked the signal,
        // and a set without a handler has blocked the signal.
        const bool block = use->handler != nullptr;
        if (use->mask_changed) (void)(block ? sigaddset(&turn.mask, number) : sigdelset(&turn.mask, number));
        if (!use->action_changed) return;
        use->restored_in = getpid();
        if (is_in_place(number, use->handler)) {
            set_action(number, use->before);
        } else if (use->handler != nullptr) {
            use->before = action_of(number); // this action may call the handler: see take_over
        }
    });
}

void give_back_signal(int number, siginfo_t *info, void *context, SignalHandler handler, bool (*is_wanted)(int number))
{
    sigset_t all;
    sigfillset(&all);
    const sigset_t mask = change_mask(SIG_BLOCK, all); // a handler of other code may have left signals unblocked
    const struct sigaction action = pass_on(number, handler, is_wanted);
    (void)change_mask(SIG_SETMASK, mask);
    call_action(action, number, info, context);
}

} // namespace mio::impl
