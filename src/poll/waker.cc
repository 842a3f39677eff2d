// SPDX-License-Identifier: MIT
#include "poll/waker.hpp"

#include "core/memory.hpp"
#include "poll/backends.hpp"
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

} // namespace

int open_waker(mio_poll *poll, uintptr_t token, mio_waker **waker)
{
    mio_waker *made = create<mio_waker>();
    if (made == nullptr) return -ENOMEM;
    int failed = open_notifier(&made->notifier, &made->ends);
    if (failed == 0) {
        failed = register_handle(poll, made->ends.watched, token, MIO_READABLE);
        if (failed != 0) made->notifier->close(&made->ends);
    }
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
    if (is_freed(waker->poll) || is_on_its_way(waker)) return 0;
    return waker->notifier->notify(&waker->ends);
}

void free_waker(mio_waker *waker)
{
    // Closing would do, unless a child that forked holds a copy of the descriptor.
    (void)deregister_handle(waker->poll, waker->ends.watched);
    waker->notifier->close(&waker->ends);
    drop_reference(waker->poll);
    destroy(waker);
}

} // namespace mio::impl
