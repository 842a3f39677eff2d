// SPDX-License-Identifier: MIT
#include "port/safe.hpp"

#include "unix/cancel_guard.hpp"
#include "unix/errno_guard.hpp"
#include "unix/quiet_write.hpp"
#include "unix/write_signals.hpp"

#include <errno.h>
#include <sys/stat.h>

namespace mio::impl {

namespace {

// True if a write to the descriptor can raise SIGXFSZ. Pipes, sockets and character devices have no size, so a write to
// them never raises SIGXFSZ.
bool has_size(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0) return false;
    return !S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode) && !S_ISCHR(status.st_mode);
}

} // namespace

int64_t write_all(mio_handle handle, const void *buffer, size_t length)
{
    const ErrnoGuard errno_guard;
    const CancelGuard cancel_guard;
    const bool is_file = has_size(handle);
    char *bytes = static_cast<char *>(const_cast<void *>(buffer));
    size_t done = 0;
    do {
        const iovec rest = {bytes + done, length - done};
        const long result = is_file ? write_file_quietly(handle, &rest, 1) : write_quietly(handle, &rest, 1);
        if (result == -EINTR) continue;
        if (result < 0 && done == 0) return result;
        if (result <= 0) break;
        done += static_cast<size_t>(result);
    } while (done < length);
    return static_cast<int64_t>(done);
}

} // namespace mio::impl
