// SPDX-License-Identifier: MIT
// Tests mio_addr_parse, mio_addr_parse_ip and mio_addr_format, which read and write the text of IP addresses. The
// target compares the functions with inet_pton(3), with inet_ntop(3), and with getaddrinfo(3), called with the flag
// AI_NUMERICHOST. The input is the text.
#include "fuzz.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <mio/addr.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace {

constexpr uint16_t given_port = 4711;

bool is_one_of(int result, std::initializer_list<int> codes)
{
    return std::find(codes.begin(), codes.end(), result) != codes.end();
}

bool is_zone_number(const std::string &zone)
{
    return !zone.empty() && zone.find_first_not_of("0123456789") == std::string::npos;
}

// The parameter is a copy, because the macros of musl cast away "const".
bool has_link_local_scope(in6_addr ip)
{
    return IN6_IS_ADDR_LINKLOCAL(&ip) || IN6_IS_ADDR_MC_LINKLOCAL(&ip);
}

// ---- parsing ------------------------------------------------------------------------------------------------------

// Compares the result of mio with the result of inet_pton(3). Returns true if both parsers reject the text, or if both
// parsers give the same address.
bool agrees_with_pton(int family, const std::string &text, const mio_addr &addr, bool accepted)
{
    uint8_t wanted[16] = {};
    uint8_t ip[16] = {};
    const bool is_valid = inet_pton(family, text.c_str(), wanted) == 1;
    if (!accepted) return !is_valid;
    const int length = family == AF_INET6 ? 16 : 4;
    return is_valid && mio_addr_family(&addr) == (family == AF_INET6 ? MIO_ADDR_IPV6 : MIO_ADDR_IPV4) &&
           mio_addr_ip(&addr, ip) == length && memcmp(ip, wanted, static_cast<size_t>(length)) == 0;
}

// Compares the scope of `addr` with the scope that getaddrinfo(3) finds. mio and getaddrinfo(3) can differ in three
// cases. getaddrinfo(3) accepts the name of an interface only for an address of link-local scope. getaddrinfo(3)
// accepts a scope number with leading zeros. getaddrinfo(3) also accepts a colon in the name of an interface, because
// the kernel ignores the colon and all characters after the colon.
void check_scope(const std::string &text, const std::string &zone, const mio_addr &addr, bool accepted)
{
    addrinfo hints = {};
    addrinfo *found = nullptr;
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_family = AF_INET6;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(text.c_str(), nullptr, &hints, &found) != 0) {
        uint8_t ip[16];
        in6_addr v6 = {};
        REQUIRE(!accepted || mio_addr_ip(&addr, ip) == 16);
        if (!accepted) return;
        memcpy(&v6, ip, sizeof v6);
        REQUIRE(!is_zone_number(zone) && !has_link_local_scope(v6));
        return;
    }
    sockaddr_in6 native;
    memcpy(&native, found->ai_addr, sizeof native);
    freeaddrinfo(found);
    const bool has_leading_zero = zone.size() > 1 && zone[0] == '0';
    if (!has_leading_zero && zone.find_first_of("%/:[]") == std::string::npos)
        REQUIRE(accepted && mio_addr_scope_id(&addr) == native.sin6_scope_id);
}

// Parses an IP address without a port, and returns whether the text is valid.
bool check_ip(const std::string &text, fuzz::Output<mio_addr> &addr)
{
    const fuzz::Exact exact(std::string(text.c_str(), text.size() + 1));
    const int result = mio_addr_parse_ip(addr.get(), exact.data(), given_port);
    REQUIRE(is_one_of(result, {0, -EINVAL, -ERANGE, -ENODEV, -ENAMETOOLONG}));
    REQUIRE(result == 0 || addr.is_untouched());
    REQUIRE(result != 0 || mio_addr_port(addr.get()) == given_port);
    const size_t percent = text.find('%');
    const bool is_v6 = text.find(':') != std::string::npos;
    const bool accepted = result == 0;
    if (percent == std::string::npos) {
        REQUIRE(agrees_with_pton(is_v6 ? AF_INET6 : AF_INET, text, *addr, accepted));
        REQUIRE(!accepted || mio_addr_scope_id(addr.get()) == 0);
    } else if (is_v6) {
        if (accepted) REQUIRE(agrees_with_pton(AF_INET6, text.substr(0, percent), *addr, true));
        check_scope(text, text.substr(percent + 1), *addr, accepted);
    } else {
        REQUIRE(!accepted);
    }
    return accepted;
}

// Checks the parts of a text that contains a port: the address, a colon, and a number. An IPv6 address is in brackets.
void check_parts(const std::string &text, const mio_addr &addr)
{
    const size_t colon = text.rfind(':');
    const bool is_v6 = mio_addr_family(&addr) == MIO_ADDR_IPV6;
    REQUIRE(colon != std::string::npos && (text[0] == '[') == is_v6);
    const std::string host = is_v6 ? text.substr(1, colon - 2) : text.substr(0, colon);
    const std::string port = std::to_string(mio_addr_port(&addr));
    mio_addr again;
    REQUIRE(text.substr(colon + 1) == port);
    REQUIRE(mio_addr_parse_ip(&again, host.c_str(), static_cast<uint16_t>(mio_addr_port(&addr))) == 0);
    REQUIRE(mio_addr_compare(&again, &addr) == 0);
}

// Parses an IP address with a port. The fuzz target unix_name checks the text of Unix addresses.
bool check_endpoint(const std::string &text, fuzz::Output<mio_addr> &addr)
{
    const fuzz::Exact exact(std::string(text.c_str(), text.size() + 1));
    const int result = mio_addr_parse(addr.get(), exact.data());
    REQUIRE(is_one_of(result, {0, -EINVAL, -ENODATA, -ERANGE, -ENODEV, -ENAMETOOLONG}));
    REQUIRE(result == 0 || addr.is_untouched());
    if (result != 0 || mio_addr_family(addr.get()) == MIO_ADDR_UNIX) return false;
    check_parts(text, *addr);
    return true;
}

// ---- formatting ---------------------------------------------------------------------------------------------------

// Returns the text of inet_ntop(3), except for an IPv4-compatible address: inet_ntop(3) may print ::192.0.2.1, and this
// function returns ::c000:201 (RFC 5952).
std::string host_text(const mio_addr &addr)
{
    uint8_t ip[16] = {};
    char text[INET6_ADDRSTRLEN];
    if (mio_addr_ip(&addr, ip) == 4) return inet_ntop(AF_INET, ip, text, sizeof text);
    const bool is_compatible = std::all_of(ip, ip + 12, [](uint8_t byte) { return byte == 0; });
    const unsigned groups[2] = {ip[12] * 256u + ip[13], ip[14] * 256u + ip[15]};
    if (!is_compatible || groups[0] == 0) return inet_ntop(AF_INET6, ip, text, sizeof text);
    (void)snprintf(text, sizeof text, "::%x:%x", groups[0], groups[1]);
    return text;
}

void check_format(const mio_addr &addr)
{
    const auto format = [&](char *text, size_t size) { return mio_addr_format(&addr, text, size); };
    const uint32_t scope = mio_addr_scope_id(&addr);
    std::string wanted = host_text(addr);
    if (scope != 0) wanted += "%" + std::to_string(scope);
    if (mio_addr_family(&addr) == MIO_ADDR_IPV6) wanted = "[" + wanted + "]";
    wanted += ":" + std::to_string(mio_addr_port(&addr));
    const std::string text = fuzz::text_of(64, format); // 64 bytes are enough for IP addresses
    REQUIRE(text == wanted);
    mio_addr again;
    REQUIRE(mio_addr_parse(&again, text.c_str()) == 0);
    REQUIRE(mio_addr_compare(&again, &addr) == 0 && mio_addr_hash(&again) == mio_addr_hash(&addr));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string bytes = fuzz::Input(data, size).rest();
    const std::string text = bytes.c_str(); // the text ends at the first null byte
    fuzz::Output<mio_addr> ip;
    fuzz::Output<mio_addr> endpoint;
    if (check_endpoint(text, endpoint)) check_format(*endpoint);
    if (!check_ip(text, ip)) return 0;
    check_format(*ip);
    fuzz::Output<mio_addr> unread;
    REQUIRE(mio_addr_parse(unread.get(), text.c_str()) == -ENODATA && unread.is_untouched());
    const bool is_v6 = mio_addr_family(ip.get()) == MIO_ADDR_IPV6;
    const std::string with_port = (is_v6 ? "[" + text + "]:" : text + ":") + std::to_string(given_port);
    REQUIRE(mio_addr_parse(endpoint.get(), with_port.c_str()) == 0 && mio_addr_compare(endpoint.get(), ip.get()) == 0);
    return 0;
}
