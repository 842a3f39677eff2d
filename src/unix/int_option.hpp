// SPDX-License-Identifier: MIT
// Reads a socket option whose value is an int, and is never negative.
#pragma once

#include "core/base.hpp"
#include "unix/calls.hpp"

#include <sys/socket.h>

namespace mio::impl {

// Returns the value of the option `name`, or a negative errno value.
inline int int_option(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof value;
    const int failed = result_of(getsockopt(fd, level, name, &value, &size));
    return failed < 0 ? failed : value;
}

} // namespace mio::impl
