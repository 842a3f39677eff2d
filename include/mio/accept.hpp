// SPDX-License-Identifier: MIT
// Helps a loop to accept connections: recognises errors that the loop can skip, and keeps a spare descriptor.
#ifndef MIO_ACCEPT_HPP
#define MIO_ACCEPT_HPP

#include <mio/accept.h>
#include <mio/base.hpp>
#include <mio/result.hpp>

#include <system_error>
#include <utility>

namespace mio {

// The error that accept_or_shed returns after it has closed a connection for lack of descriptors. The value is
// ECANCELED.
inline constexpr std::errc connection_shed = std::errc::operation_canceled;

// Returns whether the loop can accept the next connection at once after this error. See
// mio_accept_is_transient.
inline bool accept_is_transient(std::errc code) noexcept
{
    return mio_accept_is_transient(-static_cast<int>(code)) != 0;
}

// Owns a spare descriptor. When no other descriptor is left, accept_or_shed uses the spare descriptor to turn a client
// away. See mio_accept_reserve.
class AcceptReserve {
public:
    // A default-constructed reserve is closed. The other constructor takes over the reserve in a C struct, and leaves
    // the C struct closed.
    AcceptReserve() noexcept = default;
    explicit AcceptReserve(mio_accept_reserve &&raw) noexcept : raw_(std::exchange(raw, mio_accept_reserve{})) {}

    // A move transfers the reserve to this object, and leaves the other object closed. An assignment also closes the
    // reserve that this object had before.
    AcceptReserve(AcceptReserve &&other) noexcept : raw_(other.release()) {}
    AcceptReserve &operator=(AcceptReserve &&other) noexcept
    {
        const mio_accept_reserve raw = other.release();
        close();
        raw_ = raw;
        return *this;
    }
    ~AcceptReserve() { close(); }

    // Opens a reserve. See mio_accept_reserve_open.
    static Result<AcceptReserve> open() noexcept
    {
        AcceptReserve reserve;
        return detail::stored(mio_accept_reserve_open(&reserve.raw_), reserve);
    }

    // Closes the reserve, as the destructor does. See mio_accept_reserve_close. Closing a closed reserve does
    // nothing.
    void close() noexcept
    {
        if (!detail::is_zero(raw_.opaque)) mio_accept_reserve_close(&raw_);
    }

    // raw() returns the C struct, which this object still owns. The function release() gives the C struct to the
    // caller, and the caller closes the reserve.
    mio_accept_reserve *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_accept_reserve *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_accept_reserve *raw() const && = delete;
    mio_accept_reserve release() noexcept { return std::exchange(raw_, mio_accept_reserve{}); }

private:
    mio_accept_reserve raw_{};
};

} // namespace mio

#endif // MIO_ACCEPT_HPP
