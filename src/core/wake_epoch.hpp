// SPDX-License-Identifier: MIT
// The epoch of a poll object is a number. From the epoch, a wake knows whether an earlier wake has already notified the
// next wait. With the epoch, most wakes make no system call, and most waits make no atomic change. But no wake is
// lost.
//
// The protocol is as follows. An odd epoch means that a wake has marked the epoch. A wake marks the epoch
// before it notifies. Each waker has a variable `last`, the marked epoch of its latest notification. A wake compares
// `last` with the epoch. If `last` is the current epoch, an earlier wake of this waker has already notified in this
// epoch, and nothing is left to do. Otherwise the wake marks the epoch and notifies. If the notification succeeds, the
// wake stores the marked epoch in `last`. A wait collects its events and then reads the epoch. If the epoch is marked,
// the wait advances to the next epoch, which has no mark. Then the wait returns to the caller. tests/models/waker.pml
// models this protocol in Spin.
//
// No wake is lost. If a wake notifies, the current or the next wait returns the event of the waker. Now suppose that a
// wake W does not notify, because an earlier wake V of the same waker has already notified. V has marked epoch e, has
// notified, and has stored e in `last`. The thread of W writes its data, and then W reads e. The wait that collects the
// event of V reads the epoch after V has marked the epoch. So this wait either ends e, or finds that another wait has
// ended e. In both cases, e has ended before this wait returns. Let P be the operation that ends e. Let R be the
// operation by which W reads e. P and R are read-modify-write operations on the epoch, so one of them comes before the
// other. R has read e, so R comes before P. The wait therefore sees the data of W when the wait returns the event of V.
//
// The order of the steps has these reasons.
//  - W reads the epoch with fetch_add(0), not with a load. With a load, the processor could read e while the data of W
//    is still in the store buffer. A wait could then advance the epoch, and the caller of the wait could look at old
//    data before the new data arrives. fetch_add(0) also writes the epoch, and P reads the value that fetch_add(0) has
//    written. So the memory model of C++ makes the data of W visible after P.
//  - V marks the epoch before it notifies. Otherwise the wait could collect the event of V, find no mark, and not
//    advance the epoch. Then W could read e after the caller has looked at the data. W would not notify, so this wake
//    would be lost.
//  - A wait reads the epoch after it has collected the events. Otherwise the wait could find no mark, then collect the
//    event of V, and not advance the epoch. The system takes locks to collect events. These locks keep the processor
//    from reading the epoch too early.
//  - P comes before the caller looks at the data. Suppose that the caller looked first. Between this look and P,
//    another thread could write its data. The wake of this thread would then read e and not notify, so the wake would
//    be lost.
//  - A wake stores `last` only after its notification has succeeded, because other threads rely on the notification.
//    Suppose that a wake stored `last` first. Then its notification could fail, or its thread could stop before the
//    notification. In both cases, all other wakes of this waker in this epoch would be lost as well.
//  - A wake stores in `last` the epoch that it marked. The wake does not read the epoch again after its notification,
//    because a wait may already have collected the event and advanced the epoch. A later epoch in `last` would promise
//    an event that no wait returns. An ended epoch in `last` is harmless, because no wake finds this epoch again.
//
// Two cases cost an extra system call, but lose no wake. If several threads wake at the same time in one epoch, each of
// them may notify. If a delayed wake stores an old epoch in `last`, the next wake notifies once more.
//
// The epoch has 64 bits and does not wrap: even with a wake every nanosecond, wrapping would take 292 years. If the
// machine has no 64-bit atomic operations, every wake notifies, and waits do not look at the epoch. A 32-bit epoch
// would not be safe on such a machine: it could wrap and become equal to an old `last`.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"

#include <stdint.h>

namespace mio::impl {

class WakeEpoch {
public:
    // No epoch has this number.
    static constexpr uint64_t none = 0;

    // False if the machine has no 64-bit atomic operations. On such a machine, no thread knows whether a wake has
    // notified the poll object in this epoch, so every wake notifies the poll object.
    static constexpr bool is_known = Atomic<uint64_t>::lock_free;

    constexpr explicit WakeEpoch(uint64_t first = 2) : number_(first) {}

    // Returns whether a waker has already notified the poll object in this epoch. `last` is the epoch of the waker's
    // latest notification, so the function compares `last` with this epoch. The function first loads the number of this
    // epoch. If the number differs from `last`, the function returns at once, without the slower fetch_add.
    bool is_notified(uint64_t last) { return number_.load() == last && number_.fetch_add(0) == last; }

    // Marks the epoch, and returns the marked epoch. A wake calls this function before it notifies.
    uint64_t mark() { return number_.fetch_or(marked) | marked; }

    // Ends the epoch if the epoch is marked. A wait calls this function after it has collected its events. If no wake
    // has marked the epoch, the function only reads. If every wait made an atomic change, a wait without events would
    // take a sixth longer.
    void end()
    {
        if constexpr (!is_known) return;
        const uint64_t number = number_.load();
        // If the exchange fails, another wait has ended this epoch.
        if (MIO_UNLIKELY((number & marked) != 0)) (void)number_.exchange_if(number, number + 1);
    }

private:
    static constexpr uint64_t marked = 1;

    Atomic<uint64_t> number_;
};

} // namespace mio::impl
