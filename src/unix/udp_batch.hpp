// SPDX-License-Identifier: MIT
// Several datagrams in one call: sendmmsg(2) and recvmmsg(2), which not every system has. Each has its own
// udp_batch.cc.
#pragma once

#include "core/base.hpp"

#include <stddef.h>
#include <sys/socket.h>

namespace mio::impl {

// A message and, once received, its length: the members of struct mmsghdr, as which the system accesses them.
struct __attribute__((may_alias)) BatchHeader {
    msghdr msg_hdr;
    unsigned msg_len;
};

// The number of messages, or a negative errno value; -ENOSYS if the system or a sandbox has no such call. Neither raises
// SIGPIPE.
long send_batch(int fd, BatchHeader *headers, size_t count);
long recv_batch(int fd, BatchHeader *headers, size_t count);

} // namespace mio::impl
