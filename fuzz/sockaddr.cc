// SPDX-License-Identifier: MIT
// Tests the conversion of addresses from and to struct sockaddr: mio_addr_from_sockaddr, mio_addr_to_sockaddr, and the
// functions that read the parts of an address. The input has two addresses. Each address is a byte that selects the
// family, a byte for the length, and the bytes of the struct after its family member.
#include "fuzz.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <mio/addr.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace {

constexpr size_t family_offset = offsetof(sockaddr, sa_family);
constexpr size_t name_offset = offsetof(sockaddr_un, sun_path);
constexpr size_t name_capacity = sizeof(sockaddr_un::sun_path);

// Reads the bytes of a native address. The input selects the family from a table, so that one corpus works on every
// system.
std::string take_native(fuzz::Input &input)
{
    static constexpr sa_family_t families[] = {AF_INET, AF_INET6, AF_UNIX, AF_UNSPEC, AF_APPLETALK};
    const sa_family_t family = families[input.byte() % (sizeof families / sizeof *families)];
    const size_t length = input.byte() % 160;
    std::string native(family_offset, '\0');
    native.append(reinterpret_cast<const char *>(&family), sizeof family);
    native += input.text(length);
    native.resize(length); // a short length cuts off a part of the family
    return native;
}

sa_family_t family_of(const std::string &native)
{
    sa_family_t family;
    memcpy(&family, native.data() + family_offset, sizeof family);
    return family;
}

// Returns the name in a native Unix address. Only Linux has abstract names.
std::string name_of(const std::string &native)
{
    const std::string name = native.substr(name_offset);
#ifdef __linux__
    if (!name.empty() && name[0] == '\0') return name;
#endif
    return name.substr(0, name.find('\0'));
}

int wanted_result(const std::string &native)
{
    if (native.size() < name_offset) return -EINVAL;
    switch (family_of(native)) {
    case AF_INET:
        return native.size() >= sizeof(sockaddr_in) ? 0 : -EINVAL;
    case AF_INET6:
        return native.size() >= sizeof(sockaddr_in6) ? 0 : -EINVAL;
    case AF_UNIX:
        return name_of(native).size() <= name_capacity ? 0 : -ENAMETOOLONG;
    default:
        return -EAFNOSUPPORT;
    }
}

// ---- the parts of an address --------------------------------------------------------------------------------------

void check_ipv4(const mio_addr &addr, const std::string &native)
{
    sockaddr_in wanted;
    uint8_t ip[16];
    memcpy(&wanted, native.data(), sizeof wanted);
    REQUIRE(mio_addr_ip(&addr, ip) == 4 && memcmp(ip, &wanted.sin_addr, 4) == 0);
    REQUIRE(mio_addr_port(&addr) == ntohs(wanted.sin_port));
    REQUIRE(mio_addr_scope_id(&addr) == 0 && mio_addr_flowinfo(&addr) == 0);
    const uint32_t host = ntohl(wanted.sin_addr.s_addr);
    REQUIRE(mio_addr_is_unspecified(&addr) == (host == INADDR_ANY));
    REQUIRE(mio_addr_is_loopback(&addr) == (host >> 24 == 127));
    REQUIRE(mio_addr_is_multicast(&addr) == (IN_MULTICAST(host) ? 1 : 0));
    mio_addr mapped;
    mio_addr again;
    REQUIRE(mio_addr_to_mapped(&addr, &mapped) == 0 && mio_addr_from_mapped(&again, &mapped) == 0);
    REQUIRE(mio_addr_compare(&again, &addr) == 0);
}

void check_ipv6(const mio_addr &addr, const std::string &native)
{
    sockaddr_in6 wanted;
    uint8_t ip[16];
    memcpy(&wanted, native.data(), sizeof wanted);
    REQUIRE(mio_addr_ip(&addr, ip) == 16 && memcmp(ip, &wanted.sin6_addr, 16) == 0);
    REQUIRE(mio_addr_port(&addr) == ntohs(wanted.sin6_port));
    REQUIRE(mio_addr_scope_id(&addr) == wanted.sin6_scope_id);
    REQUIRE(mio_addr_flowinfo(&addr) == ntohl(wanted.sin6_flowinfo));
    REQUIRE(mio_addr_is_unspecified(&addr) == (IN6_IS_ADDR_UNSPECIFIED(&wanted.sin6_addr) ? 1 : 0));
    REQUIRE(mio_addr_is_loopback(&addr) == (IN6_IS_ADDR_LOOPBACK(&wanted.sin6_addr) ? 1 : 0));
    REQUIRE(mio_addr_is_multicast(&addr) == (IN6_IS_ADDR_MULTICAST(&wanted.sin6_addr) ? 1 : 0));
    fuzz::Output<mio_addr> v4;
    const int result = mio_addr_from_mapped(v4.get(), &addr);
    const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&wanted.sin6_addr);
    REQUIRE(result == (!is_mapped ? -EAFNOSUPPORT : wanted.sin6_scope_id != 0 ? -EINVAL : 0));
    REQUIRE(result == 0 || v4.is_untouched());
}

void check_unix(const mio_addr &addr, const std::string &native)
{
    const std::string name = name_of(native);
    char bytes[name_capacity + 1];
    uint8_t ip[16];
    REQUIRE(mio_addr_ip(&addr, ip) == -EAFNOSUPPORT && mio_addr_port(&addr) == -EAFNOSUPPORT);
    REQUIRE(mio_addr_is_unnamed(&addr) == (name.empty() ? 1 : 0));
    const bool is_path = !name.empty() && name[0] != '\0';
    const bool is_abstract = !name.empty() && name[0] == '\0';
    const int path = mio_addr_unix_path(&addr, bytes, sizeof bytes);
    REQUIRE(path == (is_path ? static_cast<int>(name.size()) : -EAFNOSUPPORT));
    REQUIRE(!is_path || name == bytes);
    const int abstract = mio_addr_unix_abstract(&addr, bytes, sizeof bytes);
    REQUIRE(abstract == (is_abstract ? static_cast<int>(name.size()) - 1 : -EAFNOSUPPORT));
    REQUIRE(!is_abstract || memcmp(bytes, name.data() + 1, name.size() - 1) == 0);
}

void check_parts(const mio_addr &addr, const std::string &native)
{
    switch (family_of(native)) {
    case AF_INET:
        REQUIRE(mio_addr_family(&addr) == MIO_ADDR_IPV4);
        check_ipv4(addr, native);
        break;
    case AF_INET6:
        REQUIRE(mio_addr_family(&addr) == MIO_ADDR_IPV6);
        check_ipv6(addr, native);
        break;
    default:
        REQUIRE(mio_addr_family(&addr) == MIO_ADDR_UNIX);
        check_unix(addr, native);
        break;
    }
}

// ---- conversions in both directions -------------------------------------------------------------------------------

void check_round_trip(const mio_addr &addr)
{
    const size_t most = sizeof(sockaddr_un) + 1;
    fuzz::Guarded native(most);
    const int length = mio_addr_to_sockaddr(&addr, native.data(), most);
    REQUIRE(length >= static_cast<int>(name_offset) && static_cast<size_t>(length) <= sizeof(sockaddr_un));
    REQUIRE(native.is_untouched(static_cast<size_t>(length)));
    mio_addr again;
    REQUIRE(mio_addr_from_sockaddr(&again, native.data(), static_cast<size_t>(length)) == 0);
    REQUIRE(mio_addr_compare(&again, &addr) == 0 && mio_addr_hash(&again) == mio_addr_hash(&addr));
    fuzz::Guarded exact(static_cast<size_t>(length));
    REQUIRE(mio_addr_to_sockaddr(&addr, exact.data(), exact.size()) == length);
    REQUIRE(memcmp(exact.data(), native.data(), exact.size()) == 0);
    fuzz::Guarded narrow(static_cast<size_t>(length) - 1);
    REQUIRE(mio_addr_to_sockaddr(&addr, narrow.data(), narrow.size()) == -ENOSPC && narrow.is_untouched());
}

void check_port(const mio_addr &addr, uint16_t port)
{
    mio_addr changed = addr;
    const bool is_ip = mio_addr_family(&addr) != MIO_ADDR_UNIX;
    REQUIRE(mio_addr_set_port(&changed, port) == (is_ip ? 0 : -EAFNOSUPPORT));
    if (is_ip) REQUIRE(mio_addr_port(&changed) == port);
    const int order = is_ip ? (port > mio_addr_port(&addr)) - (port < mio_addr_port(&addr)) : 0;
    REQUIRE(mio_addr_compare(&changed, &addr) == order);
}

// Reads a native address from the input, and checks its conversion. Returns whether the native address is valid.
bool check_address(fuzz::Input &input, mio_addr *addr)
{
    const std::string native = take_native(input);
    const fuzz::Exact exact(native);
    fuzz::Output<mio_addr> output;
    const int result = mio_addr_from_sockaddr(output.get(), exact.data(), native.size());
    REQUIRE(result == wanted_result(native));
    REQUIRE(result == 0 || output.is_untouched());
    if (result != 0) return false;
    *addr = *output;
    check_parts(*addr, native);
    check_round_trip(*addr);
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz::Input input(data, size);
    mio_addr left = {};
    mio_addr right = {};
    const bool is_valid = check_address(input, &left);
    (void)check_address(input, &right);
    if (is_valid) check_port(left, input.number<uint16_t>());
    const int order = mio_addr_compare(&left, &right);
    REQUIRE(order >= -1 && order <= 1 && mio_addr_compare(&right, &left) == -order);
    REQUIRE(mio_addr_compare(&left, &left) == 0);
    REQUIRE(order != 0 || mio_addr_hash(&left) == mio_addr_hash(&right));
    return 0;
}
