// SPDX-License-Identifier: MIT
// The contract of a selector: the mechanism of the system that tells which descriptors are ready. A backend is one file
// with one constant table of this type; port/mechanisms.hpp is the list of them.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <mio/event.h>

namespace mio::impl {

// A bit beside those of an interest: the handle is the watched end of a notifier. A selector that cannot see edges must
// empty it whenever it reports it, or it would report it for ever.
constexpr uint32_t interest_notifier = UINT32_C(1) << 31;

// What a selector knows about one registration, for people to read. `armed` are the bits of the interest that the next
// wait looks for: fewer than the interest has where an edge waits for its rearming. A registration that is asleep is not
// looked at at all, not even for errors, and its interest may be lost.
struct Registration {
    mio_handle handle;
    bool asleep;
    uintptr_t token;
    uint32_t interest; // with interest_notifier for a waker
    uint32_t armed;
};

// Gets one registration after the other; anything but 0 ends the list, and is what it returns.
struct RegistrationVisitor {
    int (*visit)(void *context, const Registration &registration);
    void *context;
};

// Every slot but `open` gets the state that `open` made ready. Slots return 0 or what they say, or a negative errno
// value after which the state is as it was. `close` and `remove` keep errno. All but `open` and `close` may be called by several
// threads at once, and `add`, `modify` and `remove` while others are in `wait`.
struct Selector {
    const char *name;
    size_t state_size; // bytes that the caller provides, zeroed, aligned for any type

    int (*open)(void *state);
    void (*close)(void *state);

    // The MIO_CAN_ bits of what this selector does on the running system.
    uint32_t (*capabilities)(const void *state);

    // Interests have been checked against check_interest and the capabilities. `modify` replaces both token and
    // interest. After `remove` returns, no `wait` that begins later returns the token.
    int (*add)(void *state, mio_handle handle, uintptr_t token, uint32_t interest);
    int (*modify)(void *state, mio_handle handle, uintptr_t token, uint32_t interest);
    int (*remove)(void *state, mio_handle handle);

    // Null where the system itself reports edges. Otherwise an edge is reported once and then not looked at until this is
    // called with what has been used up: MIO_READABLE, MIO_WRITABLE, MIO_PRIORITY, by an operation that would have had to
    // wait, or did less than was asked for; MIO_ERROR, by one that fetched an error; 0, by one that failed otherwise, which
    // may have fetched one. What lasts beyond that, such as a hang-up, is not reported again. Does nothing for a handle
    // that is registered otherwise; -ENOENT for one that is not registered.
    int (*rearm)(void *state, mio_handle handle, uint32_t used_up);

    // Stores 1 to `capacity` events and returns how many; 0 only once `timeout_ns` has passed in full (never, if it is
    // negative). `sigmask` is what port/signal_mask.hpp puts into a mio_signal_mask, or null. -EINTR after a signal handler.
    int (*wait)(void *state, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask);

    // Shows the visitor what is registered, with no lock held, since it may take its time: a registration that others
    // change meanwhile may be missed, none is shown twice. An error of its own only before the first one.
    int (*list)(void *state, const RegistrationVisitor &visitor);

    // Stores a descriptor that is readable when a wait would find something, or returns -ENOTSUP.
    int (*handle)(const void *state, mio_handle *handle);
};

} // namespace mio::impl
