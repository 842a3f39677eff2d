// SPDX-License-Identifier: MIT
// POSIX has no flag against SIGPIPE for write(2).
#include "unix/quiet_write.hpp"

#include "unix/write_signals.hpp"

#include <signal.h>

namespace mio::impl {

// Consumes the pending signals of a set. sigtimedwait(2) is optional in POSIX, so the function calls sigwait(3).
// sigwait(3) does not wait here, because the signal of a write is pending for the thread that made the write.
void take_pending(const sigset_t &set)
{
    int taken;
    for (const int number : write_signals) {
        while (sigismember(&set, number) == 1 && is_pending(number))
            (void)sigwait(&set, &taken);
    }
}

long write_quietly(int fd, const iovec *pieces, size_t count)
{
    return write_file_quietly(fd, pieces, count);
}

} // namespace mio::impl
