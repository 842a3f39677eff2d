// SPDX-License-Identifier: MIT
#include "unix/notification.hpp"

#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/fd.hpp"

#include <errno.h>

namespace mio::impl {

namespace {

// Writing to the descriptor that was opened fails for few reasons. Everything else is said by another file: somebody
// has closed the descriptor, and its number may have been given out again.
int failure_of(long result)
{
    if (result == -ENOMEM) return -ENOMEM;
    const bool refused = result == -EPERM || result == -EACCES || result == -ENOSYS; // the words of sandboxes
    return refused ? -EPERM : -EBADF;
}

} // namespace

int write_notification(const NotifierEnds &ends, const void *bytes, size_t length)
{
    const ErrnoGuard errno_guard;
    const CancelGuard cancel_guard;
    long result = call_write(ends.written, bytes, length);
    if (MIO_UNLIKELY(result == -EAGAIN)) {
        // It is full, and without a write there is no edge: empty it, and write again. If it is full again by then,
        // others have written since it was emptied, and their edge is as good.
        drain_fd(ends.watched);
        result = call_write(ends.written, bytes, length);
        if (result == -EAGAIN) return 0;
    }
    return MIO_LIKELY(result >= 0) ? 0 : failure_of(result);
}

} // namespace mio::impl
