// SPDX-License-Identifier: MIT
// The state of the selector that uses AFD and a completion port.
//
//  1. Each registered socket has at most one AFD operation under way. sock_state.hpp computes the next step of the
//     socket. A change of a registration makes its socket "due". The next wait does the steps of all due sockets. So
//     several changes between two waits need only one operation. If a thread already waits, the thread that makes the
//     change does the step at once.
//  2. When the program deregisters a socket, the selector removes the socket from the table at once. If an operation of
//     the socket is still under way, the library frees the memory of the socket later: after a wait has taken the
//     packet of the operation from the port. This packet causes no event.
//  3. If AFD refuses an operation, the library itself posts the packet of the operation. This packet becomes an error
//     event of the socket. Other sockets are not affected.
//  4. A handle can be registered with only one poll object at a time. Otherwise two operations on one socket would take
//     completions from each other, and one of the poll objects would lose events.
//  5. If a program closes a registered socket, AFD reports the close to the next wait, if an operation is under way.
//     The system may give the number of the closed handle to another socket. The library can tell the two sockets
//     apart: only the registered socket has a mark (windows/afd.hpp). The library looks at the mark before it starts
//     an operation, and before it changes a registration.
//  6. On some systems, an operation ends when the thread that started the operation ends. In that case the library
//     starts the operation again.
#pragma once

#include "core/base.hpp"
#include "windows/iocp.hpp"
#include "windows/mutex.hpp"
#include "windows/socket_table.hpp"

#include <mio/event.h>
#include <stdint.h>

namespace mio::impl {

struct AfdState;

// An open waker. A packet can stay in the port after the waker has been closed and freed. So the packet contains the
// waker's serial number instead of a pointer.
struct PostedWaker {
    uintptr_t serial;
    uintptr_t token;
    PostedWaker *next;
    AfdState *state;
    bool posted; // the waker's packet is in the port, or a wait is about to handle it
};

struct AfdState {
    HANDLE port;
    HANDLE afd;
    AfdState *next; // next in the list of all poll objects (afd_selector.cc)
    Mutex mutex;    // protects all members below
    SocketTable table;
    AfdSocket *due;
    size_t under_way;    // number of operations whose packet no thread has fetched from the port
    int waiting;         // number of threads that wait on the port
    PostedWaker *wakers; // list of all wakers, newest first
    uintptr_t last_waker;
};

// Call the following functions with the mutex locked.

// Does the next step of a socket at once, or leaves the step to the next wait. The function can free the socket, and
// takes the socket out of the table if the program has closed it.
void proceed(AfdState *state, AfdSocket *socket);

// Does the next step of each socket in the list `due`, and returns 0. If a step fails, the function returns -ENOMEM at
// once. The socket of the failed step and the sockets after it then stay in the list.
int proceed_with_due(AfdState *state);

// Returns the registration of a handle, or null. A registration is stale if the program has closed the registered
// socket without deregistering the socket, and a new socket has the same number. If the registration is stale, the
// function drops the registration and returns null.
AfdSocket *find_socket(AfdState *state, mio_handle handle);

// Takes a socket out of the table. Afterwards the selector reports no event of this socket.
void drop_socket(AfdState *state, AfdSocket *socket);

// Handles a packet. If the packet causes an event, stores the event in *event and returns true. The socket of the
// packet becomes due. While the caller keeps the mutex locked and does no step, no packet of this socket can come, so
// the caller gets no second event of the socket.
bool take_packet(AfdState *state, const OVERLAPPED_ENTRY &packet, mio_event *event);

} // namespace mio::impl
