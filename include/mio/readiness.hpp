// SPDX-License-Identifier: MIT
// The readiness word remembers the readiness of one edge-triggered source.
#ifndef MIO_READINESS_HPP
#define MIO_READINESS_HPP

#include <mio/event.hpp>
#include <mio/interest.hpp>
#include <mio/readiness.h>
#include <mio/result.hpp>

namespace mio {

// Remembers the readiness that the events of a source have reported, until EAGAIN ends the readiness. With a Readiness,
// a program that stops reading or writing before EAGAIN can continue without a new event. Use a new Readiness whenever
// you register the source.
class Readiness {
public:
    constexpr Readiness() noexcept = default;

    // Adds the readiness of an event. See mio_readiness_add.
    void add(const Event &event) noexcept { mio_readiness_add(&bits_, event.raw()); }

    // Adds bits without an event, so that the program tries to read or write. At worst the next call fails with EAGAIN.
    constexpr void add(Interest bits) noexcept { bits_ |= bits.bits(); }

    // If the result is EAGAIN, clears the bits of `used` in this object. Returns the result. See mio_readiness_after.
    // `used` is Interest::readable after a read, an accept or a receive, and Interest::writable after a write or a
    // send: `auto count = ready.after(mio::Interest::readable, stream.read(buffer));`.
    template <class T>
    Result<T> after(Interest used, Result<T> result) noexcept
    {
        (void)mio_readiness_after(&bits_, used.bits(), -static_cast<std::int64_t>(result.errc()));
        return result;
    }

    // These functions return whether a read or a write can succeed without a new event.
    constexpr bool is_readable() const noexcept { return (bits_ & MIO_READABLE) != 0; }
    constexpr bool is_writable() const noexcept { return (bits_ & MIO_WRITABLE) != 0; }

    // Returns all bits, with the meaning that they have in mio_event.
    constexpr std::uint32_t bits() const noexcept { return bits_; }

private:
    std::uint32_t bits_ = 0;
};

} // namespace mio

#endif // MIO_READINESS_HPP
