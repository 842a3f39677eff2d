// SPDX-License-Identifier: MIT
// Sends and reads the credentials of a process, which accompany the messages of a Unix socket. Each system has its own
// control message for credentials, of level SOL_SOCKET.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <sys/socket.h>

namespace mio::impl {

// A control message in which the sender of a message states credentials.
struct Claim {
    int type;
    size_t size;
    unsigned char content[96];
};

// Builds the control message that states these credentials. Returns -ENOTSUP if this system has no such control
// message.
int make_claim(const mio_unix_credentials *credentials, Claim *claim);

// Reads the credentials in a received control message. Returns false if the control message has another type.
bool read_credentials(const cmsghdr *control, mio_unix_credentials *credentials);

// A control message can hold a descriptor that the library did not request. For example, Linux sends a pidfd if the
// program has set SO_PASSPIDFD. Returns the descriptor in such a message. The caller must close this descriptor.
// Returns -1 for a control message of another type.
int unasked_descriptor(const cmsghdr *control);

} // namespace mio::impl
