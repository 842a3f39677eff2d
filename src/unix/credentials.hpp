// SPDX-License-Identifier: MIT
// Credentials as a system attaches them to messages: each has its own control message, of level SOL_SOCKET, for it.
#pragma once

#include "core/base.hpp"

#include <mio/unix.h>
#include <stddef.h>
#include <sys/socket.h>

namespace mio::impl {

// The control message that claims credentials.
struct Claim {
    int type;
    size_t size;
    unsigned char content[32];
};

// -ENOTSUP where a process cannot say who it is, and the system says it for it.
int make_claim(const mio_unix_credentials *credentials, Claim *claim);

// Takes the credentials out of a received control message, if that is what it is.
bool read_credentials(const cmsghdr *control, mio_unix_credentials *credentials);

// The descriptor that a received control message brings without the sender's doing, or -1. It must be closed.
int unasked_descriptor(const cmsghdr *control);

} // namespace mio::impl
