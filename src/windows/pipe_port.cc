// SPDX-License-Identifier: MIT
#include "windows/pipe_port.hpp"

#include "windows/errors.hpp"
#include "windows/pipe_object.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

NamedPipe *find_registered(HANDLE port, mio_handle handle)
{
    NamedPipe *pipe = find_pipe(handle);
    return pipe != nullptr && pipe->port == port && pipe->state.registered ? pipe : nullptr;
}

// Stores the news of a pipe. Returns whether *event has become an event of the array.
bool store_news(NamedPipe *pipe, uint32_t news, mio_event *event)
{
    if (news == 0) return false;
    const bool is_first = pipe->event == nullptr;
    if (is_first) {
        *event = {};
        event->token = pipe->token;
        pipe->event = event;
    }
    pipe->event->readiness |= readiness_of_pipe(news);
    return is_first;
}

} // namespace

int add_pipe(HANDLE port, mio_handle handle, uintptr_t token, uint32_t interest)
{
    const Lock lock(&pipes_mutex);
    NamedPipe *pipe = find_pipe(handle);
    if (pipe == nullptr) return -EPERM;
    if (pipe->had_port && pipe->port != port) return -EBUSY;
    if (pipe->state.registered) return -EEXIST;
    if (!pipe->had_port) {
        const int failed = attach_to_port(port, file_of(pipe), key_pipe);
        if (failed != 0) return failed;
        pipe->had_port = true;
        pipe->port = port;
    }
    pipe->token = token;
    arm(&pipe->state, interest);
    proceed(pipe);
    return 0;
}

bool modify_pipe(HANDLE port, mio_handle handle, uintptr_t token, uint32_t interest)
{
    const Lock lock(&pipes_mutex);
    NamedPipe *pipe = find_registered(port, handle);
    if (pipe == nullptr) return false;
    pipe->token = token;
    arm(&pipe->state, interest);
    proceed(pipe);
    return true;
}

bool remove_pipe(HANDLE port, mio_handle handle)
{
    const Lock lock(&pipes_mutex);
    NamedPipe *pipe = find_registered(port, handle);
    if (pipe != nullptr) pipe->state.registered = false;
    return pipe != nullptr;
}

bool rearm_pipe(HANDLE port, mio_handle handle, uint32_t used_up)
{
    const Lock lock(&pipes_mutex);
    NamedPipe *pipe = find_registered(port, handle);
    if (pipe == nullptr) return false;
    rearm(&pipe->state, used_up);
    proceed(pipe);
    return true;
}

bool find_pipe_registration(HANDLE port, mio_handle first, Registration *found)
{
    const Lock lock(&pipes_mutex);
    const NamedPipe *best = nullptr;
    for (const NamedPipe *pipe = pipes; pipe != nullptr; pipe = pipe->next) {
        const bool fits = pipe->port == port && pipe->state.registered && pipe->handle >= first;
        if (fits && (best == nullptr || pipe->handle < best->handle)) best = pipe;
    }
    if (best == nullptr) return false;
    const PipeState &state = best->state;
    const bool asleep = (state.interest & MIO_ONESHOT) != 0 && state.armed == 0;
    const uint32_t armed = readiness_of_pipe(state.armed & (pipe_input | pipe_output));
    *found = {best->handle, asleep, best->token, state.interest, armed};
    return true;
}

bool take_pipe_packet(const OVERLAPPED_ENTRY &packet, mio_event *event)
{
    const Lock lock(&pipes_mutex);
    const auto *operation = reinterpret_cast<const PipeOperation *>(packet.lpOverlapped);
    NamedPipe *pipe = operation->pipe;
    if (operation == &pipe->report) {
        pipe->state.reporting = false;
    } else {
        DWORD count = 0;
        const BOOL succeeded = GetOverlappedResult(file_of(pipe), packet.lpOverlapped, &count, FALSE);
        const DWORD code = succeeded ? ERROR_SUCCESS : GetLastError();
        note_ended(pipe, operation, code == ERROR_SUCCESS || code == ERROR_MORE_DATA ? 0 : -errno_of(code), count);
    }
    pipe->state.due = true;
    return store_news(pipe, take_news(&pipe->state), event);
}

void proceed_with_due_pipes(HANDLE port)
{
    const Lock lock(&pipes_mutex);
    for (NamedPipe *pipe = pipes, *next; pipe != nullptr; pipe = next) {
        next = pipe->next;
        if (pipe->port != port || !pipe->state.due) continue;
        pipe->state.due = false;
        pipe->event = nullptr;
        proceed(pipe);
    }
}

void end_pipes(HANDLE port)
{
    const Lock lock(&pipes_mutex);
    for (NamedPipe *pipe = pipes, *next; pipe != nullptr; pipe = next) {
        next = pipe->next;
        if (pipe->port != port) continue;
        detach(&pipe->state);
        proceed(pipe);
    }
}

bool await_pipe_packets(HANDLE port)
{
    const Lock lock(&pipes_mutex);
    for (const NamedPipe *pipe = pipes; pipe != nullptr; pipe = pipe->next) {
        if (pipe->port == port && !is_idle(pipe->state)) return true;
    }
    return false;
}

void leave_port(HANDLE port)
{
    const Lock lock(&pipes_mutex);
    for (NamedPipe *pipe = pipes; pipe != nullptr; pipe = pipe->next) {
        if (pipe->port == port) pipe->port = nullptr;
    }
}

} // namespace mio::impl
