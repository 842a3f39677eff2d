// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "port/sockets.hpp"

#include <mio/base.h>

using namespace mio::impl;

MIO_EXPORT void mio_handle_close(mio_handle handle)
{
    if (handle >= 0) close_handle(handle);
}
