// SPDX-License-Identifier: MIT
// Converts timeouts for system calls.
#pragma once

#include "core/base.hpp"
#include "core/timeout.hpp"

#include <limits.h>
#include <time.h>

namespace mio::impl {

// The longest time that one system call can wait. A 32-bit time_t holds no more than 68 years.
constexpr int64_t longest_wait_ns = sizeof(time_t) < 8 ? INT32_MAX * nanoseconds_per_second : INT64_MAX;

// Converts a timeout to a timespec. `timeout_ns` is from 0 to longest_wait_ns.
inline timespec timespec_of(int64_t timeout_ns)
{
    timespec result = {};
    result.tv_sec = static_cast<time_t>(timeout_ns / nanoseconds_per_second);
    result.tv_nsec = static_cast<long>(timeout_ns % nanoseconds_per_second);
    return result;
}

// Waits for `timeout_ns` with one or more calls of `wait`, because one call can wait for at most `longest_ns`. Returns
// early if a call of `wait` returns a result other than 0.
template <typename Wait>
auto wait_in_pieces(int64_t timeout_ns, int64_t longest_ns, Wait wait)
{
    for (; timeout_ns > longest_ns; timeout_ns -= longest_ns) {
        const auto result = wait(longest_ns);
        if (result != 0) return result;
    }
    return wait(timeout_ns);
}

} // namespace mio::impl
