// SPDX-License-Identifier: MIT
#include "unix/notification.hpp"

#include "core/refused_call.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"

#include <errno.h>

namespace mio::impl {

// Translates the error of a call on the library's own descriptor. If the memory is used up, such a call fails with
// ENOMEM. If a sandbox refuses the call, the error is EPERM, EACCES or ENOSYS. Any other error means that the program
// has closed the descriptor. The number of the descriptor may then stand for another file.
int notification_failure(long result)
{
    if (result == -ENOMEM) return -ENOMEM;
    return is_forbidden_call(result) ? -EPERM : -EBADF;
}

int write_notification(const NotifierEnds &ends, const void *bytes, size_t length)
{
    const ErrnoGuard errno_guard;
    const CancelGuard cancel_guard;
    const auto write = [&] { return call_write(ends.written, bytes, length); };
    long result = uninterrupted(write);
    if (MIO_UNLIKELY(result == -EAGAIN)) {
        // The descriptor is full, and only a successful write causes an edge. So drain the descriptor and write again.
        // If the descriptor is full again, other threads have written after the drain, and have caused an edge.
        drain_fd(ends.watched);
        result = uninterrupted(write);
        if (result == -EAGAIN) return 0;
    }
    return MIO_LIKELY(result >= 0) ? 0 : notification_failure(result);
}

} // namespace mio::impl
