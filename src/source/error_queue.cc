// SPDX-License-Identifier: MIT
#include "source/error_queue.hpp"

#include "core/struct_size.hpp"
#include "port/error_queue.hpp"

#include <errno.h>

namespace mio::impl {

int64_t recv_error(mio_source *source, SourceKind kind, mio_queued_error *given)
{
    mio_queued_error error;
    const int wrong = load_struct(given, &error);
    if (wrong != 0) return wrong;
    if (error.pieces == nullptr && error.piece_count > 0) return -EINVAL;
    // An event with MIO_ERROR also has MIO_READABLE and MIO_WRITABLE. The same event can also announce a datagram. If
    // the caller fetches only the error, another event must announce the datagram. So rearm MIO_READABLE as well. Do
    // not rearm MIO_WRITABLE: the socket is still writable, so rearming would cause another event at once.
    const int64_t received =
        do_io(source, kind, MIO_ERROR | MIO_READABLE, [&](mio_handle handle) { return dequeue_error(handle, &error); });
    if (received >= 0) store_struct(error, given);
    return received;
}

} // namespace mio::impl
