// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/sockets.hpp"
#include "source/accept_reserve.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_accept_is_transient(int result)
{
    return result == -EUSERS || is_lost_connection(result) ? 1 : 0;
}

MIO_EXPORT int mio_accept_reserve_open(mio_accept_reserve *reserve)
{
    return reserve != nullptr ? open_reserve(reserve) : -EINVAL;
}

MIO_EXPORT void mio_accept_reserve_close(mio_accept_reserve *reserve)
{
    if (reserve != nullptr) close_reserve(reserve);
}
