// SPDX-License-Identifier: MIT
// Defines the poll object. The registries and the wakers of a poll object point to it.
#pragma once

#include "core/base.hpp"
#include "core/sync.hpp"
#include "core/wake_epoch.hpp"
#include "poll/ownership.hpp"
#include "port/selector.hpp"

#include <mio/poll.h>
#include <stddef.h>

struct mio_registry {
    mio_poll *poll;
    bool owned_by_poll;
};

// The poll object. The selector's state follows the object in the same allocation. Both the object and the state begin
// on a cache line.
struct mio_poll {
    static constexpr size_t cache_line = 64;

    // Every wake writes to the epoch. So the epoch has its own cache line. Threads read the other members often, but
    // write them rarely. So these members begin in the next cache line.
    alignas(cache_line) mio::impl::WakeEpoch epoch;

    alignas(cache_line) const mio::impl::Selector *selector;
    uint32_t flags;
    mio::impl::PollIdentity identity;
    mio_registry registry;
    // The owner, each cloned registry, each waker and each watched source has one reference.
    mio::impl::Atomic<uint32_t> references{1};
};
static_assert(alignof(mio_poll) >= alignof(max_align_t), "the state of any selector");

namespace mio::impl {

inline void *selector_state(mio_poll *poll)
{
    return poll + 1;
}

inline const void *selector_state(const mio_poll *poll)
{
    return poll + 1;
}

// Makes a poll object and stores it in *poll. If `options` is null, the defaults apply.
int open_poll(const mio_poll_options *options, mio_poll **poll);

// Stores the MIO_CAN_ bits of a backend. If the name is null, stores the bits of the default backend.
int backend_capabilities(const char *name, uint32_t *capabilities);

// Marks the poll object as freed and drops the owner's reference.
void free_poll(mio_poll *poll);

// drop_reference closes the selector and frees the memory when no reference is left. drop_reference does nothing if
// `poll` is null.
void add_reference(mio_poll *poll);
void drop_reference(mio_poll *poll);

// Returns 0 if the poll object is usable. Returns -ECHILD in a child that was forked after the object was made. Returns
// -EBADF after the owner has freed the object.
inline int is_usable(const mio_poll *poll)
{
    return poll->identity.check_usable();
}

// True if this process made the poll object, even if the program has freed the object meanwhile. Otherwise this process
// must not call the selector: a forked child shares the selector's descriptors and registrations with its parent, and a
// thread of the parent can have held the selector's mutex during the fork.
inline bool is_ours(const mio_poll *poll)
{
    return is_usable(poll) != -ECHILD;
}

// Stores the descriptor of the poll object itself.
inline int poll_handle(const mio_poll *poll, mio_handle *handle)
{
    const int wrong = is_usable(poll);
    return wrong != 0 ? wrong : poll->selector->handle(selector_state(poll), handle);
}

int wait_for_events(mio_poll *poll, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask);

// Waits like wait_for_events, but until a deadline on the clock of monotonic_now.
int wait_until(mio_poll *poll, mio_event *events, size_t capacity, int64_t deadline_ns);

} // namespace mio::impl
