// SPDX-License-Identifier: MIT
#include "port/signal_mask.hpp"

#include <errno.h>

namespace mio::impl {

int change_signal_mask(MaskChange, const int *, size_t, mio_signal_mask *)
{
    return -ENOTSUP;
}

int change_whole_signal_mask(MaskChange, mio_signal_mask *)
{
    return -ENOTSUP;
}

int restore_signal_mask(const mio_signal_mask *)
{
    return -ENOTSUP;
}

int load_signal_mask(mio_signal_mask *, const void *, size_t)
{
    return -ENOTSUP;
}

int store_signal_mask(const mio_signal_mask *, void *, size_t)
{
    return -ENOTSUP;
}

} // namespace mio::impl
