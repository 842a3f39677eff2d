// SPDX-License-Identifier: MIT
#include "poll/waker.hpp"

#include "core/race_detector.hpp"
#include "poll/backends.hpp"
#include "port/memory.hpp"
#include "port/probe.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

int open_own_notifier(mio_poll *poll, uintptr_t token, mio_waker *waker)
{
    const SelectorNotifier *own = poll->selector->notifier;
    if (own == nullptr) return -ENOSYS;
    waker->notify = own->notify;
    return own->open(selector_state(poll), token, &waker->ends);
}

int open_descriptor(mio_poll *poll, uintptr_t token, mio_waker *waker)
{
    int failed = open_notifier(&waker->descriptor, &waker->ends);
    if (failed != 0) return failed;
    waker->notify = waker->descriptor->notify;
    constexpr uint32_t interest = MIO_READABLE | interest_notifier;
    failed = poll->selector->add(selector_state(poll), waker->ends.watched, token, interest);
    if (failed != 0) waker->descriptor->close(&waker->ends);
    return failed;
}

int open_any_notifier(mio_poll *poll, uintptr_t token, mio_waker *waker)
{
    const int result = open_own_notifier(poll, token, waker);
    return result == -ENOSYS ? open_descriptor(poll, token, waker) : result;
}

// In the next two functions, the selector is open even after mio_poll_free, because the waker holds a reference.

void close_own_notifier(mio_waker *waker)
{
    mio_poll *poll = waker->poll;
    if (is_ours(poll)) poll->selector->notifier->close(selector_state(poll), &waker->ends);
}

void close_descriptor(mio_waker *waker)
{
    // Deregister before the close, because a close does not end the registration while a forked child has a copy of the
    // descriptor. Deregister even if the program has freed the poll object: a wait may still be running, and must not
    // take the next file with this number for the waker.
    mio_poll *poll = waker->poll;
    if (is_ours(poll)) (void)poll->selector->remove(selector_state(poll), waker->ends.watched);
    waker->descriptor->close(&waker->ends);
}

bool is_pending(const mio_waker *waker)
{
    if constexpr (!WakeEpoch::is_known) return false;
    return waker->poll->epoch.is_notified(waker->last.load());
}

// Marks the epoch and notifies. If the compiler inlined this function into the wake, every wake would save registers
// that only a notification needs.
[[gnu::noinline]] int notify_in_epoch(mio_waker *waker)
{
    MIO_PROBE(wake, waker->poll, waker, 1);
    uint64_t epoch = WakeEpoch::none;
    if constexpr (WakeEpoch::is_known) epoch = waker->poll->epoch.mark();
    const int failed = waker->notify(&waker->ends);
    // If another wake finds the current epoch in `last`, that wake does not notify. So store the epoch only after the
    // notification has succeeded. Store the epoch that this wake marked, not the current epoch: a wait may already have
    // begun a new epoch, and this wake has sent no notification in the new epoch.
    if (WakeEpoch::is_known && failed == 0) waker->last.publish(epoch);
    return failed;
}

} // namespace

int open_waker(mio_poll *poll, uintptr_t token, mio_waker **waker)
{
    const int wrong = is_usable(poll);
    if (wrong != 0) return wrong;
    mio_waker *made = create<mio_waker>();
    if (made == nullptr) return -ENOMEM;
    const int failed = open_any_notifier(poll, token, made);
    if (failed != 0) {
        destroy(made);
        return failed;
    }
    add_reference(poll);
    made->poll = poll;
    *waker = made;
    return 0;
}

int wake(mio_waker *waker)
{
    const int wrong = is_usable(waker->poll);
    if (MIO_UNLIKELY(wrong != 0)) return wrong == -EBADF ? 0 : wrong;
    tell_release(&waker->poll->epoch);
    if (!is_pending(waker)) return notify_in_epoch(waker);
    MIO_PROBE(wake, waker->poll, waker, 0);
    return 0;
}

void free_waker(mio_waker *waker)
{
    waker->descriptor != nullptr ? close_descriptor(waker) : close_own_notifier(waker);
    drop_reference(waker->poll);
    destroy(waker);
}

} // namespace mio::impl
