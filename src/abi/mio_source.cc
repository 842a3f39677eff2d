// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"

#include <errno.h>
#include <mio/source.h>

using namespace mio::impl;

MIO_EXPORT int64_t mio_source_try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context),
                                     void *context)
{
    if (source == nullptr || operation == nullptr) return -EINVAL;
    if (handle_of(source) == MIO_HANDLE_NONE) return -EBADF;
    return do_io(source, MIO_READABLE | MIO_WRITABLE, [=](mio_handle handle) { return operation(handle, context); });
}

MIO_EXPORT int mio_source_option(const mio_source *source, int option, int64_t *value)
{
    if (source == nullptr || value == nullptr) return -EINVAL;
    return socket_option(handle_of(source), option, value);
}

MIO_EXPORT int mio_source_set_option(mio_source *source, int option, int64_t value)
{
    return source != nullptr ? set_socket_option(handle_of(source), option, value) : -EINVAL;
}
