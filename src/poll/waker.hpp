// SPDX-License-Identifier: MIT
// The waker, and why no wake is lost though most of them make no system call.
//
// The protocol. The poll object holds an epoch, which every wait advances after it has collected its events and before
// it returns to the caller. A wake reads the epoch and compares it with the waker's `last`. If they are equal, another
// wake has notified in this epoch, and nothing is left to do. Otherwise it notifies, and after a success it stores the
// epoch that it read in `last`. tests/models/waker.pml is this as a Spin model.
//
// Why nothing is lost. Let the caller's data be written, and then a wake W read epoch e. All accesses to the epoch are
// read-modify-write operations, so W has a place in one order of them, before the advance P that ends e. The wait that
// made P, and each later one, therefore sees the data. If W notified, its event comes with that wait or a later one. If
// did not, it found last == e: another wake read epoch e and notified after that, so its event, too, comes with the
// wait of P or a later one. Either way an event is returned after P, and the caller then finds the data.
//
// Why each step is where it is.
//  - W reads the epoch with fetch_add(0), not with a load. A load could be carried out before the data has left the
//    store buffer: it would read e, P would advance, the caller would look at old data, and then the data arrive. As a
//    read-modify-write it is also what P reads from, which makes the data visible in the language's terms.
//  - P comes after the events are collected. Were it before, a wake between the two would notify into an event that
//    this wait collects, fine; but a wake after P and before the collection would leave last == e + 1 with its event
//    consumed, and the next wake in e + 1, after the caller has looked at its data, would be elided.
//  - P comes before the caller looks at its data. Were it after, a wake between the look and P would be elided.
//  - `last` is stored after the notification, and only if that succeeded: others rely on it. Were it before, a thread
//    that fails, or stops for ever between the two steps, would lose the wakes of all others as well.
//  - What is stored is the epoch that was read before the notification. The event may have been collected since, so a
//    later epoch would promise an event that nobody will see. The old one promises nothing any more once it has passed.
//
// The cost: threads that wake in the same epoch at the same time may all notify, and a wake that stalls can put an
// old epoch into `last`, so that the next one notifies once more. Either costs a system call, and loses no wake.
//
// The epoch has 64 bits, so it does not wrap: with a wait every nanosecond it would take 584 years. If the machine
// has no 64-bit atomic operations, every wake notifies; a 32-bit epoch could come round to a stale `last`.
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
    const mio::impl::Notifier *descriptor; // null: the selector's own notifier
    mio::impl::NotifierEnds ends;
};

namespace mio::impl {

int open_waker(mio_poll *poll, uintptr_t token, mio_waker **waker);
int wake(mio_waker *waker);
void free_waker(mio_waker *waker);

} // namespace mio::impl
