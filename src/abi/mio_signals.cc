// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/signal_source.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_signals_open(mio_signals *set, const int *numbers, size_t count, uint32_t flags)
{
    if (set == nullptr || numbers == nullptr) return -EINVAL;
    return open_signals(set, numbers, count, flags);
}

MIO_EXPORT int mio_signals_recv(mio_signals *set, mio_signal_info *info)
{
    if (set == nullptr || info == nullptr) return -EINVAL;
    return recv_signal(set, info);
}
