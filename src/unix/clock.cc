// SPDX-License-Identifier: MIT
// Reads the monotonic clock of a POSIX system. Every wait uses this clock.
#include "port/clock.hpp"
#include "core/timeout.hpp"

#include <time.h>

namespace mio::impl {

int64_t monotonic_now()
{
    timespec now = {};
    // The call cannot fail, because every system with threads has this clock, and the pointer is valid.
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * nanoseconds_per_second + now.tv_nsec;
}

} // namespace mio::impl
