// SPDX-License-Identifier: MIT
// A selector is the system's mechanism that reports which descriptors are ready. A backend is one file with one
// constant table, a struct Selector. port/mechanisms.hpp lists the tables. In a table, only `retire`, `rearm` and
// `notifier` may be null. `list` and `handle` may return -ENOTSUP, and so may `wait` if it gets a mask. Callers pass
// this error on. Every platform supports the functions that are not named here, and a `wait` without a mask.
#pragma once

#include "core/base.hpp"
#include "core/race_detector.hpp"
#include "core/wake_epoch.hpp"
#include "port/notifier.hpp"

#include <mio/base.h>
#include <mio/event.h>

namespace mio::impl {

// Marks the registration of a notifier. If an interest has this bit, the handle is the watched end of a notifier. A
// selector that cannot report edges must drain the notifier after each report. Otherwise the selector would report the
// notifier for ever.
constexpr uint32_t interest_notifier = UINT32_C(1) << 31;

// The state of one registration in a selector, for human readers. For the selector's own notifier, `handle` is
// MIO_HANDLE_NONE. `armed` has the bits of the interest that the next wait can report. After the selector has reported
// an edge, `armed` lacks the bits of this edge until a call of `rearm`. `asleep` is true if the selector has reported
// the event of a oneshot registration. Then the selector reports no further event of this handle, not even an error,
// and `interest` may lack bits.
struct Registration {
    mio_handle handle;
    bool asleep;
    uintptr_t token;
    uint32_t interest; // the registration of a waker has the bit interest_notifier
    uint32_t armed;
};

// `list` calls `visit` once for each registration. If `visit` returns a nonzero value, `list` stops and
// returns this value.
struct RegistrationVisitor {
    int (*visit)(void *context, const Registration &registration);
    void *context;
};

// A table with the name and the functions of a selector. The function pointers are called slots. `open` initialises the
// state, and the other slots use it. Slots return 0, the documented count, or a negative errno value. If a slot fails,
// the state is unchanged, with one exception: after a failed `modify` of the kqueue selector, the handle may no longer
// be registered. `close` and `remove` keep errno. Several threads may call the slots at the same time, except `open`
// and `close`. For example, a thread may call `add`, `modify` or `remove` while another thread is in `wait`.
struct Selector {
    const char *name;
    size_t state_size; // the caller provides this number of zeroed bytes, aligned for any type

    // If true, the selector cannot find out whether a handle is registered, and `add` replaces an earlier registration.
    // If false, `add` returns -EEXIST for a registered handle.
    bool add_replaces;

    int (*open)(void *state);
    void (*close)(void *state);

    // mio_poll_free calls `retire`, which ends the registrations unless a thread still waits. `close` may come much
    // later, because a waker or a cloned registry keeps the state. `retire` is null if the registrations that are left
    // do no harm until `close`.
    void (*retire)(void *state);

    // Returns the MIO_CAN_ bits that this selector supports on the running system.
    uint32_t (*capabilities)(const void *state);

    // `add` registers a handle, and `remove` ends its registration. `modify` replaces both the token and the interest.
    // Before the caller calls `add` or `modify`, it checks that the interest is valid (check_interest), and that the
    // selector has the capabilities that the interest needs. If a `wait` begins after `remove` has returned, the `wait`
    // does not return the token.
    int (*add)(void *state, mio_handle handle, uintptr_t token, uint32_t interest);
    int (*modify)(void *state, mio_handle handle, uintptr_t token, uint32_t interest);
    int (*remove)(void *state, mio_handle handle);

    // `rearm` is null if the system itself reports edges. If `rearm` is not null, the selector reports readiness once,
    // and then ignores the readiness until a call of `rearm`. If an operation would block, or if it moved less than
    // requested, `used_up` is the readiness that the operation needs: MIO_READABLE, MIO_WRITABLE or MIO_PRIORITY. After
    // an operation whose purpose is to fetch an error, `used_up` contains MIO_ERROR. A read or a write can also fail
    // because it fetches an error. After such a failure, `used_up` is 0. The selector never repeats the report of a
    // lasting condition, such as a hang-up, whatever `used_up` is. `rearm` does nothing for a registration that is
    // level-triggered or oneshot, and returns -ENOENT if the handle is not registered.
    int (*rearm)(void *state, mio_handle handle, uint32_t used_up);

    // Stores 1 to `capacity` events and returns the number of events. Returns 0 only after the whole timeout. With a
    // negative timeout, the wait has no time limit. Returns -EINTR after a signal handler has run. `sigmask` is the
    // content of a mio_signal_mask (port/signal_mask.hpp), or null. If the selector lacks MIO_CAN_SIGMASK, a wait with
    // a mask fails with -ENOTSUP. After the wait, ends the epoch (core/wake_epoch.hpp). Tables have wait_in_epoch here.
    int (*wait)(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask,
                WakeEpoch *epoch);

    // Passes each registration to the visitor. `list` holds no lock while the visitor runs, because the visitor may be
    // slow. `list` may miss a registration that changes during the call. `list` passes no registration twice. `list`
    // itself can fail only before it passes the first registration. The error is -ENOTSUP if neither the selector nor
    // the system has a list of registrations. mio_poll_dump then succeeds, and its text contains the name of the error.
    int (*list)(void *state, const RegistrationVisitor &visitor);

    // Stores a descriptor that is readable whenever a wait would find an event. Returns -ENOTSUP if there is no such
    // descriptor.
    int (*handle)(const void *state, mio_handle *handle);

    // The selector's own way to end a wait, or null. If `notifier` is null, each waker opens a Notifier, and registers
    // the descriptor of the Notifier with the bit interest_notifier.
    const SelectorNotifier *notifier;
};

// The slot `wait` of a selector: calls `collect`, and ends the epoch of the poll object. `collect` does everything that
// the comment on the slot says. The template has no run-time cost, because the compiler puts `collect` into it.
template <int (*collect)(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)>
int wait_in_epoch(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask,
                  WakeEpoch *epoch)
{
    const int result = collect(state, events, capacity, timeout_ns, sigmask);
    epoch->end();
    tell_acquire(epoch);
    return result;
}

} // namespace mio::impl
