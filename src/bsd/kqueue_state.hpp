// SPDX-License-Identifier: MIT
// The state of the selector on kqueue(2). The kernel keeps all registrations, as one knote for each filter of a
// descriptor.
//
// Most knotes are in the main kqueue, and a wait reports their events as they are. The wait must check two kinds of
// registration before it reports them. The knotes of these registrations are in a second kqueue, called the aside, and
// the main kqueue watches the aside.
//   - Oneshot registrations for both directions. The event of one filter must disable the other filter before another
//     thread gets the other filter's event.
//   - Registrations that want errors and hang-ups alone. kqueue has no filter for these, so quiet knotes of the usual
//     filters watch the descriptor, and the wait drops all other events. An error or a hang-up lasts. So after the
//     first one, the wait disables the quiet knotes and enables a knote in the main kqueue. This knote was added
//     disabled, with the mode of the registration.
// A mutex makes checking an event and changing the knotes one step. No other wait and no change of a registration can
// come between.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"
#include "unix/mutex.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sys/event.h>

namespace mio::impl {

struct KqueueState {
    int fd;
    Atomic<int> aside;   // MIO_HANDLE_NONE until a registration needs the aside
    uint32_t generation; // of the process that opened `fd`, see port/process.hpp
    Mutex mutex;
};

// Registers a descriptor, or replaces its registration. Returns -ENOENT if `must_exist` is set and the descriptor was
// not registered. After a failure the descriptor is not registered.
int set_knotes(KqueueState *state, int fd, uintptr_t token, uint32_t interest, bool must_exist);

int delete_knotes(KqueueState *state, int fd);

// Fetches up to `capacity` events of the aside. Puts the events to report first, and returns their number.
int look_aside(KqueueState *state, struct kevent *events, size_t capacity);

} // namespace mio::impl
