// SPDX-License-Identifier: MIT
#include "poll/waker.hpp"

#include "core/memory.hpp"
#include "core/race_detector.hpp"
#include "poll/backends.hpp"
#include "poll/registration.hpp"
#include "port/probe.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// What is sent in this epoch cannot be known where the machine has no 64-bit atomic operations: each wake notifies.
constexpr bool knows_epochs = Atomic<uint64_t>::lock_free;

int open_registered_notifier(mio_poll *poll, uintptr_t token, mio_waker *waker)
{
    int failed = open_notifier(&waker->notifier, &waker->ends);
    if (failed != 0) return failed;
    constexpr uint32_t interest = MIO_READABLE | interest_notifier;
    failed = poll->selector->add(selector_state(poll), waker->ends.watched, token, interest);
    if (failed != 0) waker->notifier->close(&waker->ends);
    return failed;
}

// Apart, so that a wake that finds one on its way saves no registers for it.
[[gnu::noinline]] int notify_in_epoch(mio_waker *waker, uint64_t epoch)
{
    MIO_PROBE(wake, waker->poll, waker, 1);
    const int failed = waker->notifier->notify(&waker->ends);
    // Others rely on it from here on: only now, and only on the epoch that was read before.
    if (knows_epochs && failed == 0) waker->last.store(epoch);
    return failed;
}

} // namespace

int open_waker(mio_poll *poll, uintptr_t token, mio_waker **waker)
{
    const int wrong = is_usable(poll);
    if (wrong != 0) return wrong;
    mio_waker *made = create<mio_waker>();
    if (made == nullptr) return -ENOMEM;
    const int failed = open_registered_notifier(poll, token, made);
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
    tell_release(waker->poll);
    uint64_t epoch = 0;
    if constexpr (knows_epochs) {
        epoch = waker->poll->epoch.fetch_add(0);
        if (waker->last.load() == epoch) {
            MIO_PROBE(wake, waker->poll, waker, 0);
            return 0;
        }
    }
    return notify_in_epoch(waker, epoch);
}

void free_waker(mio_waker *waker)
{
    // Closing would do, unless a child that forked holds a copy of the descriptor. In such a child this does nothing,
    // and the parent's waker lives on.
    (void)deregister_handle(waker->poll, waker->ends.watched);
    waker->notifier->close(&waker->ends);
    drop_reference(waker->poll);
    destroy(waker);
}

} // namespace mio::impl
