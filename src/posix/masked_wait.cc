// SPDX-License-Identifier: MIT
// Waits with a signal mask through pselect(2), on systems without ppoll(2), such as macOS.
#include "unix/masked_wait.hpp"

#include "core/timeout.hpp"
#include "unix/calls.hpp"
#include "unix/wait_time.hpp"

#include <errno.h>
#include <sys/select.h>

namespace mio::impl {

namespace {

constexpr int64_t longest_pselect_ns = 100'000'000 * nanoseconds_per_second; // macOS rejects a longer timeout

int select_readable(int fd, const timespec *timeout, const sigset_t *sigmask)
{
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(fd, &readable);
    return result_of(pselect(fd + 1, &readable, nullptr, nullptr, timeout, sigmask));
}

} // namespace

int masked_wait(int fd, int64_t timeout_ns, const sigset_t *sigmask)
{
    if (fd >= FD_SETSIZE) return -ENOTSUP;
    if (timeout_ns < 0) return select_readable(fd, nullptr, sigmask);
    return wait_in_pieces(timeout_ns, longest_pselect_ns, [=](int64_t piece_ns) {
        const timespec timeout = timespec_of(piece_ns);
        return select_readable(fd, &timeout, sigmask);
    });
}

} // namespace mio::impl
