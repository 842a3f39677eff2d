// SPDX-License-Identifier: MIT
#include "source/queued_error.hpp"

#include "core/struct_size.hpp"
#include "port/error_queue.hpp"

#include <errno.h>

namespace mio::impl {

int64_t recv_error(mio_source *source, mio_queued_error *error)
{
    const int wrong = check_size(error);
    if (wrong != 0) return wrong;
    if (error->pieces == nullptr && error->piece_count > 0) return -EINVAL;
    // The event of an error says readable as well, and a datagram that came with it is easily left for the next one. It says
    // writable too, but that would be so at once again, for ever.
    return do_io(source, MIO_ERROR | MIO_READABLE, [=](mio_handle handle) { return dequeue_error(handle, error); });
}

} // namespace mio::impl
