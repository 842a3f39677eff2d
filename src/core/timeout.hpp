// SPDX-License-Identifier: MIT
// Arithmetic of waiting times. Times are nanoseconds in int64_t. Results saturate, and are never rounded down.
#pragma once

#include "core/base.hpp"

#include <limits.h>
#include <stdint.h>

namespace mio::impl {

// A wait with a negative timeout, or with the deadline INT64_MAX, has no time limit.
constexpr int64_t wait_forever = -1;
constexpr int64_t deadline_never = INT64_MAX;
constexpr int64_t nanoseconds_per_millisecond = 1'000'000;
constexpr int64_t nanoseconds_per_second = 1'000'000'000;

constexpr int64_t deadline_after(int64_t now_ns, int64_t timeout_ns)
{
    if (timeout_ns < 0) return deadline_never;
    return timeout_ns < deadline_never - now_ns ? now_ns + timeout_ns : deadline_never;
}

constexpr int64_t time_until(int64_t deadline_ns, int64_t now_ns)
{
    if (deadline_ns == deadline_never) return wait_forever;
    // Compare before subtracting, because the deadline can be negative, and the difference could overflow.
    return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}

// Rounds a timeout up for calls that count milliseconds. Rounding up makes the wait longer by less than one
// millisecond. If the function rounded down, the event loop would spin for the rest of the timeout.
constexpr int milliseconds_rounded_up(int64_t timeout_ns)
{
    if (timeout_ns < 0) return -1;
    const int64_t whole = timeout_ns / nanoseconds_per_millisecond;
    const int64_t rounded = whole + (timeout_ns % nanoseconds_per_millisecond != 0 ? 1 : 0);
    return rounded < INT_MAX ? static_cast<int>(rounded) : INT_MAX;
}

} // namespace mio::impl
