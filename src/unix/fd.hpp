// SPDX-License-Identifier: MIT
// Operations that work on any descriptor.
#pragma once

#include "core/base.hpp"

#include <mio/base.h>

namespace mio::impl {

// Stores the descriptor that a call returned and returns 0, or passes on its negative errno value.
inline int store_fd(int result, mio_handle *handle)
{
    if (result < 0) return result;
    *handle = result;
    return 0;
}

// Makes a descriptor from outside the library non-blocking and close-on-exec; unchanged on an error.
int set_nonblocking_cloexec(int fd);

// Does so with a descriptor that the caller has just opened, and stores it; or closes it, and returns why.
int store_new_fd(int fd, mio_handle *handle);

// Closes a descriptor once: it is closed even after an EINTR (close(2)). Keeps errno, and is not a cancellation point.
void close_fd(int fd);

// Empties a non-blocking descriptor: the bytes of a pipe, or the counter of an eventfd. False if it was empty.
bool drain_fd(int fd);

} // namespace mio::impl
