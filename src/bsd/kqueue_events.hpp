// SPDX-License-Identifier: MIT
// Converts an event of kqueue(2) into portable bits. This file includes no header of the BSDs and has its own names for
// the filters. So a unit test can check the conversion on any system.
#pragma once

#include "core/base.hpp"

#include <mio/interest.h>
#include <stdint.h>

namespace mio::impl {

enum class Filter : uint8_t { read, write, user, aio, lio, except, other };

// An event of one filter. `at_end` stands for EV_EOF. If `at_end` is set, `error` is an errno value or 0.
struct FilterEvent {
    Filter filter;
    bool at_end;
    bool hangs_up; // if set, EV_EOF of EVFILT_READ means a hang-up: nobody reads from the pipe any more
    uint32_t error;
};

// Converts one event into portable bits. EV_EOF has these meanings:
//   - If EVFILT_READ reports EV_EOF, the peer sends no more. Earlier data may still be unread.
//   - If EVFILT_WRITE reports EV_EOF, nobody reads any more, or this side has shut down sending. The function then
//     returns the bits of a hang-up, which include MIO_READABLE. On a pipe, EVFILT_READ can also report the hang-up
//     (see `hangs_up`).
//   - If either filter reports EV_EOF with an error, the connection is broken in both directions.
constexpr uint32_t readiness_of(const FilterEvent &event)
{
    const bool broken = event.at_end && event.error != 0;
    constexpr uint32_t hung_up = MIO_READABLE | MIO_WRITABLE | MIO_WRITE_CLOSED;
    constexpr uint32_t both_closed = hung_up | MIO_READ_CLOSED;
    switch (event.filter) {
    case Filter::read:
        if (broken) return both_closed | MIO_ERROR;
        if (event.at_end && event.hangs_up) return hung_up;
        return MIO_READABLE | (event.at_end ? MIO_READ_CLOSED : 0);
    case Filter::write:
        if (broken) return both_closed | MIO_ERROR;
        return event.at_end ? hung_up : MIO_WRITABLE;
    case Filter::aio:
        return MIO_AIO;
    case Filter::lio:
        return MIO_LIO;
    case Filter::except:
        return MIO_PRIORITY | MIO_READABLE;
    default:
        return MIO_READABLE;
    }
}

// Returns the value of `os_bits` (mio_event(3)). One of the bits 0 to 6 names the filter. Bit 8 means EV_EOF of
// EVFILT_READ, and bit 9 means EV_EOF of any other filter. The upper 16 bits hold the error.
constexpr uint32_t os_bits_of(const FilterEvent &event)
{
    const uint32_t filter = UINT32_C(1) << static_cast<uint32_t>(event.filter);
    const uint32_t end = event.filter == Filter::read ? 0x100 : 0x200;
    return filter | (event.at_end ? end | (event.error & 0xffff) << 16 : 0);
}

// Joins the os_bits of two events of one descriptor. All filters of the descriptor report the same error, so the
// function keeps only the first error.
constexpr uint32_t joined_os_bits(uint32_t first, uint32_t second)
{
    return first | (first > 0xffff ? second & 0xffff : second);
}

} // namespace mio::impl
