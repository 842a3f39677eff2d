// SPDX-License-Identifier: MIT
// The state of the selector on AFD and a completion port.
//
//  1. Each registered socket has at most one operation of AFD under way, and sock_state.hpp computes what to do next. A
//     change of a registration makes its socket "due". The next wait does the steps of the sockets that are due, so
//     that several changes between two waits need one operation. While a thread waits, each step is done at once.
//  2. A socket that is removed while its operation is under way leaves the table, and its memory stays until the packet
//     of the operation has been taken from the port. The packet then reports nothing.
//  3. If AFD refuses an operation, a posted packet stands for the packet of the operation, and becomes an error event of
//     this socket alone.
//  4. A handle is registered with one poll object at a time. Two operations on one socket would take completions from
//     each other, and the second poll object would lose events.
//  5. A system may end operations when the thread that started them ends. Such an operation is started again.
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

// A waker that is open. A packet may outlive its waker, so the packet has a number instead of an address.
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
    size_t under_way;    // operations whose packet has not been taken
    int waiting;         // threads that wait on the port
    PostedWaker *wakers; // the newest first
    uintptr_t last_waker;
};

// Call the following functions with the mutex locked.

// Does the next step of a socket, at once or in the next wait. May free the socket.
void proceed(AfdState *state, AfdSocket *socket);

// Does the steps of all sockets that are due. Returns 0, or -ENOMEM with the rest still due.
int proceed_with_due(AfdState *state);

// Takes a socket out of the table. Nothing of it is reported from now on.
void drop_socket(AfdState *state, AfdSocket *socket);

// Handles a packet. Returns whether *event is an event to report.
bool take_packet(AfdState *state, const OVERLAPPED_ENTRY &packet, mio_event *event);

} // namespace mio::impl
