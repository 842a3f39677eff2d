// SPDX-License-Identifier: MIT
// Declares the object that the library keeps for each named pipe. Also declares functions that carry out the steps of a
// pipe, such as starting a read. windows/pipe_state.hpp computes the steps. The library allocates a pipe, its
// operations and its buffers as one block of memory. The library frees a pipe after a wait has taken the packets of all
// its operations.
#pragma once

#include "core/base.hpp"
#include "windows/iocp.hpp"
#include "windows/mutex.hpp"
#include "windows/pipe_state.hpp"

#include <mio/base.h>
#include <mio/event.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

constexpr size_t pipe_buffer_size = 16384;

struct NamedPipe;

struct PipeOperation {
    OVERLAPPED overlapped; // the first member, so a pointer to this member is also a pointer to the PipeOperation
    NamedPipe *pipe;
};

struct NamedPipe {
    NamedPipe *next; // next in the list of all pipes
    mio_handle handle;
    HANDLE port;    // null if the pipe has no port now
    bool had_port;  // a pipe that has or had a port cannot get another port
    bool is_server; // the pipe can wait for a client
    uintptr_t token;
    mio_event *event; // the event of the pipe in the array of the wait that has made the pipe due, or null
    PipeState state;
    PipeOperation connect;
    PipeOperation read;
    PipeOperation write;
    PipeOperation report; // a posted packet
    char input[pipe_buffer_size];
    char output[pipe_buffer_size];
};

// The list of all pipes. The library searches this list for a handle, because a registration has only the handle. One
// mutex, pipes_mutex, protects the list and all pipes. So no thread can free a pipe while another thread uses this
// pipe. A thread that holds the mutex of a poll object may lock pipes_mutex.
extern Mutex pipes_mutex;
extern NamedPipe *pipes;

inline HANDLE file_of(const NamedPipe *pipe)
{
    return reinterpret_cast<HANDLE>(pipe->handle);
}

// Call find_pipe, proceed and note_ended with pipes_mutex locked. close_named_pipe locks the mutex itself.

// Returns the open pipe of a handle, or null. The function skips a pipe that the program has closed, because Windows
// may have given the number of its handle to a new pipe.
NamedPipe *find_pipe(mio_handle handle);

// Does all steps that are due. The function can free the pipe.
void proceed(NamedPipe *pipe);

// Records that an operation has ended. `error` is 0 or a negative errno value.
void note_ended(NamedPipe *pipe, const PipeOperation *operation, int error, uint32_t count);

// Closes a pipe. If a write is under way, the library closes the handle only after the write has ended. Returns false
// if no pipe has this handle.
bool close_named_pipe(mio_handle handle);

} // namespace mio::impl
