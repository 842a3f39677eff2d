// SPDX-License-Identifier: MIT
// Finds the registered sockets of a poll object by their handles. Each socket is a separate allocation that never
// moves, because the system writes to this memory.
#pragma once

#include "core/base.hpp"
#include "windows/afd.hpp"
#include "windows/sock_state.hpp"

#include <mio/base.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

struct AfdSocket {
    AfdOperation operation; // the first member, so a pointer to this member is also a pointer to the AfdSocket
    SockState state;
    mio_handle handle;
    SOCKET base;
    bool marked; // see mark_socket
    uintptr_t token;
    AfdSocket *next_in_bucket;
    AfdSocket *next_due;  // next in the list of due sockets (afd_state.hpp)
    AfdSocket **due_link; // address of the list's pointer to this socket, or null if not due
};

// Finds a registered socket by its handle. A table of zeros is empty. The caller allocates and frees the sockets.
class SocketTable {
public:
    void close();

    AfdSocket *find(mio_handle handle) const;

    // Adds a socket to the table. Returns false if there is no memory. The handle must not be in the table.
    bool insert(AfdSocket *socket);
    void erase(AfdSocket *socket);

    // Returns the socket with the smallest handle that is at least `first`, or null. The function searches the whole
    // table.
    AfdSocket *first_from(mio_handle first) const;

private:
    AfdSocket **bucket_of(mio_handle handle) const;
    bool grow();

    AfdSocket **buckets_;
    size_t bucket_count_; // 0 or a power of two
    size_t size_;
};

} // namespace mio::impl
