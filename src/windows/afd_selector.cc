// SPDX-License-Identifier: MIT
// Waits for events with AFD and a completion port, and defines afd_selector, the selector of Windows. afd_state.hpp
// describes the algorithm.
#include "core/timeout.hpp"
#include "port/clock.hpp"
#include "port/memory.hpp"
#include "port/selector.hpp"
#include "windows/afd_state.hpp"
#include "windows/mechanisms.hpp"
#include "windows/mutex.hpp"
#include "windows/pipe_port.hpp"

#include <errno.h>
#include <mio/poll.h>

namespace mio::impl {

namespace {

AfdState &state_of(void *state)
{
    return *static_cast<AfdState *>(state);
}

// The list of all open poll objects. A handle may be in only one poll object, so `add` searches the list. `add` locks
// the mutex of the list first, and then locks one poll object after the other.
Mutex polls_mutex;
AfdState *polls;

// ---- registering --------------------------------------------------------------------------------------------------

bool is_elsewhere(const AfdState *here, mio_handle handle)
{
    for (AfdState *poll = polls; poll != nullptr; poll = poll->next) {
        if (poll == here) continue;
        const Lock lock(&poll->mutex);
        if (find_socket(poll, handle) != nullptr) return true;
    }
    return false;
}

int add_socket(AfdState *state, mio_handle handle, SOCKET base, uintptr_t token, uint32_t interest)
{
    if (find_socket(state, handle) != nullptr) return -EEXIST;
    AfdSocket *socket = create<AfdSocket>();
    if (socket == nullptr) return -ENOMEM;
    socket->handle = handle;
    socket->base = base;
    socket->marked = mark_socket(handle);
    socket->token = token;
    arm(&socket->state, interest);
    if (!state->table.insert(socket)) {
        destroy(socket);
        return -ENOMEM;
    }
    proceed(state, socket);
    return 0;
}

int afd_add(void *memory, mio_handle handle, uintptr_t token, uint32_t interest)
{
    SOCKET base;
    const int wrong = base_socket(handle, &base);
    AfdState &state = state_of(memory);
    if (wrong == -EPERM) return add_pipe(state.port, handle, token, interest);
    if (wrong != 0) return wrong;
    const Lock polls_lock(&polls_mutex);
    if (is_elsewhere(&state, handle)) return -EBUSY;
    const Lock lock(&state.mutex);
    return add_socket(&state, handle, base, token, interest);
}

// The handle is not registered. Returns -EBADF if the handle is not open, and otherwise -ENOENT.
int unregistered(mio_handle handle)
{
    return check_handle(handle) != 0 ? -EBADF : -ENOENT;
}

int afd_modify(void *memory, mio_handle handle, uintptr_t token, uint32_t interest)
{
    AfdState &state = state_of(memory);
    const Lock lock(&state.mutex);
    AfdSocket *socket = find_socket(&state, handle);
    if (socket == nullptr) return modify_pipe(state.port, handle, token, interest) ? 0 : unregistered(handle);
    socket->token = token;
    arm(&socket->state, interest);
    proceed(&state, socket);
    return 0;
}

int afd_remove(void *memory, mio_handle handle)
{
    AfdState &state = state_of(memory);
    const Lock lock(&state.mutex);
    AfdSocket *socket = find_socket(&state, handle);
    if (socket == nullptr) return remove_pipe(state.port, handle) ? 0 : unregistered(handle);
    drop_socket(&state, socket);
    return 0;
}

int afd_rearm(void *memory, mio_handle handle, uint32_t used_up)
{
    AfdState &state = state_of(memory);
    const Lock lock(&state.mutex);
    AfdSocket *socket = state.table.find(handle);
    if (socket == nullptr) return rearm_pipe(state.port, handle, used_up) ? 0 : -ENOENT;
    rearm(&socket->state, used_up);
    proceed(&state, socket);
    return 0;
}

// ---- waiting ------------------------------------------------------------------------------------------------------

constexpr size_t most_packets = 256; // one wait takes at most this many packets; their array is on the stack

int begin_wait(AfdState *state)
{
    const Lock lock(&state->mutex);
    const int failed = proceed_with_due(state);
    if (failed == 0) state->waiting++;
    return failed;
}

void end_wait(AfdState *state)
{
    const Lock lock(&state->mutex);
    state->waiting--;
}

// Converts the first `found` packets of the array `packets` to events, and returns the number of events.
int take_packets(AfdState *state, const OVERLAPPED_ENTRY *packets, int found, mio_event *events)
{
    int count = 0;
    for (int i = 0; i < found; i++) {
        if (take_packet(state, packets[i], &events[count])) count++;
    }
    return count;
}

// Handles the `found` packets that a wait has fetched, and returns the number of events. If the port returned the
// requested number of packets, it may have more packets, for example the packet of a waker. If some packets caused no
// event, the array has room for more events. So the function takes packets until the port is empty or the array is
// full. The mutex stays locked meanwhile, and the steps of the sockets and pipes come last: otherwise one wait could
// store two events of a socket, of a pipe or of a waker.
int take_all(AfdState *state, OVERLAPPED_ENTRY *packets, int found, mio_event *events, int room)
{
    const Lock lock(&state->mutex);
    int count = 0;
    for (int asked = room;;) {
        count += take_packets(state, packets, found, events + count);
        if (found < asked || count == room) break;
        asked = room - count;
        found = wait_on_port(state->port, packets, static_cast<size_t>(asked), 0);
    }
    // If a step fails, the next wait returns the error.
    if (state->waiting > 0) (void)proceed_with_due(state);
    proceed_with_due_pipes(state->port);
    return count;
}

// Waits for packets, handles the packets, and returns the number of events. Sets *looks_again if the port had packets:
// a packet may cause no event, so the caller may have to wait again.
int wait_once(AfdState *state, mio_event *events, size_t room, int64_t timeout_ns, bool *looks_again)
{
    OVERLAPPED_ENTRY packets[most_packets];
    const int failed = begin_wait(state);
    if (failed != 0) return failed;
    const int found = wait_on_port(state->port, packets, room, timeout_ns);
    end_wait(state);
    *looks_again = found > 0;
    return found > 0 ? take_all(state, packets, found, events, static_cast<int>(room)) : found;
}

int afd_wait(void *memory, mio_event *events, size_t capacity, int64_t timeout_ns, const void *sigmask)
{
    if (sigmask != nullptr) return -ENOTSUP;
    const size_t room = capacity < most_packets ? capacity : most_packets;
    const int64_t deadline_ns = timeout_ns > 0 ? deadline_after(monotonic_now(), timeout_ns) : deadline_never;
    for (;;) {
        bool looks_again = false;
        const int count = wait_once(&state_of(memory), events, room, timeout_ns, &looks_again);
        if (count != 0) return count;
        if (timeout_ns > 0) timeout_ns = time_until(deadline_ns, monotonic_now());
        if (timeout_ns == 0 && !looks_again) return 0;
    }
}

// ---- the object ---------------------------------------------------------------------------------------------------

int afd_open(void *memory)
{
    AfdState &state = state_of(memory);
    int failed = open_port(&state.port);
    if (failed != 0) return failed;
    failed = open_afd(state.port, key_afd, &state.afd);
    if (failed != 0) {
        CloseHandle(state.port);
        return failed;
    }
    const Lock lock(&polls_mutex);
    state.next = polls;
    polls = &state;
    return 0;
}

void leave_polls(AfdState *state)
{
    const Lock lock(&polls_mutex);
    AfdState **link = &polls;
    while (*link != state)
        link = &(*link)->next;
    *link = state->next;
}

void drop_all(AfdState *state)
{
    const Lock lock(&state->mutex);
    // If no thread waits, `proceed` puts off the next step of a socket until a wait begins. Perhaps no wait follows
    // this function, so count this thread as a waiting thread.
    state->waiting++;
    for (AfdSocket *socket; (socket = state->table.first_from(0)) != nullptr;)
        drop_socket(state, socket);
    (void)proceed_with_due(state);
}

bool is_waited_on(AfdState *state)
{
    const Lock lock(&state->mutex);
    return state->waiting > 0;
}

// After this function, the handles can be registered with other poll objects. If a thread still waits, an event must
// end its wait, so the registrations stay until `close`.
void afd_retire(void *memory)
{
    AfdState &state = state_of(memory);
    leave_polls(&state);
    if (is_waited_on(&state)) return;
    drop_all(&state);
    end_pipes(state.port);
}

// Waits for the packets of all operations, because the system can write to an operation until its packet comes. After
// `retire` there may still be registrations, so the function drops them.
void afd_close(void *memory)
{
    AfdState &state = state_of(memory);
    drop_all(&state);
    end_pipes(state.port);
    OVERLAPPED_ENTRY packet;
    mio_event event;
    while ((state.under_way != 0 || await_pipe_packets(state.port)) &&
           wait_on_port(state.port, &packet, 1, wait_forever) == 1) {
        (void)take_packet(&state, packet, &event);
        proceed_with_due_pipes(state.port);
    }
    leave_port(state.port);
    state.table.close();
    CloseHandle(state.afd);
    CloseHandle(state.port);
}

uint32_t afd_capabilities(const void *)
{
    return MIO_CAN_LEVEL | MIO_CAN_ONESHOT | MIO_CAN_PRIORITY | MIO_CAN_CLOSED;
}

// ---- listing ------------------------------------------------------------------------------------------------------

// Stores in *found the registration with the smallest handle that is at least `first`. Returns false if there is no
// such registration.
bool find_registration(AfdState *state, mio_handle first, Registration *found)
{
    const Lock lock(&state->mutex);
    const AfdSocket *socket = state->table.first_from(first);
    if (socket == nullptr) return false;
    const bool asleep = (socket->state.interest & MIO_ONESHOT) != 0 && socket->state.armed == 0;
    const uint32_t armed = readiness_of_afd(socket->state.armed & ~afd_broken) & socket->state.interest;
    *found = {socket->handle, asleep, socket->token, socket->state.interest, armed};
    return true;
}

// Stores in *found the oldest waker with a serial number above `serial`. Returns false if there is no such waker.
bool find_waker(AfdState *state, uintptr_t serial, PostedWaker *found)
{
    const Lock lock(&state->mutex);
    bool is_found = false;
    for (const PostedWaker *waker = state->wakers; waker != nullptr && waker->serial > serial; waker = waker->next) {
        *found = *waker;
        is_found = true;
    }
    return is_found;
}

int afd_list(void *memory, const RegistrationVisitor &visitor)
{
    AfdState *state = &state_of(memory);
    int stopped = 0;
    Registration found;
    for (mio_handle next = 0; stopped == 0 && find_registration(state, next, &found); next = found.handle + 1)
        stopped = visitor.visit(visitor.context, found);
    for (mio_handle next = 0; stopped == 0 && find_pipe_registration(state->port, next, &found);
         next = found.handle + 1)
        stopped = visitor.visit(visitor.context, found);
    PostedWaker waker;
    for (uintptr_t last = 0; stopped == 0 && find_waker(state, last, &waker); last = waker.serial) {
        constexpr uint32_t interest = MIO_READABLE | interest_notifier;
        stopped = visitor.visit(visitor.context, {MIO_HANDLE_NONE, false, waker.token, interest, MIO_READABLE});
    }
    return stopped;
}

int afd_handle(const void *, mio_handle *)
{
    return -ENOTSUP;
}

} // namespace

constinit const Selector afd_selector = {
    .name = "afd",
    .state_size = sizeof(AfdState),
    .add_replaces = false,
    .open = afd_open,
    .close = afd_close,
    .retire = afd_retire,
    .capabilities = afd_capabilities,
    .add = afd_add,
    .modify = afd_modify,
    .remove = afd_remove,
    .rearm = afd_rearm,
    .wait = wait_in_epoch<afd_wait>,
    .list = afd_list,
    .handle = afd_handle,
    .notifier = &posted_notifier,
};

} // namespace mio::impl
