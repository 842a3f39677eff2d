// SPDX-License-Identifier: MIT
// Sends or receives several datagrams in one call, with sendmmsg(2) and recvmmsg(2). Some systems lack these calls, so
// each system has its own udp_batch.cc.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <sys/socket.h>

namespace mio::impl {

// A message, and its length after a receive. The system accesses this struct as a struct mmsghdr.
struct __attribute__((may_alias)) BatchHeader {
    msghdr msg_hdr;
    unsigned msg_len;
};

// On Linux, send_batch calls sendmmsg(2), and recv_batch calls recvmmsg(2). Both functions return the number of
// messages sent or received, or a negative errno value. The error is -ENOSYS if the system lacks these calls, or if a
// sandbox refuses the call. Neither function raises SIGPIPE.
long send_batch(int fd, BatchHeader *headers, size_t count);
long recv_batch(int fd, BatchHeader *headers, size_t count);

} // namespace mio::impl
