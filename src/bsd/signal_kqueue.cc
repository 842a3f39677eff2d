// SPDX-License-Identifier: MIT
// Signals through EVFILT_SIGNAL of kqueue(2). The signals stay blocked. A kqueue of its own makes the set a descriptor.
// EVFILT_SIGNAL counts deliveries and leaves the signal pending, so receiving also takes the pending signal. The filter
// tells neither the sender nor a value, and they stay 0.
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

// A signal that is pending already is no delivery. Where there is EVFILT_USER, a knote of the same number reports it.
int watch_signal(int fd, int number)
{
    const uintptr_t ident = static_cast<uintptr_t>(number);
    const int failed = change_knote(fd, knote(ident, EVFILT_SIGNAL, EV_ADD | EV_CLEAR, 0));
    if (failed != 0 || !is_pending(number) || filter_user == no_filter) return failed;
    struct kevent change = knote(ident, filter_user, EV_ADD | EV_ONESHOT, 0);
    change.fflags = note_trigger;
    const int result = change_knote(fd, change);
    return result == -EINVAL ? 0 : result; // NetBSD has the filter from version 10 on
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
    failed = enter_signals(set, nullptr);
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

// Takes all deliveries that are pending for the process or the calling thread. Returns whether there was one.
// sigtimedwait(2), which waits for no signal that another thread takes, is optional in POSIX. So the threads of the
// library take turns, and only look for what is pending.
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

int recv_from_signal_kqueue(mio_handle handle, uint32_t generation, mio_signal_info *info)
{
    if (!is_process_generation(generation)) return -EBADF;
    for (;;) {
        struct kevent event;
        const int found = wait_on_kqueue(handle, &event, 1, 0);
        if (found <= 0) return found == 0 ? -EAGAIN : found;
        const int number = static_cast<int>(event.ident);
        // Another set with the number, or another thread, may have taken the signal.
        if (!take_signal(number)) continue;
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
