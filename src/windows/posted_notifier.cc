// SPDX-License-Identifier: MIT
// The notifier of the selector on AFD posts a packet to the port.
#include "port/memory.hpp"
#include "windows/afd_state.hpp"
#include "windows/mechanisms.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// In NotifierEnds, `watched` is the port, and `written` is the serial number of the waker.
int open_posted(void *memory, uintptr_t token, NotifierEnds *ends)
{
    AfdState *state = static_cast<AfdState *>(memory);
    PostedWaker *waker = create<PostedWaker>();
    if (waker == nullptr) return -ENOMEM;
    const Lock lock(&state->mutex);
    *waker = {++state->last_waker, token, state->wakers};
    state->wakers = waker;
    *ends = {reinterpret_cast<mio_handle>(state->port), static_cast<mio_handle>(waker->serial), token};
    return 0;
}

void close_posted(void *memory, NotifierEnds *ends)
{
    AfdState *state = static_cast<AfdState *>(memory);
    const Lock lock(&state->mutex);
    PostedWaker **link = &state->wakers;
    while ((*link)->serial != static_cast<uintptr_t>(ends->written))
        link = &(*link)->next;
    PostedWaker *waker = *link;
    *link = waker->next;
    destroy(waker);
}

int notify_posted(const NotifierEnds *ends)
{
    return post_packet(reinterpret_cast<HANDLE>(ends->watched), key_waker, static_cast<uintptr_t>(ends->written));
}

} // namespace

constinit const SelectorNotifier posted_notifier = {open_posted, close_posted, notify_posted};

} // namespace mio::impl
