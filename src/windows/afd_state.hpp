// SPDX-License-Identifier: MIT
// The state of the selector on AFD and a completion port.
//
//  1. Each registered socket has at most one operation of AFD under way, and sock_state.hpp computes its next step. A
//     change of a registration makes its socket "due". The next wait does the steps of all due sockets, so that several
//     changes between two waits need only one operation. While a thread waits, each step is done at once.
//  2. If a socket is removed while its operation is under way, the socket leaves the table. Its memory stays until the
//     packet of the operation has been taken from the port. The packet then reports nothing.
//  3. If AFD refuses an operation, the library posts a packet in place of the packet of the operation. The posted
//     packet becomes an error event of this socket alone.
//  4. A handle is registered with one poll object at a time. Two operations on one socket would take completions from
//     each other, and the second poll object would lose events.
//  5. AFD reports to the next wait that a program has closed a registered socket. Until this wait, a mark shows that a
//     handle is still the socket that was registered.
//  6. A system may end an operation when the thread that started the operation ends. Then the library starts the
//     operation again.
#pragma once

#include "core/base.hpp"
#include "windows/iocp.hpp"
#include "windows/mutex.hpp"
#include "windows/socket_table.hpp"

#include <mio/event.h>
#include <stdint.h>

namespace mio::impl {

// The keys of packets. The value of a packet is an AfdOperation, or the serial number of a waker.
constexpr uintptr_t key_afd = 1;
constexpr uintptr_t key_waker = 2;

// A waker that is open. A packet may outlive its waker, so the packet contains the serial number of the waker instead
// of its address.
struct PostedWaker {
    uintptr_t serial;
    uintptr_t token;
    PostedWaker *next;
};

struct AfdState {
    HANDLE port;
    HANDLE afd;
    AfdState *next; // in the list of afd_selector.cc
    Mutex mutex;    // protects all members below
    SocketTable table;
    AfdSocket *due;
    size_t under_way;    // operations whose packets have not been taken
    int waiting;         // threads that wait on the port
    PostedWaker *wakers; // the newest first
    uintptr_t last_waker;
};

// Call the following functions with the mutex locked.

// Does the next step of a socket, at once or in the next wait. May free the socket.
void proceed(AfdState *state, AfdSocket *socket);

// Does the steps of all sockets that are due. Returns 0, or -ENOMEM with the rest still due.
int proceed_with_due(AfdState *state);

// Returns the registration of a handle, or null. Drops the registration of an earlier socket of this number, which the
// program has closed without deregistering.
AfdSocket *find_socket(AfdState *state, mio_handle handle);

// Takes a socket out of the table. From now on no event of this socket is reported.
void drop_socket(AfdState *state, AfdSocket *socket);

// Handles a packet. Returns whether *event is an event to report.
bool take_packet(AfdState *state, const OVERLAPPED_ENTRY &packet, mio_event *event);

} // namespace mio::impl
