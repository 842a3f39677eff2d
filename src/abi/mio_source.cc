// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"

#include <errno.h>
#include <mio/option.h>
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

MIO_EXPORT int mio_source_text_option(const mio_source *source, int option, char *text, size_t size)
{
    if (source == nullptr || (text == nullptr && size > 0)) return -EINVAL;
    return socket_text_option(handle_of(source), option, text, size);
}

MIO_EXPORT int mio_source_set_text_option(mio_source *source, int option, const char *text)
{
    if (source == nullptr || text == nullptr) return -EINVAL;
    return set_socket_text_option(handle_of(source), option, text);
}
