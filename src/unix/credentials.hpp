// SPDX-License-Identifier: MIT
// Credentials that accompany messages. Each system has its own control message for credentials, of level SOL_SOCKET.
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

// Returns -ENOTSUP if a message of this system cannot carry credentials that the sender claims.
int make_claim(const mio_unix_credentials *credentials, Claim *claim);

// If a received control message has the type of credentials, reads the credentials.
bool read_credentials(const cmsghdr *control, mio_unix_credentials *credentials);

// Returns the descriptor in a control message that the system attached without a request, or -1. The caller closes the
// descriptor.
int unasked_descriptor(const cmsghdr *control);

} // namespace mio::impl
