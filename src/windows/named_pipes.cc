// SPDX-License-Identifier: MIT
// Named pipes: opening, connecting, disconnecting, and moving bytes. windows/pipe_port.cc has the registrations, and
// windows/pipe_object.cc closes pipes.
#include "port/named_pipes.hpp"

#include "port/memory.hpp"
#include "windows/errors.hpp"
#include "windows/pipe_name.hpp"
#include "windows/pipe_object.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

constexpr uint32_t default_system_buffer = 65536;

// Makes the NamedPipe of an open file. If there is no memory, closes the file.
int keep_file(HANDLE file, bool is_server, NamedPipe **made)
{
    if (file == INVALID_HANDLE_VALUE) return -errno_of(GetLastError());
    NamedPipe *pipe = create<NamedPipe>();
    if (pipe == nullptr) {
        (void)CloseHandle(file);
        return -ENOMEM;
    }
    pipe->handle = reinterpret_cast<mio_handle>(file);
    pipe->is_server = is_server;
    pipe->state.link = is_server ? PipeLink::apart : PipeLink::open;
    PipeOperation *const operations[] = {&pipe->connect, &pipe->read, &pipe->write, &pipe->report};
    for (PipeOperation *operation : operations)
        operation->pipe = pipe;
    const Lock lock(&pipes_mutex);
    pipe->next = pipes;
    pipes = pipe;
    *made = pipe;
    return 0;
}

// Returns -EBADF if the poll object of the pipe is closed. Otherwise returns 0.
int check_usable(const NamedPipe *pipe)
{
    return pipe->had_port && !pipe->state.attached ? -EBADF : 0;
}

int check_server(const NamedPipe *pipe)
{
    return pipe->is_server ? check_usable(pipe) : -EINVAL;
}

} // namespace

int create_named_pipe(const char *name, const mio_named_pipe_options &options, NamedPipe **created)
{
    wchar_t converted[most_name_units];
    const int wrong = convert_pipe_name(name, true, converted);
    if (wrong != 0) return wrong;
    const bool is_first = (options.flags & MIO_NAMED_PIPE_FIRST) != 0;
    const bool takes_remote = (options.flags & MIO_NAMED_PIPE_REMOTE) != 0;
    const DWORD open_mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | (is_first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0U);
    const DWORD pipe_mode = PIPE_TYPE_BYTE | (takes_remote ? 0U : PIPE_REJECT_REMOTE_CLIENTS);
    const DWORD instances = options.instances != 0 ? options.instances : PIPE_UNLIMITED_INSTANCES;
    const DWORD size = options.buffer_size != 0 ? options.buffer_size : default_system_buffer;
    SECURITY_ATTRIBUTES security = {
        .nLength = sizeof security, .lpSecurityDescriptor = options.security_descriptor, .bInheritHandle = FALSE};
    return keep_file(CreateNamedPipeW(converted, open_mode, pipe_mode, instances, size, size, 0, &security), true,
                     created);
}

int open_named_pipe(const char *name, NamedPipe **opened)
{
    wchar_t converted[most_name_units];
    const int wrong = convert_pipe_name(name, false, converted);
    if (wrong != 0) return wrong;
    constexpr DWORD flags = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
    return keep_file(CreateFileW(converted, GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, flags, nullptr),
                     false, opened);
}

mio_handle handle_of_pipe(const NamedPipe *pipe)
{
    return pipe->handle;
}

// ---- the program's calls ------------------------------------------------------------------------------------------

int connect_named_pipe(NamedPipe *pipe)
{
    const Lock lock(&pipes_mutex);
    const int wrong = check_server(pipe);
    if (wrong != 0) return wrong;
    if (pipe->state.link == PipeLink::apart) pipe->state.link = PipeLink::connecting;
    proceed(pipe);
    return pipe->state.link == PipeLink::open ? 0 : -EAGAIN;
}

int disconnect_named_pipe(NamedPipe *pipe)
{
    const Lock lock(&pipes_mutex);
    const int wrong = check_server(pipe);
    if (wrong != 0) return wrong;
    if (pipe->state.link == PipeLink::apart) return -ENOTCONN;
    // While the server waits for a client, DisconnectNamedPipe fails. This failure is harmless, because `disconnect`
    // then cancels the wait.
    const BOOL is_apart = DisconnectNamedPipe(file_of(pipe));
    if (!is_apart && pipe->state.link == PipeLink::open) return -errno_of(GetLastError());
    disconnect(&pipe->state);
    proceed(pipe);
    return 0;
}

int64_t read_named_pipe(NamedPipe *pipe, void *buffer, size_t length)
{
    const Lock lock(&pipes_mutex);
    const int unusable = check_usable(pipe);
    if (unusable != 0 || length == 0) return unusable;
    PipeState *state = &pipe->state;
    const int ready = check_read(*state);
    if (ready <= 0) return ready;
    const uint32_t present = state->received - state->taken;
    const uint32_t count = length < present ? static_cast<uint32_t>(length) : present;
    memcpy(buffer, pipe->input + state->taken, count);
    state->taken += count;
    proceed(pipe);
    return count;
}

int64_t write_named_pipe(NamedPipe *pipe, const void *buffer, size_t length)
{
    const Lock lock(&pipes_mutex);
    PipeState *state = &pipe->state;
    int wrong = check_usable(pipe);
    if (wrong == 0) wrong = check_write(*state);
    if (wrong == -EAGAIN || length > pipe_buffer_size) rearm(state, MIO_WRITABLE);
    if (wrong != 0 || length == 0) return wrong;
    const uint32_t count = length < pipe_buffer_size ? static_cast<uint32_t>(length) : pipe_buffer_size;
    memcpy(pipe->output, buffer, count);
    state->queued = count;
    proceed(pipe);
    if (state->write_end != 0) return state->write_end;
    return count;
}

} // namespace mio::impl
