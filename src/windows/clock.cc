// SPDX-License-Identifier: MIT
#include "port/clock.hpp"

#include "core/timeout.hpp"

#include <winsock2.h>

#include <windows.h>

namespace mio::impl {

int64_t monotonic_now()
{
    // Since Windows XP, QueryPerformanceFrequency and QueryPerformanceCounter cannot fail.
    LARGE_INTEGER frequency;
    LARGE_INTEGER ticks;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    const int64_t seconds = ticks.QuadPart / frequency.QuadPart;
    const int64_t rest = ticks.QuadPart % frequency.QuadPart;
    return seconds * nanoseconds_per_second + rest * nanoseconds_per_second / frequency.QuadPart;
}

} // namespace mio::impl
