// SPDX-License-Identifier: MIT
#include "core/base.hpp"
#include "source/signal_source.hpp"

#include <errno.h>

using namespace mio::impl;

MIO_EXPORT int mio_signals_open(mio_signals *signals, const int *numbers, size_t count, uint32_t flags)
{
    if (signals == nullptr || numbers == nullptr) return -EINVAL;
    return open_signals(signals, numbers, count, flags);
}

MIO_EXPORT int mio_signals_recv(mio_signals *signals, mio_signal_info *info)
{
    if (signals == nullptr || info == nullptr) return -EINVAL;
    return recv_signal(signals, info);
}
