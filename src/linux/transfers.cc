// SPDX-License-Identifier: MIT
// sendfile(2) and splice(2) of Linux. On no kernel does either call have a flag against SIGPIPE or SIGXFSZ.
#include "port/transfers.hpp"
#include "linux/calls.hpp"
#include "unix/cancel_guard.hpp"
#include "unix/stream_result.hpp"
#include "unix/write_signals.hpp"

#include <errno.h>
#include <fcntl.h>
#include <mio/interest.h>
#include <poll.h>

namespace mio::impl {

namespace {

template <typename Call>
int64_t transfer_quietly(size_t count, Call call)
{
    const CancelGuard guard; // so that no cancellation leaves the mask changed
    const WriteSignals signals = block_write_signals();
    const long result = call();
    // sendfile(2) and splice(2) move the data page by page. If the reader closes in between, or the file reaches its
    // limit, the call returns a count and raises the signal as well.
    const bool is_short = result > 0 && static_cast<size_t>(result) < count;
    unblock_write_signals(signals, result == -EPIPE || result == -EFBIG || is_short);
    return result == -ENOSYS ? -ENOTSUP : stream_result(result); // a sandbox refuses the call, and no older call exists
}

} // namespace

int64_t send_file(mio_handle to, mio_handle file, int64_t *offset, size_t count)
{
    int64_t position = offset != nullptr ? *offset : 0;
    const int64_t result = transfer_quietly(
        count, [&] { return call_sendfile(to, file, offset != nullptr ? &position : nullptr, count); });
    if (result > 0 && offset != nullptr) *offset = position;
    return result;
}

int64_t splice_handles(mio_handle from, mio_handle to, size_t count)
{
    // For a length of 0 the kernel checks neither descriptor.
    if (from == MIO_HANDLE_NONE || to == MIO_HANDLE_NONE) return -EBADF;
    return transfer_quietly(count, [=] { return call_splice(from, to, count, SPLICE_F_NONBLOCK); });
}

uint32_t unready_sides(mio_handle from, mio_handle to)
{
    pollfd sides[] = {{from, POLLIN, 0}, {to, POLLOUT, 0}};
    (void)call_poll_now(sides, 2);
    return (sides[0].revents == 0 ? MIO_READABLE : 0) | (sides[1].revents == 0 ? MIO_WRITABLE : 0);
}

} // namespace mio::impl
