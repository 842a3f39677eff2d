// SPDX-License-Identifier: MIT
// Defines posted_notifier, which ends a wait on Windows. To end the wait, another thread posts a packet to the
// completion port that the wait reads.
#include "port/memory.hpp"
#include "windows/afd_state.hpp"
#include "windows/mechanisms.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// Returns the waker of a notifier. In NotifierEnds, `watched` is the port, and `written` is the address of the waker.
// The waker and the selector's state stay in memory until the waker is closed, even after the poll object is freed.
PostedWaker *waker_of(const NotifierEnds *ends)
{
    return reinterpret_cast<PostedWaker *>(ends->written);
}

int open_posted(void *memory, uintptr_t token, NotifierEnds *ends)
{
    AfdState *state = static_cast<AfdState *>(memory);
    PostedWaker *waker = create<PostedWaker>();
    if (waker == nullptr) return -ENOMEM;
    const Lock lock(&state->mutex);
    *waker = {++state->last_waker, token, state->wakers, state, false};
    state->wakers = waker;
    *ends = {reinterpret_cast<mio_handle>(state->port), reinterpret_cast<mio_handle>(waker), token};
    return 0;
}

void close_posted(void *memory, NotifierEnds *ends)
{
    AfdState *state = static_cast<AfdState *>(memory);
    const Lock lock(&state->mutex);
    PostedWaker *waker = waker_of(ends);
    PostedWaker **link = &state->wakers;
    while (*link != waker)
        link = &(*link)->next;
    *link = waker->next;
    destroy(waker);
}

// Posts the packet of a waker, unless this packet is already in the port. Each packet becomes an event, so the port
// must not have two packets of one waker. The epoch of the poll object (core/wake_epoch.hpp) alone does not prevent a
// second packet: if the event array of a wait is too small, the wait ends the epoch, but leaves the first packet in the
// port. In the next epoch, the waker notifies again.
int notify_posted(const NotifierEnds *ends)
{
    PostedWaker *waker = waker_of(ends);
    const Lock lock(&waker->state->mutex);
    if (waker->posted) return 0;
    const int failed = post_packet(reinterpret_cast<HANDLE>(ends->watched), key_waker, waker->serial);
    waker->posted = failed == 0;
    return failed;
}

} // namespace

constinit const SelectorNotifier posted_notifier = {open_posted, close_posted, notify_posted};

} // namespace mio::impl
