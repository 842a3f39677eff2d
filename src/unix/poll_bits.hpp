// SPDX-License-Identifier: MIT
// Converts between the bits of poll(2) and the portable event bits. Linux also uses the bits of poll(2) for epoll(7).
#pragma once

#include "core/base.hpp"

#include <mio/interest.h>
#include <poll.h>
#include <stdint.h>

// Linux defines POLLRDHUP in <poll.h>, under _GNU_SOURCE. On a system without this bit, POLLRDHUP is 0 here. The
// library then never requests or sees the bit.
#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

namespace mio::impl {

// Converts bits of poll(2) into portable bits. Only this function defines the meaning of the bits.
constexpr uint32_t readiness_of(uint32_t bits)
{
    const bool hang_up = (bits & POLLHUP) != 0;
    const bool error = (bits & POLLERR) != 0;
    const bool broken = hang_up || error;
    const bool peer_closed = (bits & POLLRDHUP) != 0;
    uint32_t readiness = 0;
    if (broken || peer_closed || (bits & (POLLIN | POLLPRI)) != 0) readiness |= MIO_READABLE;
    if (broken || (bits & POLLOUT) != 0) readiness |= MIO_WRITABLE;
    if ((bits & POLLPRI) != 0) readiness |= MIO_PRIORITY;
    if (hang_up || peer_closed) readiness |= MIO_READ_CLOSED;
    // For a pipe without a reader, poll(2) on Linux reports POLLERR, and POLLOUT if requested, but not POLLHUP.
    if (hang_up || (error && (bits & POLLOUT) != 0) || bits == POLLERR) readiness |= MIO_WRITE_CLOSED;
    if (error) readiness |= MIO_ERROR;
    return readiness;
}

// Returns the bits of poll(2) that request `interest`.
constexpr uint32_t poll_bits_of(uint32_t interest)
{
    uint32_t bits = 0;
    if ((interest & MIO_READABLE) != 0) bits |= POLLIN | POLLRDHUP;
    if ((interest & MIO_WRITABLE) != 0) bits |= POLLOUT;
    if ((interest & MIO_PRIORITY) != 0) bits |= POLLPRI;
    if ((interest & MIO_CLOSED) != 0) bits |= POLLRDHUP;
    return bits;
}

// The reverse of poll_bits_of: converts bits of poll(2) to the interest that they stand for. The result never has
// MIO_LEVEL or MIO_ONESHOT, because no bit of poll(2) means MIO_LEVEL or MIO_ONESHOT.
constexpr uint32_t interest_of(uint32_t bits)
{
    uint32_t interest = 0;
    if ((bits & POLLIN) != 0) interest |= MIO_READABLE;
    if ((bits & POLLOUT) != 0) interest |= MIO_WRITABLE;
    if ((bits & POLLPRI) != 0) interest |= MIO_PRIORITY;
    if ((bits & (POLLIN | POLLRDHUP)) == POLLRDHUP) interest |= MIO_CLOSED;
    return interest;
}

} // namespace mio::impl
