// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "poll/io_source.hpp"
#include "port/sockets.hpp"
#include "source/signal_source.hpp"
#include "source/transfers.hpp"

#include <errno.h>
#include <mio/option.h>
#include <mio/source.h>

using namespace mio::impl;

MIO_EXPORT void mio_source_close(mio_source *source)
{
    if (source == nullptr) return;
    kind_of(source) == SourceKind::signals ? close_signals(source) : close_source(source);
}

MIO_EXPORT mio_handle mio_source_handle(const mio_source *source)
{
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = source != nullptr ? borrow_handle(source, &handle) : -EINVAL;
    return failed == 0 ? handle : failed;
}

MIO_EXPORT mio_handle mio_source_into_handle(mio_source *source)
{
    mio_handle handle = MIO_HANDLE_NONE;
    const int failed = source != nullptr ? release_handle(source, &handle) : -EINVAL;
    return failed == 0 ? handle : failed;
}

MIO_EXPORT int mio_source_local_addr(const mio_source *source, mio_addr *addr)
{
    if (source == nullptr || addr == nullptr) return -EINVAL;
    return socket_local_addr(handle_of(source), addr);
}

MIO_EXPORT int mio_source_peer_addr(const mio_source *source, mio_addr *addr)
{
    if (source == nullptr || addr == nullptr) return -EINVAL;
    return socket_peer_addr(handle_of(source), addr);
}

MIO_EXPORT int mio_source_take_error(mio_source *source, int *error)
{
    return source != nullptr && error != nullptr ? take_error(source, error) : -EINVAL;
}

MIO_EXPORT int64_t mio_source_try_io(mio_source *source, int64_t (*operation)(mio_handle handle, void *context),
                                     void *context)
{
    return source != nullptr && operation != nullptr ? try_io(source, operation, context) : -EINVAL;
}

MIO_EXPORT int64_t mio_source_send_file(mio_source *source, mio_handle file, int64_t *offset, size_t count)
{
    return source != nullptr ? send_file_to(source, file, offset, count) : -EINVAL;
}

MIO_EXPORT int64_t mio_source_splice(mio_source *from, mio_source *to, size_t count, uint32_t *blocked)
{
    if (from == nullptr || to == nullptr) return -EINVAL;
    return splice_ends(end_of(from), end_of(to), count, blocked);
}

MIO_EXPORT int64_t mio_source_splice_to_handle(mio_source *from, mio_handle to, size_t count, uint32_t *blocked)
{
    return from != nullptr ? splice_ends(end_of(from), end_of(to), count, blocked) : -EINVAL;
}

MIO_EXPORT int64_t mio_source_splice_from_handle(mio_handle from, mio_source *to, size_t count, uint32_t *blocked)
{
    return to != nullptr ? splice_ends(end_of(from), end_of(to), count, blocked) : -EINVAL;
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
