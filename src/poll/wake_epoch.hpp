// SPDX-License-Identifier: MIT
// The epoch of a poll object, and why no wake is lost although most wakes make no system call and most waits make no
// atomic change.
//
// The protocol. The epoch is a number. An odd number means that a wake has marked the epoch, because it is about to
// notify. A wake reads the epoch and compares the epoch with the waker's `last`. If `last` is the marked epoch, another
// wake has notified in this epoch, and nothing is left to do. Otherwise the wake marks the epoch, notifies, and after a
// success stores the marked epoch that it read in `last`. A wait collects its events and then reads the epoch. If the
// epoch is marked, the wait advances to the next epoch, which has no mark. Then the wait returns to the caller.
// tests/models/waker.pml models this protocol in Spin.
//
// Why nothing is lost. Only a wake W that did not notify depends on another thread. A thread writes its data, and then
// its wake W reads the marked epoch e. Another wake V had read the same epoch, marked the epoch, notified, and stored e
// in `last`. The wait that collects the event of V reads the epoch later than V marked it. So this wait finds either
// that e is over, or e itself. In both cases the advance P that ends e comes before this wait returns. All changes of
// the epoch, and the read of W, are read-modify-write operations, so all of them have one order. W has read e, so W
// comes before P in this order. The wait therefore sees the data of W when it returns the event of V.
//
// The order of the steps has these reasons.
//  - W reads the epoch with fetch_add(0), not with a load. The processor could execute a load before the data has left
//    the store buffer. Then the load would read e, P would advance, the caller would look at old data, and only then
//    would the data arrive. W is also a write that P reads from, so the data is visible in the memory model of the
//    language.
//  - V marks the epoch before it notifies. Otherwise the wait could collect the event of V, find no mark, and not
//    advance. W would then read e after the caller has looked at its data, and would not notify.
//  - A wait reads the epoch after it has collected the events. Otherwise the wait could find no mark, and then collect
//    the event of V. The locks which the system takes to collect events keep the processor from reading the epoch too
//    early.
//  - P comes before the caller looks at its data. If P came after, a wake between this look and P would not notify.
//  - A wake stores `last` after the notification, and only if the notification succeeded, because other threads rely on
//    the notification. If a wake stored `last` first, and then failed or stopped for ever, the wakes of all other
//    threads would be lost as well.
//  - `last` becomes the epoch that was read before the notification. A wait may have collected the event since then, so
//    a later epoch would promise an event that no wait returns. A past epoch promises nothing.
//
// Three cases cost an extra step, but lose no wake. Threads that wake in the same epoch at the same time may all
// notify. A delayed wake can store an old epoch in `last`, so that the next wake notifies once more. A delayed wake can
// mark a later epoch than it has read, so that the next wait advances without need.
//
// The epoch has 64 bits and does not wrap: even with a wake every nanosecond, wrapping would take 292 years. If the
// machine has no 64-bit atomic operations, every wake notifies, and waits do not look at the epoch. A 32-bit epoch
// could wrap and become equal to an old `last`.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

class WakeEpoch {
public:
    constexpr explicit WakeEpoch(uint64_t first = 0) : number_(first) {}

    // Without 64-bit atomic operations no thread knows whether a wake has notified in this epoch.
    static constexpr bool is_known = Atomic<uint64_t>::lock_free;

    // For a wake: returns the number that this epoch has once it is marked.
    uint64_t read() { return number_.fetch_add(0) | marked; }

    // For a wake that is about to notify.
    void mark()
    {
        if constexpr (is_known) (void)number_.fetch_or(marked);
    }

    // For a wait that has collected its events. An atomic change takes a sixth of the time of an empty wait, so a wait
    // without a wake only reads.
    void end()
    {
        if constexpr (is_known) {
            const uint64_t number = number_.load();
            // If the exchange fails, another wait has ended this epoch.
            if (MIO_UNLIKELY((number & marked) != 0)) (void)number_.exchange_if(number, number + 1);
        }
    }

private:
    static constexpr uint64_t marked = 1;

    Atomic<uint64_t> number_;
};

} // namespace mio::impl
