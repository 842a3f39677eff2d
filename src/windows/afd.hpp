// SPDX-License-Identifier: MIT
// Polling a socket with AFD, the driver that implements sockets on Windows.
#pragma once

#include "core/base.hpp"
#include "windows/nt.hpp"
#include "windows/sock_state.hpp"

#include <mio/base.h>
#include <stdint.h>

namespace mio::impl {

// One operation. The system writes to the operation, so the operation must stay where it is until its packet has been
// taken from the port.
struct AfdOperation {
    IO_STATUS_BLOCK status;
    AfdPollInfo info;
};

// Opens a handle of AFD that belongs to no socket. The operations of the handle complete on the port, with this key.
int open_afd(HANDLE port, uintptr_t key, HANDLE *afd);

// Stores the socket that is below all layered providers of a socket. AFD knows only the lowest socket. Returns -EBADF
// if the handle is not open, and -EPERM if it is not a socket.
int base_socket(mio_handle handle, SOCKET *base);

// Returns 0 if a handle is open, or -EBADF.
int check_handle(mio_handle handle);

// Marks the socket itself, not its handle. Windows reuses the number of a closed handle, and the next socket of this
// number has no mark. No call removes the mark. Returns false if the system cannot mark the socket.
bool mark_socket(mio_handle handle);

// Returns whether the handle has a marked socket. A program can also make the mark itself.
bool is_marked(mio_handle handle);

// Starts to poll. If the call succeeds, a packet comes, even if the operation has completed at once. If the call fails,
// no packet comes, and `status` has the reason.
bool submit_poll(HANDLE afd, AfdOperation *operation, SOCKET base, uint32_t bits);

// Ends an operation early. The packet of the operation comes in any case.
void cancel_poll(HANDLE afd, AfdOperation *operation);

// Returns how an operation ended, and stores its bits. Call the function after the packet of the operation has come.
Ending ending_of(const AfdOperation &operation, uint32_t *bits);

} // namespace mio::impl
