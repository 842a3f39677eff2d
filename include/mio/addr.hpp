// SPDX-License-Identifier: MIT
// Socket addresses.
#ifndef MIO_ADDR_HPP
#define MIO_ADDR_HPP

#include <mio/addr.h>
#include <mio/base.hpp>
#include <mio/bytes.hpp>
#include <mio/result.hpp>

#include <array>
#include <string_view> // <string_view> also declares std::hash, and compiles faster than <functional>

namespace mio {

// The family of an Addr. See mio_addr_family. The enumerator is called `unix_domain`, because `unix` is a macro of some
// compilers.
enum class Family : int {
    none = MIO_ADDR_NONE,
    unix_domain = MIO_ADDR_UNIX,
    ipv4 = MIO_ADDR_IPV4,
    ipv6 = MIO_ADDR_IPV6,
    other = MIO_ADDR_OTHER,
};

// The 4 or 16 bytes of an address, in network order.
struct Ip {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;

    const std::uint8_t *begin() const &noexcept MIO_LIFETIMEBOUND { return bytes.data(); }
    const std::uint8_t *end() const &noexcept MIO_LIFETIMEBOUND { return bytes.data() + size; }
    const std::uint8_t *begin() const && = delete;
    const std::uint8_t *end() const && = delete;
};

// The path or the abstract name of a Unix address, with a final null byte. An abstract name can contain other null
// bytes. The results of c_str and view are valid as long as the UnixName exists. Calls of c_str and view on a temporary
// do not compile.
struct UnixName {
    std::array<char, sizeof(mio_addr)> bytes{};
    std::size_t size = 0;

    const char *c_str() const &noexcept MIO_LIFETIMEBOUND { return bytes.data(); }
    std::string_view view() const &noexcept MIO_LIFETIMEBOUND { return {bytes.data(), size}; }
    std::string str() const { return {bytes.data(), size}; }
    const char *c_str() const && = delete;
    std::string_view view() const && = delete;
};

// An IPv4 or IPv6 address with its port, or a Unix address. Addr is a value type, and wraps mio_addr. A
// default-constructed address is "no address".
class Addr {
public:
    Addr() noexcept = default;
    explicit Addr(const mio_addr &raw) noexcept : raw_(raw) {}

    // These functions make an address from its parts: `Addr::ipv4({127, 0, 0, 1}, 80)`. See mio_addr_from_ipv4,
    // mio_addr_from_ipv6.
    static Addr ipv4(const std::array<std::uint8_t, 4> &ip, std::uint16_t port) noexcept
    {
        Addr addr;
        mio_addr_from_ipv4(&addr.raw_, ip.data(), port);
        return addr;
    }
    static Addr ipv6(const std::array<std::uint8_t, 16> &ip, std::uint16_t port, std::uint32_t flowinfo = 0,
                     std::uint32_t scope_id = 0) noexcept
    {
        Addr addr;
        mio_addr_from_ipv6(&addr.raw_, ip.data(), port, flowinfo, scope_id);
        return addr;
    }

    // These functions make a Unix address. The address has a path (mio_addr_from_path), an abstract name
    // (mio_addr_from_abstract), or no name (mio_addr_unnamed). Every byte of an abstract name is part of the name, even
    // a null byte.
    static Result<Addr> from_path(std::string_view path) noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_from_path(&addr.raw_, path.data(), path.size()), addr);
    }
    static Result<Addr> from_abstract(std::string_view name) noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_from_abstract(&addr.raw_, name.data(), name.size()), addr);
    }
    static Addr unnamed() noexcept
    {
        Addr addr;
        mio_addr_unnamed(&addr.raw_);
        return addr;
    }

    // parse() reads an IP address with a port, or a Unix address. The function parse_ip() reads an IP address without a
    // port. See mio_addr_parse, mio_addr_parse_ip.
    static Result<Addr> parse(const char *text) noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_parse(&addr.raw_, text), addr);
    }
    static Result<Addr> parse_ip(const char *text, std::uint16_t port) noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_parse_ip(&addr.raw_, text, port), addr);
    }
    static Result<Addr> parse(std::string_view text) noexcept { return parse(Terminated(text).get()); }
    static Result<Addr> parse_ip(std::string_view text, std::uint16_t port) noexcept
    {
        return parse_ip(Terminated(text).get(), port);
    }

    // Makes an address from a struct sockaddr. See mio_addr_from_sockaddr.
    static Result<Addr> from_sockaddr(const void *sockaddr, std::size_t length) noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_from_sockaddr(&addr.raw_, sockaddr, length), addr);
    }

    // Writes a struct sockaddr and returns its length. See mio_addr_to_sockaddr.
    Result<std::size_t> to_sockaddr(void *sockaddr, std::size_t capacity) const noexcept
    {
        return detail::count<std::size_t>(mio_addr_to_sockaddr(&raw_, sockaddr, capacity));
    }

    // These functions read and change the parts of the address. See mio_addr_family, mio_addr_port, mio_addr_set_port,
    // mio_addr_ip, mio_addr_flowinfo, mio_addr_scope_id.
    Family family() const noexcept { return static_cast<Family>(mio_addr_family(&raw_)); }
    Result<std::uint16_t> port() const noexcept { return detail::count<std::uint16_t>(mio_addr_port(&raw_)); }
    Result<void> set_port(std::uint16_t port) noexcept { return detail::status(mio_addr_set_port(&raw_, port)); }
    Result<Ip> ip() const noexcept
    {
        Ip ip;
        const int returned = mio_addr_ip(&raw_, ip.bytes.data());
        ip.size = returned < 0 ? 0 : static_cast<std::size_t>(returned);
        return detail::stored(returned, ip);
    }
    std::uint32_t flowinfo() const noexcept { return mio_addr_flowinfo(&raw_); }
    std::uint32_t scope_id() const noexcept { return mio_addr_scope_id(&raw_); }

    // These functions return the name in a Unix address. See mio_addr_unix_path, mio_addr_unix_abstract.
    Result<UnixName> unix_path() const noexcept
    {
        UnixName name;
        const int returned = mio_addr_unix_path(&raw_, name.bytes.data(), name.bytes.size());
        name.size = returned < 0 ? 0 : static_cast<std::size_t>(returned);
        return detail::stored(returned, name);
    }
    Result<UnixName> unix_abstract() const noexcept
    {
        UnixName name;
        const int returned = mio_addr_unix_abstract(&raw_, name.bytes.data(), name.bytes.size());
        name.size = returned < 0 ? 0 : static_cast<std::size_t>(returned);
        return detail::stored(returned, name);
    }

    // unmapped() converts an IPv4-mapped address to an IPv4 address. The function mapped() converts an IPv4 address to
    // an IPv4-mapped address. See mio_addr_from_mapped, mio_addr_to_mapped.
    Result<Addr> unmapped() const noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_from_mapped(&addr.raw_, &raw_), addr);
    }
    Result<Addr> mapped() const noexcept
    {
        Addr addr;
        return detail::stored(mio_addr_to_mapped(&raw_, &addr.raw_), addr);
    }

    // These functions test the kind of the address. See mio_addr_is_unspecified, mio_addr_is_loopback,
    // mio_addr_is_multicast, mio_addr_is_unnamed.
    bool is_unspecified() const noexcept { return mio_addr_is_unspecified(&raw_) != 0; }
    bool is_loopback() const noexcept { return mio_addr_is_loopback(&raw_) != 0; }
    bool is_multicast() const noexcept { return mio_addr_is_multicast(&raw_) != 0; }
    bool is_unnamed() const noexcept { return mio_addr_is_unnamed(&raw_) != 0; }

    // text() returns the address as text without allocating. The function to_string() returns a std::string. See
    // mio_addr_format.
    Text<MIO_ADDR_TEXT_SIZE> text() const noexcept
    {
        return Text<MIO_ADDR_TEXT_SIZE>(
            [this](char *buffer, std::size_t size) { return mio_addr_format(&raw_, buffer, size); });
    }
    std::string to_string() const { return text().str(); }

    // compare() returns -1, 0 or 1. The operators use compare(). See mio_addr_compare.
    int compare(const Addr &other) const noexcept { return mio_addr_compare(&raw_, &other.raw_); }
    friend bool operator==(const Addr &left, const Addr &right) noexcept { return left.compare(right) == 0; }
    friend bool operator!=(const Addr &left, const Addr &right) noexcept { return left.compare(right) != 0; }
    friend bool operator<(const Addr &left, const Addr &right) noexcept { return left.compare(right) < 0; }
    friend bool operator>(const Addr &left, const Addr &right) noexcept { return left.compare(right) > 0; }
    friend bool operator<=(const Addr &left, const Addr &right) noexcept { return left.compare(right) <= 0; }
    friend bool operator>=(const Addr &left, const Addr &right) noexcept { return left.compare(right) >= 0; }

    // Returns a hash for containers. See mio_addr_hash.
    std::uint64_t hash() const noexcept { return mio_addr_hash(&raw_); }

    // Returns the C struct, so that C and C++ functions can use the same address.
    mio_addr *raw() &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_addr *raw() const &noexcept MIO_LIFETIMEBOUND { return &raw_; }
    const mio_addr *raw() const && = delete;

private:
    // The longest text of an address and one more escape of a byte ("\xff"), because the C functions must recognise
    // a text that is one byte too long as such. They would refuse a truncated escape with another error.
    using Terminated = detail::Terminated<MIO_ADDR_TEXT_SIZE + 4>;

    mio_addr raw_{};
};

} // namespace mio

template <>
struct std::hash<mio::Addr> {
    std::size_t operator()(const mio::Addr &addr) const noexcept { return static_cast<std::size_t>(addr.hash()); }
};

#endif // MIO_ADDR_HPP
