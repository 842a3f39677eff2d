// SPDX-License-Identifier: MIT
// Reads and writes addresses as text. The parser checks the length of the text first, and looks up the name of an
// interface last. The parser accepts this grammar:
//
//     endpoint = ipv4 ":" port | "[" ipv6 "]" ":" port
//     ip       = ipv4 | ipv6
//     ipv4     = octet "." octet "." octet "." octet
//     ipv6     = ( 8 groups | fewer with one "::" among them ) [ "%" zone ]
//     group    = 1 to 4 hexadecimal digits; a ":" separates two groups; an ipv4 can replace the last two groups
//     zone     = number | name
//
// Octets, ports and numbers are decimal.
#include "core/endpoint_text.hpp"

#include "core/unix_text.hpp"

#include <errno.h>
#include <string.h>

namespace mio::impl {

namespace {

// The longest valid text.
constexpr char longest_ip[] = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%an-interface-15";
constexpr size_t longest_ip_length = sizeof longest_ip - 1;
constexpr size_t longest_endpoint_length = longest_ip_length + sizeof "[]:65535" - 1;
static_assert(sizeof "an-interface-15" == interface_name_size);

bool is_longer(const char *text, size_t length)
{
    return strnlen(text, length + 1) > length;
}

bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

bool is_hex(char byte)
{
    return hex_value(byte) < 16;
}

// True for a byte that the name of an interface may contain. Systems allow more than letters and digits, for example
// UTF-8. The function rejects white space, control characters, and the bytes that have a meaning in addresses or in
// paths.
bool is_zone_byte(char byte)
{
    const auto code = static_cast<unsigned char>(byte);
    return code > ' ' && code != 0x7f && strchr("%/:[]", byte) == nullptr;
}

// Reads an address from left to right. Each member function that reads a part returns true on success. After a failure,
// error() returns the negative errno value.
class Parser {
public:
    explicit Parser(const char *text) : at_(text) {}

    int error() const { return error_; }

    bool endpoint(Endpoint *result);
    bool ip(Endpoint *result);
    bool look_up_zone(Endpoint *result, InterfaceIndex interface_index);

private:
    bool fail(int code)
    {
        error_ = -code;
        return false;
    }

    bool accept(const char *token)
    {
        const size_t length = strlen(token);
        if (strncmp(at_, token, length) != 0) return false;
        at_ += length;
        return true;
    }

    bool expect(const char *token) { return accept(token) || fail(EINVAL); }
    bool expect_end() { return *at_ == '\0' || fail(EINVAL); }
    char after_hex_digits() const;

    bool number(uint32_t limit, uint32_t *value);
    bool octets(uint8_t *bytes);
    bool group(uint8_t *bytes);
    bool groups(uint8_t *bytes, size_t *length, size_t *gap);
    bool ipv4(Endpoint *result);
    bool ipv6(Endpoint *result);
    bool zone(Endpoint *result);
    bool port(Endpoint *result);

    const char *at_;
    int error_ = 0;
    char zone_name_[interface_name_size] = {};
};

// Returns the first byte that is not a hexadecimal digit. A dot means that an IPv4 address begins here, perhaps the
// IPv4 address at the end of an IPv6 address. A colon means that an IPv6 address begins here, or that another group
// follows.
char Parser::after_hex_digits() const
{
    const char *end = at_;
    while (is_hex(*end))
        ++end;
    return *end;
}

// Reads a decimal number. Rejects leading zeros, because other programs read numbers with leading zeros as octal.
bool Parser::number(uint32_t limit, uint32_t *value)
{
    if (!is_digit(at_[0]) || (at_[0] == '0' && is_digit(at_[1]))) return fail(EINVAL);
    uint64_t sum = 0;
    for (; is_digit(*at_); ++at_) {
        sum = sum * 10 + hex_value(*at_);
        if (sum > limit) return fail(ERANGE);
    }
    *value = static_cast<uint32_t>(sum);
    return true;
}

bool Parser::octets(uint8_t *bytes)
{
    for (int i = 0; i < 4; ++i) {
        uint32_t octet = 0;
        if ((i > 0 && !expect(".")) || !number(255, &octet)) return false;
        bytes[i] = static_cast<uint8_t>(octet);
    }
    return true;
}

bool Parser::group(uint8_t *bytes)
{
    if (!is_hex(*at_)) return fail(EINVAL);
    unsigned value = 0;
    for (int digits = 0; is_hex(*at_); ++at_, ++digits) {
        if (digits == 4) return fail(EINVAL);
        value = value << 4 | hex_value(*at_);
    }
    bytes[0] = static_cast<uint8_t>(value >> 8);
    bytes[1] = static_cast<uint8_t>(value);
    return true;
}

// Parser::groups stores this value in *gap if the address has no "::".
constexpr size_t no_gap = 16;

// Reads the groups of an IPv6 address into `bytes`. Stores the number of bytes in *length. If the address has "::", the
// zeros for "::" belong at the offset *gap in `bytes`. If the address has no "::", *gap is no_gap.
bool Parser::groups(uint8_t *bytes, size_t *length, size_t *gap)
{
    *length = 0;
    *gap = no_gap;
    while (*length < 16) {
        if (*gap == no_gap && accept("::")) {
            *gap = *length;
            if (!is_hex(*at_)) return true;
        } else if (*length > 0 && !accept(":")) {
            return true;
        }
        if (after_hex_digits() == '.') {
            if (*length > 12) return fail(EINVAL);
            const bool is_good = octets(bytes + *length);
            *length += 4;
            return is_good;
        }
        if (!group(bytes + *length)) return false;
        *length += 2;
    }
    return true;
}

bool Parser::ipv4(Endpoint *result)
{
    result->family = MIO_ADDR_IPV4;
    return octets(result->ip);
}

bool Parser::ipv6(Endpoint *result)
{
    uint8_t bytes[16];
    size_t length;
    size_t gap;
    if (!groups(bytes, &length, &gap)) return false;
    // "::" stands for at least one group of zeros.
    if (gap == no_gap ? length != 16 : length > 14) return fail(EINVAL);
    const size_t head = gap == no_gap ? length : gap;
    const size_t tail = length - head;
    result->family = MIO_ADDR_IPV6;
    memcpy(result->ip, bytes, head);
    memcpy(result->ip + 16 - tail, bytes + head, tail);
    return zone(result);
}

// A zone of digits is always an interface index, even if an interface has these digits as its name. mio_addr_format
// writes such an index, so mio_addr_parse must read it as an index.
bool Parser::zone(Endpoint *result)
{
    if (!accept("%")) return true;
    const char *start = at_;
    bool is_number = true;
    for (; is_zone_byte(*at_); ++at_)
        is_number = is_number && is_digit(*at_);
    const auto length = static_cast<size_t>(at_ - start);
    if (length == 0) return fail(EINVAL);
    if (is_number) {
        at_ = start;
        return number(UINT32_MAX, &result->scope_id);
    }
    if (length >= interface_name_size) return fail(ENAMETOOLONG);
    memcpy(zone_name_, start, length);
    return true;
}

bool Parser::port(Endpoint *result)
{
    if (*at_ == '\0') return fail(ENODATA);
    if (!expect(":")) return false;
    if (*at_ == '\0') return fail(ENODATA);
    uint32_t value = 0;
    if (!number(UINT16_MAX, &value)) return false;
    result->port = static_cast<uint16_t>(value);
    return expect_end();
}

bool Parser::endpoint(Endpoint *result)
{
    if (accept("[")) return ipv6(result) && expect("]") && port(result);
    // An IPv6 address without brackets cannot have a port, because the port would look like the last group.
    if (after_hex_digits() == ':') return ipv6(result) && expect_end() && fail(ENODATA);
    return ipv4(result) && port(result);
}

bool Parser::ip(Endpoint *result)
{
    return (after_hex_digits() == ':' ? ipv6(result) : ipv4(result)) && expect_end();
}

bool Parser::look_up_zone(Endpoint *result, InterfaceIndex interface_index)
{
    if (zone_name_[0] == '\0') return true;
    error_ = interface_index(zone_name_, &result->scope_id);
    return error_ == 0;
}

void format_ipv4(TextWriter *out, const uint8_t *ip)
{
    for (int i = 0; i < 4; ++i) {
        if (i > 0) out->append('.');
        out->append_decimal(ip[i]);
    }
}

// The range of zero groups that the writer replaces by "::". If there is no "::", both members are 8.
struct ZeroRun {
    int begin = 8;
    int end = 8;
};

// Returns the longest run of two or more groups of zeros. If several runs have this length, returns the first of these
// runs (RFC 5952, section 4.2).
ZeroRun longest_zero_run(const unsigned *groups)
{
    ZeroRun longest;
    int begin = 0;
    for (int i = 0; i < 8; ++i) {
        if (groups[i] != 0) {
            begin = i + 1;
        } else if (i > begin && i + 1 - begin > longest.end - longest.begin) {
            longest = {begin, i + 1};
        }
    }
    return longest;
}

// Writes an IPv6 address. An IPv4-mapped address ends in dotted decimal. RFC 5952 (section 5) recommends this form for
// well-known prefixes.
void format_ipv6(TextWriter *out, const uint8_t *ip)
{
    constexpr uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (memcmp(ip, mapped_prefix, sizeof mapped_prefix) == 0) {
        out->append("::ffff:");
        format_ipv4(out, ip + sizeof mapped_prefix);
        return;
    }
    unsigned groups[8];
    for (size_t i = 0; i < 8; ++i)
        groups[i] = static_cast<unsigned>(ip[2 * i] << 8 | ip[2 * i + 1]);
    const ZeroRun zeros = longest_zero_run(groups);
    for (int i = 0; i < 8;) {
        if (i == zeros.begin) {
            out->append("::");
            i = zeros.end;
        } else {
            if (i > 0 && i != zeros.end) out->append(':');
            out->append_hex(groups[i++]);
        }
    }
}

void format_scope(TextWriter *out, uint32_t scope_id)
{
    if (scope_id == 0) return;
    out->append('%');
    out->append_decimal(scope_id);
}

void format_port(TextWriter *out, uint16_t port)
{
    out->append(':');
    out->append_decimal(port);
}

} // namespace

int parse_endpoint(Endpoint *endpoint, const char *text, InterfaceIndex interface_index)
{
    if (is_longer(text, longest_endpoint_length)) return -ENAMETOOLONG;
    Parser parser(text);
    Endpoint result;
    if (!parser.endpoint(&result) || !parser.look_up_zone(&result, interface_index)) return parser.error();
    *endpoint = result;
    return 0;
}

int parse_ip(Endpoint *endpoint, const char *text, uint16_t port, InterfaceIndex interface_index)
{
    if (is_longer(text, longest_ip_length)) return -ENAMETOOLONG;
    Parser parser(text);
    Endpoint result;
    if (!parser.ip(&result) || !parser.look_up_zone(&result, interface_index)) return parser.error();
    result.port = port;
    *endpoint = result;
    return 0;
}

void format_endpoint(TextWriter *out, const Endpoint &endpoint)
{
    switch (endpoint.family) {
    case MIO_ADDR_NONE:
        out->append("none");
        break;
    case MIO_ADDR_UNIX:
        format_unix_name(out, endpoint.name, endpoint.name_length);
        break;
    case MIO_ADDR_IPV4:
        format_ipv4(out, endpoint.ip);
        format_port(out, endpoint.port);
        break;
    case MIO_ADDR_IPV6:
        out->append('[');
        format_ipv6(out, endpoint.ip);
        format_scope(out, endpoint.scope_id);
        out->append(']');
        format_port(out, endpoint.port);
        break;
    default:
        out->append("other");
    }
}

} // namespace mio::impl
