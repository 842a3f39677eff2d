// SPDX-License-Identifier: MIT
// Writes to any descriptor without SIGPIPE. In POSIX, write(2) has no flag to suppress SIGPIPE, so the library blocks
// the signal.
#include "unix/quiet_write.hpp"

#include "unix/write_signals.hpp"

#include <signal.h>

namespace mio::impl {

// Consumes the pending signals in `set`. The function calls sigwait(3), because sigtimedwait(2) is optional in POSIX.
// sigwait(3) returns at once, because the write has raised the signal for this thread, and no other thread can consume
// the signal.
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
