// SPDX-License-Identifier: MIT
// The functions that linux/transfers.cc and bsd/transfers.cc share. sendfile(2) and splice(2) have no flag to suppress
// SIGPIPE or SIGXFSZ, so transfer_quietly blocks both signals during the call.
#pragma once

#include "core/base.hpp"
#include "unix/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/stream_result.hpp"
#include "unix/write_signals.hpp"

#include <errno.h>
#include <mio/interest.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

namespace mio::impl {

// Makes a call that moves up to `count` bytes, without SIGPIPE and SIGXFSZ.
template <typename Call>
int64_t transfer_quietly(size_t count, Call call)
{
    const CancelGuard guard; // otherwise a cancelled thread would keep SIGPIPE blocked
    const WriteSignals signals = block_write_signals();
    const long result = call();
    unblock_write_signals(signals, may_have_raised(result, count));
    // -ENOSYS means that a sandbox refuses the call. No older system call does the same work.
    return result == -ENOSYS ? -ENOTSUP : stream_result(result);
}

// Implements unready_sides of port/transfers.hpp with poll(2).
inline int poll_unready(int from, int to)
{
    pollfd sides[] = {{from, POLLIN, 0}, {to, POLLOUT, 0}};
    const int result = call_poll_now(sides, 2);
    if (result < 0 && result != -EINTR) return result; // EINTR means that neither side is ready
    const uint32_t unready = (sides[0].revents == 0 ? MIO_READABLE : 0) | (sides[1].revents == 0 ? MIO_WRITABLE : 0);
    return static_cast<int>(unready);
}

} // namespace mio::impl
