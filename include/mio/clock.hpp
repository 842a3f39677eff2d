// SPDX-License-Identifier: MIT
// Converts times of std::chrono to the nanoseconds (int64_t) of the C functions.
#ifndef MIO_CLOCK_HPP
#define MIO_CLOCK_HPP

#include <mio/base.hpp>
#include <mio/poll.h>

#include <chrono>
#include <limits>
#include <ratio>
#include <type_traits>

namespace mio {

// The clock of deadlines, as a clock type for std::chrono. See mio_clock_now.
struct Clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Clock>;
    static constexpr bool is_steady = true;

    static time_point now() noexcept { return time_point(duration(mio_clock_now())); }
};

// Converts a duration to a timeout in nanoseconds, for the C functions. The function rounds up, so a wait is never
// shorter than the duration. The result is at most INT64_MAX. A negative duration and a NaN become 0, because a
// negative timeout would mean "for ever".
template <class Rep, class Period>
constexpr std::int64_t to_nanoseconds(const std::chrono::duration<Rep, Period> &time) noexcept
{
    using Factor = std::ratio_divide<Period, std::nano>;
    constexpr std::int64_t most = (std::numeric_limits<std::int64_t>::max)();
    if (!(time.count() > Rep(0))) return 0;
    if constexpr (std::is_integral_v<Rep> && sizeof(Rep) <= sizeof most) {
        // Divides the count by `den`, and multiplies the quotient and the remainder by `num` separately. The remainder
        // is less than `den`, and `den * num` is at most `most`. So the product of the remainder and `num` cannot
        // overflow. A count with more than 64 bits, such as __int128, takes the other branch.
        static_assert(Factor::num <= most / Factor::den, "the period of this duration is too odd");
        constexpr std::uint64_t num = Factor::num;
        constexpr std::uint64_t den = Factor::den;
        const std::uint64_t whole = static_cast<std::uint64_t>(time.count()) / den;
        const std::uint64_t rest = (static_cast<std::uint64_t>(time.count()) % den * num + (den - 1)) / den;
        const std::uint64_t room = static_cast<std::uint64_t>(most) - rest;
        return whole > room / num ? most : static_cast<std::int64_t>(whole * num + rest);
    } else {
        const long double exact = static_cast<long double>(time.count()) * static_cast<long double>(Factor::num) /
                                  static_cast<long double>(Factor::den);
        if (exact >= static_cast<long double>(most)) return most;
        const std::int64_t below = static_cast<std::int64_t>(exact);
        return static_cast<long double>(below) < exact ? below + 1 : below;
    }
}

// Converts a time_point to a deadline in nanoseconds, for mio_poll_wait_until. The largest time_point means "for ever".
template <class SomeClock, class Duration>
constexpr std::int64_t to_nanoseconds(const std::chrono::time_point<SomeClock, Duration> &moment) noexcept
{
    return to_nanoseconds(moment.time_since_epoch());
}

} // namespace mio

#endif // MIO_CLOCK_HPP
