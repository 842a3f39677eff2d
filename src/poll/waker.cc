// SPDX-License-Identifier: MIT
#include "poll/waker.hpp"

#include "core/memory.hpp"
#include "poll/backends.hpp"
#include "poll/probe.hpp"
#include "poll/registration.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// Whether a notification is on its way that this wake can rely on; if not, the caller must send one.
bool is_on_its_way(mio_waker *waker)
{
    if constexpr (!Atomic<uint64_t>::lock_free) return false;
    const uint64_t epoch = waker->poll->epoch.fetch_add(0);
    return waker->last.load() == epoch || waker->last.exchange(epoch) == epoch;
}

int open_registered_notifier(mio_poll *poll, uintptr_t token, mio_waker *waker)
{
    int failed = open_notifier(&waker->notifier, &waker->ends);
    if (failed != 0) return failed;
    constexpr uint32_t interest = MIO_READABLE | interest_notifier;
    failed = poll->selector->add(selector_state(poll), waker->ends.watched, token, interest);
    if (failed != 0) waker->notifier->close(&waker->ends);
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
    if (is_on_its_way(waker)) {
        MIO_PROBE(wake, waker->poll, waker, 0);
        return 0;
    }
    MIO_PROBE(wake, waker->poll, waker, 1);
    return waker->notifier->notify(&waker->ends);
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
