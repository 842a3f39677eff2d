// SPDX-License-Identifier: MIT
// Sends files with Linux's sendfile(2), and moves bytes between descriptors with splice(2).
#include "port/transfers.hpp"
#include "linux/calls.hpp"
#include "unix/transfer.hpp"

#include <errno.h>
#include <fcntl.h>

namespace mio::impl {

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
    // If the length is 0, the kernel does not check the descriptors, so check the descriptors here.
    if (from == MIO_HANDLE_NONE || to == MIO_HANDLE_NONE) return -EBADF;
    return transfer_quietly(count, [=] { return call_splice(from, to, count, SPLICE_F_NONBLOCK); });
}

int unready_sides(mio_handle from, mio_handle to)
{
    return poll_unready(from, to);
}

} // namespace mio::impl
