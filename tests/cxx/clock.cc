// SPDX-License-Identifier: MIT
// Tests the conversion of std::chrono times to the nanoseconds of the C functions. Also tests that
// mio::Clock and std::chrono::steady_clock show the same time.
#include "support.hpp"

#include <limits>
#include <ratio>

namespace {

using std::chrono::duration;
constexpr std::int64_t most = INT64_MAX;

// The conversion of common units is exact, and happens at compile time.
static_assert(mio::to_nanoseconds(0ns) == 0);
static_assert(mio::to_nanoseconds(1ns) == 1);
static_assert(mio::to_nanoseconds(250ms) == 250000000);
static_assert(mio::to_nanoseconds(7us) == 7000);
static_assert(mio::to_nanoseconds(3s) == 3000000000);
static_assert(mio::to_nanoseconds(24h) == 86400000000000);
static_assert(noexcept(mio::to_nanoseconds(std::chrono::seconds())));

// A duration that is not a whole number of nanoseconds is rounded up.
using Picoseconds = duration<std::int64_t, std::pico>;
static_assert(mio::to_nanoseconds(Picoseconds(1)) == 1);
static_assert(mio::to_nanoseconds(Picoseconds(999)) == 1);
static_assert(mio::to_nanoseconds(Picoseconds(1000)) == 1);
static_assert(mio::to_nanoseconds(Picoseconds(1001)) == 2);
static_assert(mio::to_nanoseconds(Picoseconds(most)) == most / 1000 + 1);
static_assert(mio::to_nanoseconds(duration<std::int64_t, std::atto>(1)) == 1);
static_assert(mio::to_nanoseconds(duration<std::int64_t, std::atto>(1000000001)) == 2);

// A third of a second is not a whole number of nanoseconds. A sixtieth of a second is not a whole number either. The
// conversion rounds these durations up.
using Thirds = duration<std::int64_t, std::ratio<1, 3>>;
static_assert(mio::to_nanoseconds(Thirds(1)) == 333333334);
static_assert(mio::to_nanoseconds(Thirds(2)) == 666666667);
static_assert(mio::to_nanoseconds(Thirds(3)) == 1000000000);
static_assert(mio::to_nanoseconds(Thirds(3 * 9223372036 + 2)) == 9223372036666666667);
static_assert(mio::to_nanoseconds(Thirds(3 * 9223372036 + 3)) == most);
static_assert(mio::to_nanoseconds(duration<int, std::ratio<1, 60>>(1)) == 16666667);

// A time that does not fit into 64 bits of nanoseconds becomes the longest time.
static_assert(mio::to_nanoseconds(std::chrono::nanoseconds::max()) == most);
static_assert(mio::to_nanoseconds(std::chrono::microseconds(9223372036854775)) == 9223372036854775000);
static_assert(mio::to_nanoseconds(std::chrono::microseconds(9223372036854776)) == most);
static_assert(mio::to_nanoseconds(std::chrono::seconds(9223372036)) == 9223372036000000000);
static_assert(mio::to_nanoseconds(std::chrono::seconds(9223372037)) == most);
static_assert(mio::to_nanoseconds(std::chrono::milliseconds::max()) == most);
static_assert(mio::to_nanoseconds(std::chrono::hours(2562047)) == 2562047 * INT64_C(3600000000000));
static_assert(mio::to_nanoseconds(std::chrono::hours(2562048)) == most);
static_assert(mio::to_nanoseconds(std::chrono::hours::max()) == most);
static_assert(mio::to_nanoseconds(duration<std::int64_t, std::giga>(9)) == 9000000000000000000);
static_assert(mio::to_nanoseconds(duration<std::int64_t, std::giga>(10)) == most);

// The counts of these durations do not have the type std::int64_t.
static_assert(mio::to_nanoseconds(duration<std::uint64_t>(UINT64_MAX)) == most);
static_assert(mio::to_nanoseconds(duration<std::uint64_t, std::nano>(UINT64_MAX)) == most);
static_assert(mio::to_nanoseconds(duration<std::uint64_t, std::pico>(UINT64_MAX)) == 18446744073709552);
static_assert(mio::to_nanoseconds(duration<unsigned char>(255)) == 255000000000);
static_assert(mio::to_nanoseconds(duration<short, std::milli>(32767)) == 32767000000);

// A negative duration becomes 0, so that the wait returns at once. The result must never be -1, because -1 means a wait
// without a limit.
static_assert(mio::to_nanoseconds(-1ns) == 0);
static_assert(mio::to_nanoseconds(-5s) == 0);
static_assert(mio::to_nanoseconds(Picoseconds(-1)) == 0);
static_assert(mio::to_nanoseconds(std::chrono::hours::min()) == 0);
static_assert(mio::to_nanoseconds(std::chrono::nanoseconds::min()) == 0);

// Durations with fractions.
using Seconds = duration<double>;
static_assert(mio::to_nanoseconds(Seconds(0.25)) == 250000000);
static_assert(mio::to_nanoseconds(Seconds(0.0)) == 0);
static_assert(mio::to_nanoseconds(Seconds(1e-12)) == 1);
static_assert(mio::to_nanoseconds(Seconds(1e-300)) == 1);
static_assert(mio::to_nanoseconds(Seconds(-0.5)) == 0);
static_assert(mio::to_nanoseconds(Seconds(1e300)) == most);
static_assert(mio::to_nanoseconds(Seconds(std::numeric_limits<double>::infinity())) == most);
static_assert(mio::to_nanoseconds(Seconds(-std::numeric_limits<double>::infinity())) == 0);
static_assert(mio::to_nanoseconds(Seconds(std::numeric_limits<double>::quiet_NaN())) == 0);
static_assert(mio::to_nanoseconds(duration<double, std::nano>(1.5)) == 2);
static_assert(mio::to_nanoseconds(duration<float, std::milli>(0.5F)) == 500000);
static_assert(mio::to_nanoseconds(duration<long double, std::nano>(4611686018427387904.0L)) == 4611686018427387904);

// to_nanoseconds converts a time point to the nanoseconds since the epoch of its clock. A time before the epoch becomes
// 0.
static_assert(mio::to_nanoseconds(mio::Clock::time_point()) == 0);
static_assert(mio::to_nanoseconds(mio::Clock::time_point(5ms)) == 5000000);
static_assert(mio::to_nanoseconds(mio::Clock::time_point::max()) == most);
static_assert(mio::to_nanoseconds(mio::Clock::time_point::min()) == 0);
static_assert(mio::to_nanoseconds(std::chrono::steady_clock::time_point::max()) == most);
static_assert(mio::Clock::is_steady && std::chrono::steady_clock::is_steady);
static_assert(std::is_same_v<mio::Clock::time_point::duration, std::chrono::nanoseconds>);

START_TEST(a_tenth_of_a_second_is_not_shortened)
{
    const std::int64_t tenth = mio::to_nanoseconds(Seconds(0.1));
    ck_assert_int_ge(tenth, 100000000);
    ck_assert_int_le(tenth, 100000001);
}
END_TEST

START_TEST(the_clock_of_mio_is_the_steady_clock)
{
    for (int round = 0; round < 1000; ++round) {
        const auto before = std::chrono::steady_clock::now().time_since_epoch();
        const auto now = mio::Clock::now().time_since_epoch();
        const auto after = std::chrono::steady_clock::now().time_since_epoch();
        ck_assert(before <= now);
        ck_assert(now <= after);
    }
}
END_TEST

START_TEST(the_clock_goes_on)
{
    const mio::Clock::time_point before = mio::Clock::now();
    std::this_thread::sleep_for(2ms);
    ck_assert(mio::Clock::now() - before >= 2ms);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("clock");
    TCase *tcase = tcase_create("clock");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, a_tenth_of_a_second_is_not_shortened);
    tcase_add_test(tcase, the_clock_of_mio_is_the_steady_clock);
    tcase_add_test(tcase, the_clock_goes_on);
    return run(suite);
}
