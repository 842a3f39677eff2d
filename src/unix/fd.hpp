// SPDX-License-Identifier: MIT
// Operations that work on any descriptor.
#pragma once

#include "core/base.hpp"

#include <fcntl.h>
#include <mio/base.h>

namespace mio::impl {

// Stores the descriptor that a call returned, and returns 0. If the call failed, returns the negative errno value of
// the call.
inline int store_fd(int result, mio_handle *handle)
{
    if (result < 0) return result;
    *handle = result;
    return 0;
}

// Sets F_SETNOSIGPIPE, if the system has this setting, so that a write to the descriptor never raises SIGPIPE. Versions
// of macOS before 15 need the setting, because these versions ignore MSG_NOSIGNAL.
inline void silence_fd([[maybe_unused]] int fd)
{
#ifdef F_SETNOSIGPIPE
    (void)fcntl(fd, F_SETNOSIGPIPE, 1);
#endif
}

// Makes a descriptor non-blocking and close-on-exec. Callers pass a descriptor that the library did not open. After an
// error, the descriptor is unchanged.
int set_nonblocking_cloexec(int fd);

// Stores a descriptor that the caller has just opened, and makes it non-blocking and close-on-exec. After an error, the
// function closes the descriptor and returns the error.
int store_new_fd(int fd, mio_handle *handle);

// Closes a descriptor. If close(2) returns EINTR, the descriptor is closed nevertheless, so the function does not call
// close(2) again. Keeps errno. Not a cancellation point.
void close_fd(int fd);

// Empties a non-blocking pipe, or the counter of an eventfd. Returns false if the descriptor was empty.
bool drain_fd(int fd);

} // namespace mio::impl
