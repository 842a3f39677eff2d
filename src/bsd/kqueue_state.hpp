// SPDX-License-Identifier: MIT
// The state of the selector that uses kqueue(2). The kernel keeps all registrations, as one knote for each filter of a
// descriptor.
//
// Most knotes are in the main kqueue, and a wait reports the events of these knotes without a check. Three kinds of
// knotes are in a second kqueue, called `aside`, because a wait must check or change their events first. The main
// kqueue watches this second kqueue.
//   - The knotes of a oneshot registration with several filters. When one filter reports an event, the wait disables
//     the other filters. Otherwise another thread could get a second event of this registration.
//   - An EVFILT_READ knote that watches the write end of a pipe for a level-triggered registration. The wait marks the
//     events of this knote as hang-ups (hang_up_flags).
//   - Quiet knotes, for a registration that wants only errors and the end of the stream. kqueue has no filter for this,
//     so the wait drops all other events of a quiet knote. The registration also has disabled knotes in the main
//     kqueue. The flags of the disabled knotes record the mode of the registration. At the first error, or at the end
//     of the stream, the wait disables the quiet knotes in `aside`. The wait also enables the knotes in the main
//     kqueue, which were disabled before.
// A wait holds a mutex while it checks an event and changes knotes. A thread that changes a registration holds the same
// mutex.
#pragma once

#include "bsd/kqueue_calls.hpp"
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
    Atomic<int> aside;   // the second kqueue; MIO_HANDLE_NONE until a registration needs it
    int probe;           // a third kqueue, which has a knote only during a check; open if `aside` is open
    uint32_t generation; // the generation (port/process.hpp) of the process that opened `fd`
    bool has_except;     // the kernel has filter_except
    Mutex mutex;
};

constexpr int filters[] = {static_cast<int>(EVFILT_READ), static_cast<int>(EVFILT_WRITE), filter_except};

// Returns the number of filters that this kernel has.
inline size_t filter_count(const KqueueState *state)
{
    return state->has_except ? 3 : 2;
}

// Registers a descriptor, or replaces its registration. Returns -ENOENT if `must_exist` is set and the descriptor was
// not registered. If the function fails before it changes a knote, the earlier registration stays. If the function
// fails later, the descriptor is not registered.
int set_knotes(KqueueState *state, int fd, uintptr_t token, uint32_t interest, bool must_exist);

int delete_knotes(KqueueState *state, int fd);

// Opens the second kqueue, `aside`, and the third kqueue, `probe`, unless they are open. The main kqueue reports that
// `aside` is readable as long as `aside` has events.
int open_aside(KqueueState *state);

// Closes the kqueues that open_aside has opened.
void close_aside(KqueueState *state);

// Fetches up to `capacity` events of the second kqueue. Moves the events that the wait must report to the front of the
// array, and returns the number of these events. The rest of the array can contain events that the wait must not
// report.
int look_aside(KqueueState *state, struct kevent *events, size_t capacity);

} // namespace mio::impl
