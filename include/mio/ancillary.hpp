// SPDX-License-Identifier: MIT
// Ancillary data accompanies the bytes and the address of a datagram.
#ifndef MIO_ANCILLARY_HPP
#define MIO_ANCILLARY_HPP

#include <mio/addr.hpp>
#include <mio/ancillary.h>
#include <mio/base.hpp>
#include <mio/result.hpp>

#include <chrono>

namespace mio {

// Explicit congestion notification, the two low bits of a tos: MIO_ECN_NOT_ECT, MIO_ECN_ECT_1, MIO_ECN_ECT_0,
// MIO_ECN_CE, MIO_ECN_MASK.
enum class Ecn : int {
    not_ect = MIO_ECN_NOT_ECT,
    ect_1 = MIO_ECN_ECT_1,
    ect_0 = MIO_ECN_ECT_0,
    ce = MIO_ECN_CE,
};
constexpr Ecn ecn_of(int tos) noexcept
{
    return static_cast<Ecn>(tos & MIO_ECN_MASK);
}

// The destination of a datagram, with port 0, and the index of the interface where the datagram arrived.
struct Destination {
    Addr addr;
    std::uint32_t interface_index = 0;
};

// Ancillary data of a received datagram, or of a datagram to send. Ancillary is a value type, and wraps
// mio_ancillary. A default-constructed object is empty.
class Ancillary {
public:
    Ancillary() noexcept = default;
    explicit Ancillary(const mio_ancillary &raw) noexcept : raw_(raw) {}

    // Empties the object. See mio_ancillary_clear.
    void clear() noexcept { mio_ancillary_clear(&raw_); }

    // These functions return the received data, or the error ENODATA. See mio_ancillary_destination,
    // mio_ancillary_original_destination.
    Result<Destination> destination() const noexcept
    {
        Destination destination;
        return detail::stored(mio_ancillary_destination(&raw_, destination.addr.raw(), &destination.interface_index),
                              destination);
    }
    Result<Addr> original_destination() const noexcept
    {
        Addr addr;
        return detail::stored(mio_ancillary_original_destination(&raw_, addr.raw()), addr);
    }

    // These functions return the tos and the ttl. The function ecn_of returns the congestion bits of a tos. See
    // mio_ancillary_tos, mio_ancillary_ttl.
    Result<int> tos() const noexcept { return detail::count<int>(mio_ancillary_tos(&raw_)); }
    Result<int> ttl() const noexcept { return detail::count<int>(mio_ancillary_ttl(&raw_)); }

    // Returns the time of arrival on the system's clock. See mio_ancillary_timestamp.
    Result<std::chrono::nanoseconds> timestamp() const noexcept
    {
        std::int64_t time_ns = 0;
        const int returned = mio_ancillary_timestamp(&raw_, &time_ns);
        if (returned < 0) return detail::error(returned);
        return std::chrono::nanoseconds(time_ns);
    }

    // Returns the number of dropped datagrams. See mio_ancillary_drops.
    Result<std::uint32_t> drops() const noexcept
    {
        std::uint32_t count = 0;
        return detail::stored(mio_ancillary_drops(&raw_, &count), count);
    }

    // For a message that consists of several datagrams, returns the length of each datagram. See
    // mio_ancillary_segment_size.
    Result<int> segment_size() const noexcept { return detail::count<int>(mio_ancillary_segment_size(&raw_)); }

    // These functions set the data to send. See mio_ancillary_set_source, mio_ancillary_set_tos, mio_ancillary_set_ttl,
    // mio_ancillary_set_segment_size.
    Result<void> set_source(const Addr &addr, std::uint32_t interface_index = 0) noexcept
    {
        return detail::status(mio_ancillary_set_source(&raw_, addr.raw(), interface_index));
    }
    Result<void> set_tos(int tos) noexcept { return detail::status(mio_ancillary_set_tos(&raw_, tos)); }
    Result<void> set_ttl(int ttl) noexcept { return detail::status(mio_ancillary_set_ttl(&raw_, ttl)); }
    Result<void> set_segment_size(int size) noexcept
    {
        return detail::status(mio_ancillary_set_segment_size(&raw_, size));
    }

    // Returns the C struct.
    mio_ancillary *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_ancillary *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_ancillary *raw() const && = delete;

private:
    mio_ancillary raw_{};
};

} // namespace mio

#endif // MIO_ANCILLARY_HPP
