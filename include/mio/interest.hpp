// SPDX-License-Identifier: MIT
// The interest of a registration: the conditions of a source that a program waits for.
#ifndef MIO_INTEREST_HPP
#define MIO_INTEREST_HPP

#include <mio/base.hpp>
#include <mio/interest.h>

namespace mio {

// The interest of a registration, a set of bits and flags. See mio_interest.
class Interest {
public:
    // The empty set, and one set for each bit or flag: MIO_READABLE and so on.
    static const Interest none;
    static const Interest readable;
    static const Interest writable;
    static const Interest aio;
    static const Interest lio;
    static const Interest priority;
    static const Interest closed;
    static const Interest edge;
    static const Interest level;
    static const Interest oneshot;
    static const Interest exclusive;

    constexpr Interest() noexcept = default;

    // from_bits makes a set from the bits of the C functions. The function bits() returns these bits.
    static constexpr Interest from_bits(std::uint32_t bits) noexcept { return Interest(bits); }
    constexpr std::uint32_t bits() const noexcept { return bits_; }

    // These functions leave this set unchanged. add returns a set with the bits of this set and the bits of `other`.
    // remove returns a set with the bits of this set that are not in `other`.
    constexpr Interest add(Interest other) const noexcept { return Interest(bits_ | other.bits_); }
    constexpr Interest remove(Interest other) const noexcept { return Interest(bits_ & ~other.bits_); }

    // Returns whether all bits of `other` are in this set.
    constexpr bool contains(Interest other) const noexcept { return (bits_ & other.bits_) == other.bits_; }

    // These functions return whether a bit or flag is in this set. The function is_edge returns true if MIO_LEVEL is
    // not in this set.
    constexpr bool is_readable() const noexcept { return (bits_ & MIO_READABLE) != 0; }
    constexpr bool is_writable() const noexcept { return (bits_ & MIO_WRITABLE) != 0; }
    constexpr bool is_aio() const noexcept { return (bits_ & MIO_AIO) != 0; }
    constexpr bool is_lio() const noexcept { return (bits_ & MIO_LIO) != 0; }
    constexpr bool is_priority() const noexcept { return (bits_ & MIO_PRIORITY) != 0; }
    constexpr bool is_closed() const noexcept { return (bits_ & MIO_CLOSED) != 0; }
    constexpr bool is_edge() const noexcept { return (bits_ & MIO_LEVEL) == 0; }
    constexpr bool is_level() const noexcept { return (bits_ & MIO_LEVEL) != 0; }
    constexpr bool is_oneshot() const noexcept { return (bits_ & MIO_ONESHOT) != 0; }
    constexpr bool is_exclusive() const noexcept { return (bits_ & MIO_EXCLUSIVE) != 0; }

    constexpr Interest &operator|=(Interest other) &noexcept
    {
        bits_ |= other.bits_;
        return *this;
    }
    friend constexpr Interest operator|(Interest left, Interest right) noexcept { return left.add(right); }
    friend constexpr bool operator==(Interest left, Interest right) noexcept { return left.bits_ == right.bits_; }
    friend constexpr bool operator!=(Interest left, Interest right) noexcept { return left.bits_ != right.bits_; }

    // text() returns the set as text without allocating. The function to_string() returns a std::string. See
    // mio_interest_format.
    Text<MIO_INTEREST_TEXT_SIZE> text() const noexcept
    {
        return Text<MIO_INTEREST_TEXT_SIZE>(
            [this](char *buffer, std::size_t size) { return mio_interest_format(bits_, buffer, size); });
    }
    std::string to_string() const { return text().str(); }

private:
    explicit constexpr Interest(std::uint32_t bits) noexcept : bits_(bits) {}

    std::uint32_t bits_ = 0;
};

// These members are defined after the class, because the class is complete only here.
inline constexpr Interest Interest::none = Interest();
inline constexpr Interest Interest::readable = Interest(MIO_READABLE);
inline constexpr Interest Interest::writable = Interest(MIO_WRITABLE);
inline constexpr Interest Interest::aio = Interest(MIO_AIO);
inline constexpr Interest Interest::lio = Interest(MIO_LIO);
inline constexpr Interest Interest::priority = Interest(MIO_PRIORITY);
inline constexpr Interest Interest::closed = Interest(MIO_CLOSED);
inline constexpr Interest Interest::edge = Interest(MIO_EDGE);
inline constexpr Interest Interest::level = Interest(MIO_LEVEL);
inline constexpr Interest Interest::oneshot = Interest(MIO_ONESHOT);
inline constexpr Interest Interest::exclusive = Interest(MIO_EXCLUSIVE);

} // namespace mio

#endif // MIO_INTEREST_HPP
