// SPDX-License-Identifier: MIT
// The state of the selector on kqueue(2). The kernel keeps all registrations: a knote for each filter of a descriptor.
//
// Most knotes are in the main kqueue, and a wait reports their events as they are. Two kinds of registration need a
// closer look before the wait reports them. Their knotes are in a second kqueue, the aside, which the main one watches.
//   - Oneshot for both directions. One event must disable the other filter, before another thread sees it.
//   - Quiet filters, of an interest in errors and hang-ups alone. There is no such filter, so the wait drops events
//     that are neither. After the first one that is, the kernel reports the state for ever, so the wait enables a
//     knote in the main kqueue, which has been there disabled, with the mode of the registration.
// A mutex makes a look and its consequences one step, for changes of a registration and for other waits.
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
    Atomic<int> aside;   // MIO_HANDLE_NONE until a registration needs it
    uint32_t generation; // of the process that opened it, see port/process.hpp
    Mutex mutex;
};

// Registers a descriptor, or replaces its registration. If it `must_exist` and does not, returns -ENOENT. After a
// failure the descriptor is not registered.
int set_knotes(KqueueState *state, int fd, uintptr_t token, uint32_t interest, bool must_exist);

int delete_knotes(KqueueState *state, int fd);

// Fetches up to `capacity` events of the aside and returns how many of them are to be reported; they are the first.
int look_aside(KqueueState *state, struct kevent *events, size_t capacity);

} // namespace mio::impl
