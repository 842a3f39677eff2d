// SPDX-License-Identifier: MIT
#include "windows/pipe_object.hpp"

#include "port/memory.hpp"
#include "windows/errors.hpp"

namespace mio::impl {

Mutex pipes_mutex;
NamedPipe *pipes;

namespace {

void release(NamedPipe *pipe)
{
    NamedPipe **link = &pipes;
    while (*link != pipe)
        link = &(*link)->next;
    *link = pipe->next;
    destroy(pipe);
}

PipeOperation *operation_of(NamedPipe *pipe, PipeStep step)
{
    switch (step) {
    case PipeStep::connect:
    case PipeStep::cancel_connect:
        return &pipe->connect;
    case PipeStep::read:
    case PipeStep::cancel_read:
        return &pipe->read;
    default:
        return &pipe->write;
    }
}

BOOL call_system(NamedPipe *pipe, PipeStep step, OVERLAPPED *overlapped)
{
    const PipeState &state = pipe->state;
    if (step == PipeStep::connect) return ConnectNamedPipe(file_of(pipe), overlapped);
    if (step == PipeStep::read) return ReadFile(file_of(pipe), pipe->input, pipe_buffer_size, nullptr, overlapped);
    return WriteFile(file_of(pipe), pipe->output + state.sent, state.queued - state.sent, nullptr, overlapped);
}

// Starts an operation of a pipe. A call that succeeds causes a packet, even if the operation has ended already. The
// codes ERROR_PIPE_CONNECTED and ERROR_NO_DATA of ConnectNamedPipe mean that a client has connected before the call.
void start(NamedPipe *pipe, PipeStep step)
{
    note_started(&pipe->state, step);
    PipeOperation *operation = operation_of(pipe, step);
    operation->overlapped = {};
    if (call_system(pipe, step, &operation->overlapped)) return;
    const DWORD code = GetLastError();
    if (code == ERROR_IO_PENDING || code == ERROR_MORE_DATA) return;
    const bool is_open = step == PipeStep::connect && (code == ERROR_PIPE_CONNECTED || code == ERROR_NO_DATA);
    note_ended(pipe, operation, is_open ? 0 : -errno_of(code), 0);
}

// Cancels an operation of a pipe. If the operation has already ended, CancelIoEx changes nothing. The packet of the
// operation comes even after a cancel.
void cancel(NamedPipe *pipe, PipeStep step)
{
    (void)CancelIoEx(file_of(pipe), &operation_of(pipe, step)->overlapped);
    note_cancelled(&pipe->state, step);
}

// Posts the packet `report` of a pipe. If there is no memory for the packet, a later call of `proceed` tries again.
bool post_report(NamedPipe *pipe)
{
    const int failed = post_packet(pipe->port, key_pipe, reinterpret_cast<uintptr_t>(&pipe->report));
    pipe->state.reporting = failed == 0;
    return failed == 0;
}

void close_file(NamedPipe *pipe)
{
    (void)CloseHandle(file_of(pipe));
    pipe->state.closed = true;
}

// Does one step. Returns whether the caller can go on with the next step of the pipe.
bool do_step(NamedPipe *pipe, PipeStep step)
{
    switch (step) {
    case PipeStep::none:
        return false;
    case PipeStep::connect:
    case PipeStep::read:
    case PipeStep::write:
        start(pipe, step);
        return true;
    case PipeStep::cancel_connect:
    case PipeStep::cancel_read:
    case PipeStep::cancel_write:
        cancel(pipe, step);
        return true;
    case PipeStep::report:
        return post_report(pipe);
    case PipeStep::close:
        close_file(pipe);
        return true;
    case PipeStep::release:
        release(pipe);
        return false;
    }
    return false;
}

} // namespace

NamedPipe *find_pipe(mio_handle handle)
{
    NamedPipe *pipe = pipes;
    while (pipe != nullptr && (pipe->handle != handle || pipe->state.closing))
        pipe = pipe->next;
    return pipe;
}

void proceed(NamedPipe *pipe)
{
    while (do_step(pipe, next_step(pipe->state))) {}
}

void note_ended(NamedPipe *pipe, const PipeOperation *operation, int error, uint32_t count)
{
    if (operation == &pipe->connect) note_connected(&pipe->state, error);
    if (operation == &pipe->read) note_received(&pipe->state, error, count);
    if (operation == &pipe->write) note_sent(&pipe->state, error, count);
}

// If a write has ended, the function closes the handle at once, even if the packet of this write is still in the port.
bool close_named_pipe(mio_handle handle)
{
    const Lock lock(&pipes_mutex);
    NamedPipe *pipe = find_pipe(handle);
    if (pipe == nullptr) return false;
    begin_close(&pipe->state);
    if (pipe->state.write == PipeWork::under_way && HasOverlappedIoCompleted(&pipe->write.overlapped)) {
        note_cancelled(&pipe->state, PipeStep::cancel_write);
    }
    proceed(pipe);
    return true;
}

} // namespace mio::impl
