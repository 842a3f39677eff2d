// SPDX-License-Identifier: MIT
#include "windows/afd_state.hpp"

#include "port/memory.hpp"
#include "windows/pipe_port.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

void make_due(AfdState *state, AfdSocket *socket)
{
    if (socket->due_link != nullptr) return;
    socket->next_due = state->due;
    if (socket->next_due != nullptr) socket->next_due->due_link = &socket->next_due;
    socket->due_link = &state->due;
    state->due = socket;
}

void make_undue(AfdSocket *socket)
{
    if (socket->due_link == nullptr) return;
    *socket->due_link = socket->next_due;
    if (socket->next_due != nullptr) socket->next_due->due_link = socket->due_link;
    socket->due_link = nullptr;
}

// True if the program has closed the registered socket. The handle may now belong to another object.
bool is_stale(const AfdSocket *socket)
{
    return socket->marked && !is_marked(socket->handle);
}

int submit(AfdState *state, AfdSocket *socket)
{
    if (!submit_poll(state->afd, &socket->operation, socket->base, bits_to_poll(socket->state))) {
        const uintptr_t value = reinterpret_cast<uintptr_t>(&socket->operation);
        if (post_packet(state->port, key_afd, value) != 0) return -ENOMEM;
    }
    note_submitted(&socket->state);
    state->under_way++;
    return 0;
}

int do_step(AfdState *state, AfdSocket *socket)
{
    make_undue(socket);
    switch (next_step(socket->state)) {
    case Step::none:
        break;
    case Step::submit:
        // The packet of the last operation may have come before the program closed the socket. Then AFD has reported no
        // close, and a new operation would poll the object that has the handle now.
        if (!is_stale(socket)) return submit(state, socket);
        state->table.erase(socket);
        destroy(socket);
        break;
    case Step::cancel:
        cancel_poll(state->afd, &socket->operation);
        note_cancelled(&socket->state);
        break;
    case Step::release:
        destroy(socket);
        break;
    }
    return 0;
}

bool take_waker(const AfdState *state, uintptr_t serial, mio_event *event)
{
    PostedWaker *waker = state->wakers;
    while (waker != nullptr && waker->serial != serial)
        waker = waker->next;
    if (waker == nullptr) return false;
    waker->posted = false;
    *event = {};
    event->token = waker->token;
    event->readiness = MIO_READABLE;
    return true;
}

} // namespace

void proceed(AfdState *state, AfdSocket *socket)
{
    const bool at_once = state->waiting > 0 || next_step(socket->state) == Step::release;
    if (!at_once || do_step(state, socket) != 0) make_due(state, socket);
}

int proceed_with_due(AfdState *state)
{
    while (state->due != nullptr) {
        AfdSocket *socket = state->due;
        const int failed = do_step(state, socket);
        if (failed == 0) continue;
        make_due(state, socket);
        return failed;
    }
    return 0;
}

AfdSocket *find_socket(AfdState *state, mio_handle handle)
{
    AfdSocket *socket = state->table.find(handle);
    if (socket == nullptr || !is_stale(socket)) return socket;
    drop_socket(state, socket);
    return nullptr;
}

void drop_socket(AfdState *state, AfdSocket *socket)
{
    state->table.erase(socket);
    socket->state.removed = true;
    proceed(state, socket);
}

bool take_packet(AfdState *state, const OVERLAPPED_ENTRY &packet, mio_event *event)
{
    if (packet.lpCompletionKey == key_waker) {
        return take_waker(state, reinterpret_cast<uintptr_t>(packet.lpOverlapped), event);
    }
    if (packet.lpCompletionKey == key_pipe) return take_pipe_packet(packet, event);
    AfdSocket *socket = reinterpret_cast<AfdSocket *>(packet.lpOverlapped);
    state->under_way--;
    uint32_t bits;
    const Ending ending = ending_of(socket->operation, &bits);
    const bool was_registered = !socket->state.removed;
    const uint32_t news = note_ended(&socket->state, ending, bits);
    if (news != 0) {
        *event = {};
        event->token = socket->token;
        event->readiness = readiness_of_afd(news);
        event->os_bits = news;
    }
    if (was_registered && socket->state.removed) state->table.erase(socket);
    if (next_step(socket->state) == Step::release) {
        proceed(state, socket);
    } else {
        make_due(state, socket);
    }
    return news != 0;
}

} // namespace mio::impl
