// SPDX-License-Identifier: MIT
// Checks whether an interest is valid. Finds the capabilities that a backend must have to support the interest.
#pragma once

#include "core/base.hpp"

#include <errno.h>
#include <mio/interest.h>
#include <mio/poll.h>

namespace mio::impl {

constexpr uint32_t interest_bits = MIO_READABLE | MIO_WRITABLE | MIO_AIO | MIO_LIO | MIO_PRIORITY | MIO_CLOSED |
                                   MIO_LEVEL | MIO_ONESHOT | MIO_EXCLUSIVE;

// An exclusive registration may have only these bits. With EPOLLEXCLUSIVE, epoll_ctl(2) rejects EPOLLPRI, EPOLLRDHUP
// and EPOLLONESHOT.
constexpr uint32_t exclusive_bits = MIO_READABLE | MIO_WRITABLE | MIO_LEVEL | MIO_EXCLUSIVE;

constexpr int check_interest(uint32_t interest)
{
    if ((interest & ~interest_bits) != 0) return -EINVAL;
    if ((interest & MIO_EXCLUSIVE) != 0 && (interest & ~exclusive_bits) != 0) return -EINVAL;
    return 0;
}

// Returns the MIO_CAN_ bits that an interest requires.
constexpr uint32_t needed_capabilities(uint32_t interest)
{
    uint32_t needed = 0;
    if ((interest & MIO_AIO) != 0) needed |= MIO_CAN_AIO;
    if ((interest & MIO_LIO) != 0) needed |= MIO_CAN_LIO;
    if ((interest & MIO_PRIORITY) != 0) needed |= MIO_CAN_PRIORITY;
    if ((interest & MIO_CLOSED) != 0) needed |= MIO_CAN_CLOSED;
    if ((interest & MIO_LEVEL) != 0) needed |= MIO_CAN_LEVEL;
    if ((interest & MIO_ONESHOT) != 0) needed |= MIO_CAN_ONESHOT;
    if ((interest & MIO_EXCLUSIVE) != 0) needed |= MIO_CAN_EXCLUSIVE;
    return needed;
}

} // namespace mio::impl
