// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/accept_reserve.hpp"
#include "source/uds.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_unix_listener_bind(mio_unix_listener *listener, const mio_addr *addr, int backlog, uint32_t flags)
{
    if (listener == nullptr || addr == nullptr) return -EINVAL;
    return bind_unix_listener(listener, addr, backlog, flags);
}

MIO_EXPORT int mio_unix_listener_from_handle(mio_unix_listener *listener, mio_handle handle)
{
    return listener != nullptr ? adopt_unix_listener(listener, handle) : -EINVAL;
}

MIO_EXPORT void mio_unix_listener_close(mio_unix_listener *listener)
{
    if (listener != nullptr) close_source(&listener->source);
}

MIO_EXPORT mio_handle mio_unix_listener_handle(const mio_unix_listener *listener)
{
    return listener != nullptr ? borrow_handle(&listener->source) : -EINVAL;
}

MIO_EXPORT mio_handle mio_unix_listener_into_handle(mio_unix_listener *listener)
{
    return listener != nullptr ? release_handle(&listener->source) : -EINVAL;
}

MIO_EXPORT int mio_unix_listener_accept(mio_unix_listener *listener, mio_unix_stream *stream, mio_addr *peer)
{
    if (listener == nullptr || stream == nullptr) return -EINVAL;
    return accept_unix_stream(listener, stream, peer);
}

MIO_EXPORT int mio_unix_listener_accept_or_shed(mio_unix_listener *listener, mio_accept_reserve *reserve,
                                                mio_unix_stream *stream, mio_addr *peer)
{
    if (listener == nullptr || stream == nullptr || reserve == nullptr) return -EINVAL;
    return accept_or_shed(&listener->source, reserve, &stream->source, peer);
}

MIO_EXPORT int mio_unix_listener_local_addr(const mio_unix_listener *listener, mio_addr *addr)
{
    if (listener == nullptr || addr == nullptr) return -EINVAL;
    return socket_local_addr(handle_of(&listener->source), addr);
}

MIO_EXPORT int mio_unix_listener_take_error(mio_unix_listener *listener)
{
    return listener != nullptr ? take_error(&listener->source) : -EINVAL;
}
