// SPDX-License-Identifier: MIT
// Receives signals through EVFILT_SIGNAL of kqueue(2). The signals stay blocked. Each set has its own kqueue, and this
// kqueue is the descriptor of the set. EVFILT_SIGNAL only counts signals, so each signal stays pending until the
// library consumes it. EVFILT_SIGNAL reports neither the sender nor the value of a signal, so the members of
// mio_signal_info for the sender and the value stay 0.
#include "bsd/kqueue_calls.hpp"
#include "bsd/mechanisms.hpp"
#include "port/process.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"
#include "unix/signal_turn.hpp"
#include "unix/signal_uses.hpp"
#include "unix/write_signals.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// Adds a knote of EVFILT_SIGNAL for the signal `number`. This knote does not report a signal that was already pending
// when the knote was added. So if the signal is already pending, the function also adds a triggered knote of
// EVFILT_USER, if the system has this filter. The triggered knote makes the kqueue readable at once.
int watch_signal(int fd, int number)
{
    const uintptr_t ident = static_cast<uintptr_t>(number);
    const int failed = change_knote(fd, knote(ident, EVFILT_SIGNAL, EV_ADD | EV_CLEAR, 0));
    if (failed != 0 || !is_pending(number) || filter_user == no_filter) return failed;
    struct kevent change = knote(ident, filter_user, EV_ADD | EV_ONESHOT, 0);
    change.fflags = note_trigger;
    const int result = change_knote(fd, change);
    return result == -EINVAL ? 0 : result; // NetBSD before 10 lacks EVFILT_USER
}

int watch_signals(int fd, const SignalSet &set)
{
    int failed = 0;
    for (int number = 1; number <= SignalSet::most && failed == 0; number++) {
        if (set.has(number)) failed = watch_signal(fd, number);
    }
    return failed;
}

int open_signal_kqueue(const SignalSet &set, uint32_t *cookie, mio_handle *opened)
{
    const uint32_t generation = process_generation();
    if (generation == 0) return -ENOMEM;
    int fd;
    int failed = open_kqueue(&fd);
    if (failed != 0) return failed;
    failed = enter_signals(set, nullptr, nullptr, 0);
    if (failed == 0) {
        failed = watch_signals(fd, set);
        if (failed != 0) leave_signals(set);
    }
    if (failed != 0) {
        close_fd(fd);
        return failed;
    }
    *cookie = generation;
    *opened = fd;
    return 0;
}

bool stop_signal_kqueue(const SignalSet &set, uint32_t generation)
{
    const ErrnoGuard guard;
    leave_signals(set);
    return is_process_generation(generation);
}

// Consumes the signal if it is pending for the process or the calling thread. Returns whether the signal was pending.
// sigtimedwait(2) is optional in POSIX, and sigwait(3) blocks if another thread consumes the signal first. So threads
// take turns, and a thread calls sigwait(3) only while the signal is pending.
bool take_signal(int number)
{
    const CancelGuard guard;
    const SignalTurn turn;
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    bool taken = false;
    int received;
    while (is_pending(number) && sigwait(&one, &received) == 0)
        taken = true;
    return taken;
}

constexpr int ignored_by_default[] = {
    SIGCHLD, SIGIO, SIGURG, SIGWINCH,
#ifdef SIGINFO
    SIGINFO,
#endif
};

bool is_ignored(int number)
{
    struct sigaction action;
    if (sigaction(number, nullptr, &action) != 0 || (action.sa_flags & SA_SIGINFO) != 0) return false;
    bool ignored = action.sa_handler == SIG_IGN;
    for (const int other : ignored_by_default)
        ignored = ignored || (action.sa_handler == SIG_DFL && other == number);
    return ignored;
}

int recv_from_signal_kqueue(mio_handle handle, uint32_t generation, mio_signal_info *info)
{
    if (!is_process_generation(generation)) return -EBADF;
    for (;;) {
        struct kevent event;
        const int found = wait_on_kqueue(handle, &event, 1, 0);
        if (found <= 0) return found == 0 ? -EAGAIN : found;
        const int number = static_cast<int>(event.ident);
        // If the signal is no longer pending, skip the event: another set or another thread may have consumed the
        // signal. Do not skip an ignored signal: on the BSDs it is never pending, even while it is blocked.
        if (!take_signal(number) && !is_ignored(number)) continue;
        info->number = number;
        info->overrun = event.data > 1 ? static_cast<int32_t>(event.data - 1) : 0;
        return 1;
    }
}

} // namespace

const SignalMechanism signal_kqueue = {
    .name = "kqueue",
    .open = open_signal_kqueue,
    .stop = stop_signal_kqueue,
    .recv = recv_from_signal_kqueue,
};

} // namespace mio::impl
