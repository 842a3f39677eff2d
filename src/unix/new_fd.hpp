// SPDX-License-Identifier: MIT
// Functions that open descriptors. Each new descriptor is close-on-exec and non-blocking. On most systems, the
// descriptor is close-on-exec from the start, so it cannot leak into a program that another thread executes. Systems
// open such descriptors in different ways, so there is more than one new_fd.cc.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>
#include <sys/socket.h>

namespace mio::impl {

// These functions open a socket, a pair of sockets, or a pipe. They store the new descriptors and return 0, or return a
// negative errno value.
int new_socket(int family, int type, mio_handle *opened);
int new_socket_pair(int family, int type, mio_handle opened[2]);
int new_pipe(mio_handle *reading, mio_handle *writing);

// Calls accept(2). If the call fails, the address and its length are unchanged.
int new_connection(mio_handle listener, sockaddr *addr, socklen_t *addr_length, mio_handle *accepted);

// Calls recvmsg(2). All descriptors that the message carries are close-on-exec.
long receive_new_fds(int fd, msghdr *message);

} // namespace mio::impl
