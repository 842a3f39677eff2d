// SPDX-License-Identifier: MIT
#include "unix/signal_mask.hpp"

#include "port/signal_mask.hpp"
#include "unix/calls.hpp"
#include "unix/errno_guard.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

// The content of a mask is a sigset_t, followed by zeros.
static_assert(sizeof(mio_signal_mask) >= sizeof(sigset_t));
static_assert(alignof(mio_signal_mask) >= alignof(sigset_t));

namespace {

// In a sigset_t, all bytes after the bits of the signals are zero.
constexpr size_t bytes_with_signals = (NSIG - 1 + 7) / 8;
static_assert(bytes_with_signals <= sizeof(sigset_t));

void change_and_save(int how, const sigset_t &set, mio_signal_mask *saved)
{
    const sigset_t before = change_mask(how, set);
    if (saved == nullptr) return;
    *saved = {};
    memcpy(saved->opaque, &before, sizeof before);
}

} // namespace

sigset_t change_mask(int how, const sigset_t &set)
{
    sigset_t before = {}; // zeroed, because the system may write only the first bytes of the set
    // The call fails only if `how` is invalid.
    (void)sigprocmask(how, &set, &before);
    return before;
}

sigset_t sigset_of(const SignalSet &set)
{
    sigset_t result;
    sigemptyset(&result);
    for (int number = 1; number <= SignalSet::most; number++) {
        if (set.has(number)) (void)sigaddset(&result, number);
    }
    return result;
}

int change_signal_mask(MaskChange change, const int *numbers, size_t count, mio_signal_mask *saved)
{
    const ErrnoGuard guard;
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) {
        const int number = numbers[i];
        if (number == SIGKILL || number == SIGSTOP) return -EINVAL;
        // libc rejects numbers that are not signals, and signals that libc itself uses.
        const int wrong = result_of(sigaddset(&set, number));
        if (wrong != 0) return wrong;
    }
    change_and_save(change == MaskChange::block ? SIG_BLOCK : SIG_UNBLOCK, set, saved);
    return 0;
}

int change_whole_signal_mask(MaskChange change, mio_signal_mask *saved)
{
    sigset_t set;
    if (change == MaskChange::unblock) {
        sigemptyset(&set);
        change_and_save(SIG_SETMASK, set, saved);
        return 0;
    }
    sigfillset(&set);
    for (const int number : fault_signals)
        sigdelset(&set, number);
    sigdelset(&set, SIGABRT);
    change_and_save(SIG_BLOCK, set, saved);
    return 0;
}

int restore_signal_mask(const mio_signal_mask *saved)
{
    sigset_t set;
    memcpy(&set, saved->opaque, sizeof set);
    (void)change_mask(SIG_SETMASK, set);
    return 0;
}

int load_signal_mask(mio_signal_mask *mask, const void *sigset, size_t size)
{
    if (size != sizeof(sigset_t)) return -EINVAL;
    mio_signal_mask made = {};
    memcpy(made.opaque, sigset, bytes_with_signals);
    *mask = made;
    return 0;
}

int store_signal_mask(const mio_signal_mask *mask, void *sigset, size_t size)
{
    if (size != sizeof(sigset_t)) return -EINVAL;
    memcpy(sigset, mask->opaque, size);
    return 0;
}

} // namespace mio::impl
