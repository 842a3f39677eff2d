// SPDX-License-Identifier: MIT
// Sends files with sendfile(2) of FreeBSD, DragonFly and macOS. This call sends only to sockets, and only from files
// that have a position.
#include "port/transfers.hpp"

#include "bsd/sendfile_forms.hpp"
#include "unix/transfer.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace mio::impl {

namespace {

// Returns the position of a file, or -EINVAL for a file without a position, such as a pipe.
int64_t position_of(int file)
{
    const int64_t position = result_of(lseek(file, 0, SEEK_CUR));
    return position == -ESPIPE ? -EINVAL : position;
}

} // namespace

int64_t send_file(mio_handle to, mio_handle file, int64_t *offset, size_t count)
{
    int64_t position = offset != nullptr ? *offset : position_of(file);
    if (position < 0) return offset != nullptr ? -EINVAL : position;
    if (count == 0) return 0;
    const int64_t result = transfer_quietly(count, [=] { return send_from(&::sendfile, file, to, position, count); });
    if (result == -ENOTSOCK) return -ENOTSUP;
    if (result <= 0) return result;
    position += result;
    if (offset != nullptr)
        *offset = position;
    else
        (void)lseek(file, static_cast<off_t>(position), SEEK_SET);
    return result;
}

int64_t splice_handles(mio_handle, mio_handle, size_t)
{
    return -ENOTSUP;
}

int unready_sides(mio_handle from, mio_handle to)
{
    return poll_unready(from, to);
}

} // namespace mio::impl
