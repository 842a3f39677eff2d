// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/sockets.hpp"
#include "source/accept_reserve.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_accept_is_transient(int result)
{
    return result == -ECANCELED || is_lost_connection(result) ? 1 : 0;
}

MIO_EXPORT int mio_accept_reserve_open(mio_accept_reserve *reserve)
{
    return reserve != nullptr ? open_reserve(reserve) : -EINVAL;
}

MIO_EXPORT void mio_accept_reserve_close(mio_accept_reserve *reserve)
{
    if (reserve != nullptr) close_reserve(reserve);
}

MIO_EXPORT int mio_listener_accept(mio_source *listener, mio_source *stream, mio_addr *peer)
{
    return listener != nullptr && stream != nullptr ? accept_source(listener, stream, peer) : -EINVAL;
}

MIO_EXPORT int mio_listener_accept_or_shed(mio_source *listener, mio_accept_reserve *reserve, mio_source *stream,
                                           mio_addr *peer)
{
    if (listener == nullptr || reserve == nullptr || stream == nullptr) return -EINVAL;
    return accept_or_shed(listener, reserve, stream, peer);
}
