// SPDX-License-Identifier: MIT
// Polls a socket with AFD, the driver that implements sockets on Windows.
#pragma once

#include "core/base.hpp"
#include "windows/nt.hpp"
#include "windows/sock_state.hpp"

#include <mio/base.h>
#include <stdint.h>

namespace mio::impl {

// One request to poll a socket. The system writes to the operation. So do not move or free an operation until a wait
// has taken the packet of the operation from the port.
struct AfdOperation {
    IO_STATUS_BLOCK status;
    AfdPollInfo info;
};

// Opens a handle of AFD that belongs to no socket. When an operation of the handle completes, the port gets a packet
// with this key.
int open_afd(HANDLE port, uintptr_t key, HANDLE *afd);

// Stores the socket of the lowest provider, below all layered providers. AFD can poll only this socket. Returns -EBADF
// if the handle is not open. Returns -EPERM if the handle is not a socket, or if a layered provider does not report the
// socket below it.
int base_socket(mio_handle handle, SOCKET *base);

// Returns 0 if the handle is open, and -EBADF if the handle is not open.
int check_handle(mio_handle handle);

// Marks the socket of the handle. The mark belongs to the socket, not to the number of the handle. If Windows reuses
// the number for another socket, that socket has no mark. No call removes a mark. Returns false if the system cannot
// mark the socket.
bool mark_socket(mio_handle handle);

// Returns whether the socket of the handle is marked. A program can also mark a socket itself.
bool is_marked(mio_handle handle);

// Starts to poll. If the call succeeds, the port gets a packet, even if the operation completes at once. If the call
// fails, the port gets no packet, and the `status` of the operation has the reason.
bool submit_poll(HANDLE afd, AfdOperation *operation, SOCKET base, uint32_t bits);

// Cancels an operation. The port gets the packet of the operation even if the operation has already completed.
void cancel_poll(HANDLE afd, AfdOperation *operation);

// Returns how an operation ended, and stores the bits that the operation reported. Call the function after a wait has
// taken the packet of the operation from the port.
Ending ending_of(const AfdOperation &operation, uint32_t *bits);

} // namespace mio::impl
