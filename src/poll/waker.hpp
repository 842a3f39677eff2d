// SPDX-License-Identifier: MIT
// The waker, and why no wake is lost although most wakes make no system call.
//
// The protocol. The poll object holds an epoch. Every wait advances the epoch, after it has collected its events and
// before it returns to the caller. A wake reads the epoch and compares the epoch with the waker's `last`. If epoch and
// `last` are equal, another wake has notified in this epoch, and nothing is left to do. Otherwise the wake notifies.
// After a success the wake stores the epoch that it read in `last`. tests/models/waker.pml models this protocol in
// Spin.
//
// Why nothing is lost. A thread writes its data, and then its wake W reads epoch e. All accesses to the epoch are
// read-modify-write operations, so they happen in one order. In this order W comes before P, the advance that ends
// epoch e. So the wait that made P, and each later wait, sees the data. If W notified, the wait of P or a later wait
// returns the event of W. If W did not notify, W found last == e. In this case another wake has read epoch e and has
// notified afterwards. The wait of P or a later wait returns the event of that wake. In both cases a wait returns an
// event after P, and the caller then finds the data.
//
// The order of the steps has these reasons.
//  - W reads the epoch with fetch_add(0), not with a load. The processor could execute a load before the data has left
//    the store buffer. In this case the load would read e, P would come, the caller would look at old data, and the
//    data would arrive too late. W is also a write that P reads from, so the data is visible in the memory model of the
//    language.
//  - P comes after the wait has collected the events. If P came before, a wake between P and the collection would store
//    last = e + 1, and the wait would consume the event of this wake. After the caller has looked at its data, the next
//    wake in epoch e + 1 would not notify.
//  - P comes before the caller looks at its data. If P came later, a wake between this look and P would not notify.
//  - A wake stores `last` after the notification, and only if the notification succeeded, because other threads rely on
//    the notification. If a wake stored `last` first, and then failed or stopped for ever, the wakes of all other
//    threads would be lost as well.
//  - `last` becomes the epoch that was read before the notification. A wait may have collected the event since, so a
//    later epoch would promise an event that no wait returns. A past epoch promises nothing.
//
// Two cases cost an extra system call, but lose no wake. Threads that wake in the same epoch at the same time may all
// notify. A delayed wake can store an old epoch in `last`, so that the next wake notifies once more.
//
// The epoch has 64 bits and does not wrap: even with a wait every nanosecond, wrapping would take 584 years. If the
// machine has no 64-bit atomic operations, every wake notifies. A 32-bit epoch could wrap and become equal to an old
// `last`.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"
#include "poll/poller.hpp"
#include "port/notifier.hpp"

#include <mio/waker.h>

struct mio_waker {
    mio::impl::Atomic<uint64_t> last{0}; // the epoch starts at 1
    mio_poll *poll;
    mio::impl::Notify notify;
    const mio::impl::Notifier *descriptor; // null for the selector's own notifier
    mio::impl::NotifierEnds ends;
};

namespace mio::impl {

int open_waker(mio_poll *poll, uintptr_t token, mio_waker **waker);
int wake(mio_waker *waker);
void free_waker(mio_waker *waker);

} // namespace mio::impl
