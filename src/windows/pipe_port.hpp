// SPDX-License-Identifier: MIT
// Registers named pipes with a poll object. The first registration of a pipe attaches the pipe's handle to the
// completion port of the poll object. Windows cannot change the port of a handle later.
#pragma once

#include "core/base.hpp"
#include "port/selector.hpp"
#include "windows/iocp.hpp"

#include <mio/base.h>
#include <mio/event.h>
#include <stdint.h>

namespace mio::impl {

// Registers the named pipe of a handle. If no pipe has this handle, returns -EPERM. If the pipe is already registered
// with this port, returns -EEXIST. If the first registration was with another port, returns -EBUSY.
int add_pipe(HANDLE port, mio_handle handle, uintptr_t token, uint32_t interest);

// These functions modify, end and rearm the registration of a pipe. If no pipe with this handle is registered with
// the port, the functions return false.
bool modify_pipe(HANDLE port, mio_handle handle, uintptr_t token, uint32_t interest);
bool remove_pipe(HANDLE port, mio_handle handle);
bool rearm_pipe(HANDLE port, mio_handle handle, uint32_t used_up);

// Stores in *found the registration with the smallest handle that is at least `first`. Returns false if there is no
// such registration.
bool find_pipe_registration(HANDLE port, mio_handle first, Registration *found);

// Handles a packet, and makes the pipe due. If the pipe has news to report, stores an event in *event and returns true.
// If the pipe already has an event of this wait, adds the news to that event and returns false.
bool take_pipe_packet(const OVERLAPPED_ENTRY &packet, mio_event *event);

// Does the steps of all due pipes of a port. Call this function after take_pipe_packet, before another wait can store
// events. The function can free pipes.
void proceed_with_due_pipes(HANDLE port);

// To close a port, call end_pipes, which cancels the operations of all pipes of the port. Then take packets while
// await_pipe_packets returns true. Then call leave_port.
void end_pipes(HANDLE port);
bool await_pipe_packets(HANDLE port);
void leave_port(HANDLE port);

} // namespace mio::impl
