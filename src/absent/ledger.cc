// SPDX-License-Identifier: MIT
// Defines the functions of port/ledger.hpp for a platform that keeps no record of watched handles. Adding a handle
// fails, so the ledger never contains a handle.
#include "port/ledger.hpp"

#include <errno.h>

namespace mio::impl {

int open_ledger(mio_handle *ledger)
{
    *ledger = MIO_HANDLE_NONE;
    return 0;
}

int enter_handle(mio_handle, mio_handle)
{
    return -ENOTSUP;
}

int strike_handle(mio_handle, mio_handle)
{
    return -ENOENT;
}

} // namespace mio::impl
