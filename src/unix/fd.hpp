// SPDX-License-Identifier: MIT
// What holds for every descriptor, whatever it is.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// Stores the descriptor that a call returned, and is 0; or passes on the negative errno value that it returned instead.
inline int store_fd(int result, mio_handle *handle)
{
    if (result < 0) return result;
    *handle = result;
    return 0;
}

// Makes a descriptor that somebody else opened non-blocking and close-on-exec; unchanged where that fails.
int set_nonblocking_cloexec(int fd);

// Closes a descriptor once: after an EINTR it is closed as well (close(2)). Keeps errno, and is no cancellation
// point.
void close_fd(int fd);

// Reads away what is there, the bytes of a pipe or the counter of an eventfd, of a non-blocking descriptor. False if
// there was nothing.
bool drain_fd(int fd);

} // namespace mio::impl
