// SPDX-License-Identifier: MIT
// Tests how the library reads addresses from text and writes addresses as text. inet_pton confirms which IP addresses
// are valid.
#include "core/endpoint_text.hpp"
#include "core/endpoint.hpp"
#include "core/unix_text.hpp"

#include "../helpers/run_suite.hpp"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <initializer_list>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

using namespace mio::impl;

namespace {

// Replaces interface_index, and knows only the interfaces in its table. The function counts its calls in `lookups`, and
// stores the latest name in looked_up.
int lookups;
char looked_up[interface_name_size];

int made_up_interface(const char *name, uint32_t *index)
{
    static constexpr struct {
        const char *name;
        uint32_t index;
    } interfaces[] = {{"lo", 1}, {"eth0.100@if-2", 4094}, {"6to4", 7}, {"42", 99}, {"fifteen-bytes-x", UINT32_MAX}};
    ++lookups;
    ck_assert_uint_lt(strlen(name), sizeof looked_up);
    strcpy(looked_up, name);
    for (const auto &entry : interfaces) {
        if (strcmp(entry.name, name) != 0) continue;
        *index = entry.index;
        return 0;
    }
    return -ENODEV;
}

struct Text {
    char bytes[512];
    int length;
};

Text text_of(const Endpoint &endpoint)
{
    Text result;
    TextWriter out(result.bytes, sizeof result.bytes);
    format_endpoint(&out, endpoint);
    result.length = out.length();
    ck_assert_uint_eq(strlen(result.bytes), static_cast<size_t>(result.length));
    return result;
}

void expect_text(const Endpoint &endpoint, const char *wanted)
{
    const Text text = text_of(endpoint);
    ck_assert_str_eq(text.bytes, wanted);
}

Endpoint parsed(const char *text)
{
    Endpoint result;
    const int error = parse_endpoint(&result, text, made_up_interface);
    ck_assert_msg(error == 0, "\"%s\" gives %d", text, error);
    return result;
}

void expect_equal(const Endpoint &left, const Endpoint &right)
{
    ck_assert_int_eq(compare_endpoints(left, right), 0);
    ck_assert_int_eq(compare_endpoints(right, left), 0);
    ck_assert_uint_eq(hash_endpoint(left), hash_endpoint(right));
}

Endpoint unix_endpoint(const char *name, size_t length)
{
    return {.family = MIO_ADDR_UNIX, .name = reinterpret_cast<const uint8_t *>(name), .name_length = length};
}

// `read` is a text that the library reads as an address without a port. `written` is the text that the library writes
// for this address. The texts are examples of RFC 5952, or are similar to its examples.
struct Spelling {
    const char *read;
    const char *written;
};

constexpr Spelling ipv4_spellings[] = {
    {"0.0.0.0", "0.0.0.0"},
    {"1.2.3.4", "1.2.3.4"},
    {"9.10.99.100", "9.10.99.100"},
    {"127.0.0.1", "127.0.0.1"},
    {"192.0.2.1", "192.0.2.1"},
    {"249.250.199.200", "249.250.199.200"},
    {"255.255.255.255", "255.255.255.255"},
};

constexpr Spelling ipv6_spellings[] = {
    {"::", "::"},
    {"0:0:0:0:0:0:0:0", "::"},
    {"0000:0000:0000:0000:0000:0000:0000:0000", "::"},
    {"::1", "::1"},
    {"0::1", "::1"},
    {"::0:1", "::1"},
    {"0:0:0:0:0:0:0:1", "::1"},
    {"1::", "1::"},
    {"1::0", "1::"},
    {"1:0:0:0:0:0:0:0", "1::"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    // RFC 5952, 4.1: a group has no leading zeros
    {"2001:0db8::0001", "2001:db8::1"},
    {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
    {"2001:db8:00:0000:000:0:2:1", "2001:db8::2:1"},
    // RFC 5952, 4.2.1: "::" makes the text as short as possible
    {"2001:db8::0:1", "2001:db8::1"},
    {"2001:db8:0:0:0::1", "2001:db8::1"},
    // RFC 5952, 4.2.2: the output has "::" only in place of two or more groups of zeros
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"1:0:3:0:5:0:7:0", "1:0:3:0:5:0:7:0"},
    // RFC 5952, 4.2.3: "::" replaces the longest run of zeros, or the first of several runs with this length
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
    {"0:0:1:0:0:1:0:0", "::1:0:0:1:0:0"},
    {"0:0:1:0:0:0:1:1", "0:0:1::1:1"},
    {"0:0:0:1:0:0:0:0", "0:0:0:1::"},
    {"1:0:0:0:0:0:0:8", "1::8"},
    {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
    // RFC 5952, 4.3: the letters are lower case
    {"2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AaAa", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"},
    {"ABCD:EF01:2345:6789:abcd:ef01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
    // RFC 5952, 5: the text ends in the form of IPv4 only if the address is IPv4-mapped
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"::ffff:c000:201", "::ffff:192.0.2.1"},
    {"0:0:0:0:0:FFFF:0.0.0.0", "::ffff:0.0.0.0"},
    {"0000:0000:0000:0000:0000:ffff:255.255.255.255", "::ffff:255.255.255.255"},
    {"::192.0.2.1", "::c000:201"},
    {"::0.0.0.1", "::1"},
    {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
    {"::ffff:0:192.0.2.1", "::ffff:0:c000:201"},
    {"0:0:0:0:1:ffff:192.0.2.1", "::1:ffff:c000:201"},
    {"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:708:90a"},
    {"1::7.8.9.10", "1::708:90a"},
    {"1:2:3:4:5::7.8.9.10", "1:2:3:4:5:0:708:90a"},
    {"1:2:3:4:5:6:0.0.0.0", "1:2:3:4:5:6::"},
};

void expect_spelling(const Spelling &spelling, bool is_ipv6)
{
    char text[128];
    char wanted[128];
    Endpoint endpoint;
    snprintf(text, sizeof text, is_ipv6 ? "[%s]:0" : "%s:0", spelling.read);
    snprintf(wanted, sizeof wanted, is_ipv6 ? "[%s]:0" : "%s:0", spelling.written);
    expect_text(parsed(text), wanted);
    expect_equal(parsed(wanted), parsed(text));

    ck_assert_int_eq(parse_ip(&endpoint, spelling.read, 0, made_up_interface), 0);
    expect_equal(endpoint, parsed(text));
    uint8_t bytes[16] = {};
    ck_assert_int_eq(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, spelling.read, bytes), 1);
    ck_assert_mem_eq(endpoint.ip, bytes, sizeof bytes);
    ck_assert_int_eq(endpoint.family, is_ipv6 ? MIO_ADDR_IPV6 : MIO_ADDR_IPV4);
    ck_assert_uint_eq(ip_length(endpoint), is_ipv6 ? 16 : 4);
}

} // namespace

START_TEST(ipv4_is_read_and_written)
{
    for (const Spelling &spelling : ipv4_spellings)
        expect_spelling(spelling, false);
}
END_TEST

START_TEST(ipv6_is_read_and_written)
{
    for (const Spelling &spelling : ipv6_spellings)
        expect_spelling(spelling, true);
}
END_TEST

namespace {

void expect_port(uint16_t port)
{
    char text[32];
    Endpoint endpoint;
    for (const bool is_ipv6 : {false, true}) {
        snprintf(text, sizeof text, is_ipv6 ? "[::1]:%u" : "192.0.2.1:%u", static_cast<unsigned>(port));
        ck_assert_uint_eq(parsed(text).port, port);
        expect_text(parsed(text), text);
    }
    ck_assert_int_eq(parse_ip(&endpoint, "::1", port, made_up_interface), 0);
    expect_equal(endpoint, parsed(text));
}

} // namespace

START_TEST(ports_are_read_and_written)
{
    for (unsigned port = 0; port < 1100; ++port)
        expect_port(static_cast<uint16_t>(port));
    for (unsigned port = 1100; port <= UINT16_MAX; port += 97)
        expect_port(static_cast<uint16_t>(port));
    for (const unsigned port : {9999u, 10000u, 32767u, 32768u, 65534u, 65535u})
        expect_port(static_cast<uint16_t>(port));
}
END_TEST

START_TEST(a_zone_is_a_number_or_a_name)
{
    static constexpr struct {
        const char *zone;
        uint32_t scope_id;
        int lookups;
    } zones[] = {
        {"0", 0, 0},
        {"1", 1, 0},
        {"42", 42, 0}, // the number 42, although made_up_interface() knows an interface with the name "42"
        {"4294967295", UINT32_MAX, 0},
        {"lo", 1, 1},
        {"6to4", 7, 1},
        {"eth0.100@if-2", 4094, 1},
        {"fifteen-bytes-x", UINT32_MAX, 1},
    };
    for (const auto &row : zones) {
        char text[64];
        char written[64];
        Endpoint endpoint;
        snprintf(text, sizeof text, "[fe80::1%%%s]:80", row.zone);
        snprintf(written, sizeof written, row.scope_id != 0 ? "[fe80::1%%%u]:80" : "[fe80::1]:80", row.scope_id);
        lookups = 0;
        ck_assert_uint_eq(parsed(text).scope_id, row.scope_id);
        ck_assert_int_eq(lookups, row.lookups);
        if (lookups > 0) ck_assert_str_eq(looked_up, row.zone);
        expect_text(parsed(text), written);
        expect_equal(parsed(written), parsed(text));

        snprintf(text, sizeof text, "::ffff:192.0.2.1%%%s", row.zone);
        ck_assert_int_eq(parse_ip(&endpoint, text, 80, made_up_interface), 0);
        ck_assert_uint_eq(endpoint.scope_id, row.scope_id);
    }
}
END_TEST

namespace {

// None of these texts is an address, with or without a port.
constexpr const char *nonsense[] = {"", " ", ":", ".", "%", "[", "]", "[]", "0", "80", ":80", "*:80", "none", "@name"};

constexpr const char *names[] = {"localhost", "localhost:80", "example.com:80", "/run/socket", "-1.2.3.4", "+1.2.3.4"};

constexpr const char *no_ipv4[] = {
    "1",           "1.",         "1.2",          "1.2.3",      "1.2.3.",        "1.2.3:80",  "1.2.3.:80",
    "1.2.3.4.",    "1.2.3.4.5",  "1.2.3.4.5:80", ".1.2.3.4",   "1..2.3.4",      "1.2.3..4",  "1.2.3.4x",
    "1.2.3.x4",    "a.2.3.4",    "1.2.3.a",      "1,2,3,4",    "01.2.3.4",      "1.02.3.4",  "1.2.3.04:80",
    "1.2.3.00:80", "000.2.3.4",  "0x7f.0.0.1",   "0x7f000001", " 1.2.3.4",      "1.2.3.4 ",  "1. 2.3.4",
    "1.2.3.4\n",   "1.2.3.4/24", "1.2.3.4%1",    "1.2.3.4%lo", "1.2.3.4%lo:80", "[1.2.3.4]", "[1.2.3.4]:80"};

constexpr const char *no_ipv6[] = {
    ":::",     ":::1", "1:::2", "::1::", "1::2::3", ":1",   "1:",   "::1:", "12345::", "00000::1",
    "::00001", "::g",  "::1g",  "0x1::", "::-1",    " ::1", "::1 ", ": :1", "::1/128"};

constexpr const char *wrong_number_of_groups[] = {
    ":1:2:3:4:5:6:7:8",  "1:2:3:4:5:6:7",     "1:2:3:4:5:6:7:",    "1:2:3:4:5:6:7:8:",
    "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8"};

constexpr const char *no_embedded_ipv4[] = {"::1.2.3",
                                            "::1.2.3.4.5",
                                            "::1.2.3.4:5",
                                            "::1.2.3.4::",
                                            "::a.2.3.4",
                                            "::1.2.3.0a",
                                            "::01.2.3.4",
                                            "::1.2.3.04",
                                            "1.2.3.4::",
                                            "1:2:3:4:5:1.2.3.4",
                                            "1:2:3:4:5:6:7:1.2.3.4",
                                            "1:2:3:4:5:6:7:8:1.2.3.4",
                                            "1:2:3:4:5:6::1.2.3.4"};

constexpr const char *no_zone[] = {"::1%",    "::1%%",    "::1%%lo",    "::1%lo%lo", "::1%lo ",  "::1% lo",
                                   "::1%l o", "::1%lo\t", "::1%lo\x7f", "::1%lo/1",  "::1%lo:1", "::1%00",
                                   "::1%01",  "%lo",      "::%lo]",     "fe80:%lo:1"};

// In these texts, the first error is a number that is too large.
constexpr const char *out_of_range[] = {"256.2.3.4",
                                        "1.256.3.4:80",
                                        "1.2.3.256",
                                        "1.2.3.999:80",
                                        "1.2.3.1000",
                                        "2130706433",
                                        "4294967297.2.3.4",
                                        "18446744073709551617.2.3.4",
                                        "300.x",
                                        "1.2.3.256x",
                                        "::256.2.3.4",
                                        "::ffff:1.2.3.256",
                                        "::12345.2.3.4",
                                        "::1%4294967296",
                                        "::1%99999999999999999999"};

// These texts are longer than any address can be, or have a zone that is longer than any name of an interface can be.
constexpr const char *too_long[] = {"::1%sixteen-bytes-xy", "fe80::1%very-long-interface-name",
                                    "1.2.3.4:80                                                              ",
                                    "0000000000000000000000000000000000000000000000000000000000000000000000",
                                    "::1%0000000000000000000000000000000000000000000000000000000000000000001"};

// In these texts the port is missing, and there is no other error.
constexpr const char *no_port[] = {"1.2.3.4",        "1.2.3.4:",        "::",           "::1",
                                   "2001:db8::1:80", "1:2:3:4:5:6:7:8", "fe80::1%lo",   "fe80::1%nosuch",
                                   "[::1]",          "[::1]:",          "[fe80::1%lo]", "[fe80::1%nosuch]:"};

// In these texts, the brackets, the port or the zone are wrong, but the port is not missing.
constexpr const char *no_endpoint[] = {
    "[::1",           "[::1:80",        "::1]",         "::1]:80",     "[[::1]]:80",
    "[::1]]:80",      "[ ::1]:80",      "[::1 ]:80",    "[::1] :80",   "[::1]80",
    "[::1]x",         "[::1]::80",      "(::1):80",     "[]:80",       "[:]:80",
    "[:::]:80",       "[localhost]:80", "[::1%]:80",    "[::1%lo:80",  "[::1%lo[]:80",
    "[::1]%lo:80",    "1.2.3.4::80",    "1.2.3.4:80:",  "1.2.3.4:80 ", "1.2.3.4: 80",
    "1.2.3.4 :80",    "1.2.3.4:80\n",   "1.2.3.4:80x",  "1.2.3.4:x",   "1.2.3.4:http",
    "1.2.3.4:-1",     "1.2.3.4:+80",    "1.2.3.4:0x50", "1.2.3.4:00",  "1.2.3.4:080",
    "1.2.3.4:80/tcp", "1.2.3.4,80",     "[::1]:080",    "[::1]:80]",   "[fe80::1%nosuch]:80x",
    "[fe80::1%01]:80"};

constexpr const char *endpoint_out_of_range[] = {
    "1.2.3.4:65536", "1.2.3.4:99999",       "1.2.3.4:4294967376",     "1.2.3.4:18446744073709551696",
    "[::1]:65536",   "[::256.1.1.1]:65536", "[fe80::1%nosuch]:65536", "[fe80::1%4294967296]:80"};

// In these texts, only the name of the interface is wrong.
constexpr const char *endpoint_without_interface[] = {"[fe80::1%nosuch]:80", "[fe80::1%LO]:80", "[fe80::1%lo0]:80",
                                                      "[fe80::1%-1]:80", "[fe80::1%0x1]:80"};

constexpr const char *endpoint_too_long[] = {"[fe80::1%sixteen-bytes-xy]:80"};

// parse_ip rejects these texts, because they have a port or brackets.
constexpr const char *no_ip[] = {"1.2.3.4:", "1.2.3.4:80", "[::1]", "[::1]:80", "::1]", "fe80::1%lo:80"};

constexpr const char *ip_without_interface[] = {"fe80::1%nosuch", "fe80::1%LO", "fe80::1%\xc3\xa9th0",
                                                "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%an-interface-15"};

constexpr const char *ip_too_long[] = {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%an-interface-165"};

// Checks that the parser returns the error `wanted` and does not change the result. If `wanted` is -ENODEV, the parser
// must look up one interface. If `wanted` is any other error, the parser must look up no interface.
void expect_mistake(const char *text, int wanted, bool has_port)
{
    const Endpoint before{.family = MIO_ADDR_IPV4, .ip = {1, 2, 3, 4}, .port = 5, .flowinfo = 6, .scope_id = 7};
    Endpoint endpoint = before;
    lookups = 0;
    const int error = has_port ? parse_endpoint(&endpoint, text, made_up_interface)
                               : parse_ip(&endpoint, text, 80, made_up_interface);
    ck_assert_msg(error == wanted, "\"%s\" gives %d, not %d", text, error, wanted);
    expect_equal(endpoint, before);
    ck_assert_int_eq(lookups, error == -ENODEV ? 1 : 0);
}

template <size_t count>
void expect_mistakes(const char *const (&texts)[count], int wanted, bool has_port)
{
    for (const char *text : texts)
        expect_mistake(text, wanted, has_port);
}

} // namespace

START_TEST(what_is_no_address_is_refused)
{
    for (const bool has_port : {true, false}) {
        expect_mistakes(nonsense, -EINVAL, has_port);
        expect_mistakes(names, -EINVAL, has_port);
        expect_mistakes(no_ipv4, -EINVAL, has_port);
        expect_mistakes(no_ipv6, -EINVAL, has_port);
        expect_mistakes(wrong_number_of_groups, -EINVAL, has_port);
        expect_mistakes(no_embedded_ipv4, -EINVAL, has_port);
        expect_mistakes(no_zone, -EINVAL, has_port);
        expect_mistakes(out_of_range, -ERANGE, has_port);
        expect_mistakes(too_long, -ENAMETOOLONG, has_port);
    }
}
END_TEST

START_TEST(what_is_no_address_with_a_port_is_refused)
{
    expect_mistakes(no_port, -ENODATA, true);
    expect_mistakes(no_endpoint, -EINVAL, true);
    expect_mistakes(endpoint_out_of_range, -ERANGE, true);
    expect_mistakes(endpoint_without_interface, -ENODEV, true);
    expect_mistakes(endpoint_too_long, -ENAMETOOLONG, true);
}
END_TEST

START_TEST(what_is_no_address_without_a_port_is_refused)
{
    expect_mistakes(no_ip, -EINVAL, false);
    expect_mistakes(ip_without_interface, -ENODEV, false);
    expect_mistakes(ip_too_long, -ENAMETOOLONG, false);
}
END_TEST

START_TEST(the_longest_texts_are_read)
{
    constexpr char longest[] = "[0000:0000:0000:0000:0000:ffff:255.255.255.255%fifteen-bytes-x]:65535";
    const Endpoint endpoint = parsed(longest);
    expect_text(endpoint, "[::ffff:255.255.255.255%4294967295]:65535");

    Endpoint same;
    char text[sizeof longest + 1];
    snprintf(text, sizeof text, "%.*s", static_cast<int>(sizeof longest - sizeof "[]:65535"), longest + 1);
    ck_assert_int_eq(parse_ip(&same, text, 65535, made_up_interface), 0);
    expect_equal(same, endpoint);

    snprintf(text, sizeof text, "%s0", longest);
    ck_assert_int_eq(parse_endpoint(&same, text, made_up_interface), -ENAMETOOLONG);
}
END_TEST

// The text is too long, and no null follows it. If the parser read beyond the end of the text, a sanitizer would report
// the access.
START_TEST(a_text_that_is_too_long_is_read_no_further)
{
    char text[71];
    memset(text, '1', sizeof text);
    Endpoint endpoint;
    ck_assert_int_eq(parse_endpoint(&endpoint, text, made_up_interface), -ENAMETOOLONG);
    ck_assert_int_eq(parse_ip(&endpoint, text, 0, made_up_interface), -ENAMETOOLONG);
}
END_TEST

namespace {

void expect_read_back(const Endpoint &endpoint, const char *text)
{
    UnixName name;
    Endpoint result;
    ck_assert_msg(is_unix_text(text), "%s", text);
    ck_assert_int_eq(parse_unix(&result, &name, text), 0);
    expect_equal(result, endpoint);
}

} // namespace

START_TEST(other_families_are_written)
{
    static constexpr struct {
        const char *name;
        size_t length;
        const char *text;
    } rows[] = {
        {"", 0, "unnamed"},
        {"/run/mio/socket", 15, "/run/mio/socket"},
        {"relative", 8, "./relative"},
        {"./relative", 10, "././relative"},
        {"../x", 4, "./../x"},
        {"@name", 5, "./@name"},
        {"unnamed", 7, "./unnamed"},
        {"none", 4, "./none"},
        {"192.0.2.1:80", 12, "./192.0.2.1:80"},
        {"\\x41", 4, "./\\x41"},
        {"/with \n and \xc3\xa9", 14, "/with \n and \xc3\xa9"}, // format_endpoint does not change \n, \xc3 and \xa9
        {"\0", 1, "@"},
        {"\0name", 5, "@name"},
        {"\0two words/~!", 13, "@two words/~!"},
        {"\0a\0b", 4, "@a\\x00b"},
        {"\0\0", 2, "@\\x00"},
        {"\0\x1f \x7e\x7f\x80\xff", 7, "@\\x1f ~\\x7f\\x80\\xff"},
        {"\0back\\slash", 11, "@back\\x5cslash"},
        {"\0\n\t\r", 4, "@\\x0a\\x09\\x0d"},
    };
    expect_text(Endpoint{}, "none");
    expect_text(Endpoint{.family = MIO_ADDR_OTHER}, "other");
    for (const auto &row : rows) {
        expect_text(unix_endpoint(row.name, row.length), row.text);
        expect_read_back(unix_endpoint(row.name, row.length), row.text);
    }
}
END_TEST

START_TEST(other_spellings_of_unix_names_are_read)
{
    expect_read_back(unix_endpoint("\0Az~", 4), "@\\x41\\x7A~");
    expect_read_back(unix_endpoint("\0\xc3\xa9\n", 4), "@\xc3\xa9\n");
    expect_read_back(unix_endpoint("a//b", 4), "./a//b");
}
END_TEST

START_TEST(what_is_no_unix_name_is_refused)
{
    static constexpr const char *mistakes[] = {"./", "@\\", "@a\\x", "@\\x1", "@\\x1g", "@\\xg1", "@\\41", "@\\X41"};
    static constexpr const char *others[] = {"",           "a",        "a/b",  "../a",  ".",
                                             "1.2.3.4:80", "~",        "none", "other", "unnamed ",
                                             "Unnamed",    "[::1]:80", "x",    " /run", " unnamed"};
    UnixName name;
    Endpoint endpoint{.family = MIO_ADDR_IPV4, .port = 80};
    for (const char *text : mistakes) {
        ck_assert_msg(is_unix_text(text), "%s", text);
        ck_assert_int_eq(parse_unix(&endpoint, &name, text), -EINVAL);
    }
    for (const char *text : others) {
        ck_assert_msg(!is_unix_text(text), "%s", text);
        ck_assert_int_eq(parse_unix(&endpoint, &name, text), -EINVAL);
    }
    char text[sizeof name.bytes + 4];
    for (const char *start : {"/", "./", "@"}) {
        memset(text, 'a', sizeof text);
        memcpy(text, start, strlen(start));
        text[sizeof text - 1] = '\0';
        ck_assert_int_eq(parse_unix(&endpoint, &name, text), -ENAMETOOLONG);
    }
    ck_assert_uint_eq(endpoint.port, 80);
}
END_TEST

namespace {

// Returns `count`, or fewer rounds if a tool such as Valgrind slows the test down.
int rounds(int count)
{
    return getenv("MIO_VALGRIND") != nullptr ? count / 20 : count;
}

// xorshift64* gives the same numbers in every run.
uint64_t random_state = 0x9e3779b97f4a7c15;

uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return static_cast<uint32_t>((random_state * 0x2545f4914f6cdd1d) >> 32) % limit;
}

// Makes an endpoint in which zeros and small numbers are frequent, so that runs of zeros have all lengths.
Endpoint random_endpoint()
{
    Endpoint result;
    const bool is_ipv6 = random_below(4) != 0;
    result.family = is_ipv6 ? MIO_ADDR_IPV6 : MIO_ADDR_IPV4;
    for (size_t i = 0; i < ip_length(result); i += 2) {
        const uint32_t group = random_below(3) != 0 ? 0 : random_below(2) != 0 ? random_below(16) : random_below(65536);
        result.ip[i] = static_cast<uint8_t>(group >> 8);
        result.ip[i + 1] = static_cast<uint8_t>(group);
    }
    if (is_ipv6 && random_below(8) == 0) memcpy(result.ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    result.port = static_cast<uint16_t>(random_below(65536));
    if (is_ipv6 && random_below(4) == 0) result.scope_id = random_below(UINT32_MAX);
    return result;
}

// Writes into separate blocks of every size, so that a sanitizer detects an access beyond the end.
void expect_truncation(const Endpoint &endpoint, const Text &whole)
{
    for (int size = 1; size <= whole.length + 1; ++size) {
        char *block = static_cast<char *>(malloc(static_cast<size_t>(size)));
        TextWriter out(block, static_cast<size_t>(size));
        format_endpoint(&out, endpoint);
        ck_assert_int_eq(out.length(), whole.length);
        ck_assert_uint_eq(strlen(block), static_cast<size_t>(size - 1));
        ck_assert_mem_eq(block, whole.bytes, static_cast<size_t>(size - 1));
        free(block);
    }
}

// Returns a copy of the text with one to four small changes. The allocated block ends right after the null of the text,
// so that a sanitizer detects a read beyond the text.
char *mutated(const Text &text)
{
    static constexpr char alphabet[] = "0123456789abcdefABCDEF::::....%%[]/ xlo\n\x80\xff";
    char *result = static_cast<char *>(malloc(sizeof text.bytes));
    strcpy(result, text.bytes);
    for (uint32_t changes = 1 + random_below(4); changes > 0; --changes) {
        const size_t length = strlen(result);
        const size_t at = random_below(static_cast<uint32_t>(length + 1));
        const char byte = alphabet[random_below(sizeof alphabet - 1)];
        switch (random_below(3)) {
        case 0:
            memmove(result + at + 1, result + at, length - at + 1);
            result[at] = byte;
            break;
        case 1:
            if (at < length) memmove(result + at, result + at + 1, length - at);
            break;
        default:
            if (at < length) result[at] = byte;
        }
    }
    return static_cast<char *>(realloc(result, strlen(result) + 1));
}

// Parses the text. The parser must return a documented code or an address. If the parser returns an address, the
// library's text for this address must parse to the same address.
bool expect_sense(const char *text, bool has_port)
{
    Endpoint endpoint;
    const int error = has_port ? parse_endpoint(&endpoint, text, made_up_interface)
                               : parse_ip(&endpoint, text, 80, made_up_interface);
    if (error == 0)
        expect_equal(parsed(text_of(endpoint).bytes), endpoint);
    else
        ck_assert_msg(error == -EINVAL || error == -ERANGE || error == -ENODEV || error == -ENAMETOOLONG ||
                          (has_port && error == -ENODATA),
                      "\"%s\" gives %d", text, error);
    if (!has_port && strchr(text, '%') == nullptr) {
        uint8_t bytes[16] = {};
        const int family = strchr(text, ':') != nullptr ? AF_INET6 : AF_INET;
        ck_assert_msg((inet_pton(family, text, bytes) == 1) == (error == 0), "\"%s\" gives %d", text, error);
        if (error == 0) ck_assert_mem_eq(endpoint.ip, bytes, sizeof bytes);
    }
    return error == 0;
}

} // namespace

START_TEST(what_is_written_is_read_as_it_was)
{
    for (int round = 0; round < rounds(20000); ++round) {
        const Endpoint endpoint = random_endpoint();
        const Text text = text_of(endpoint);
        ck_assert_msg(text.length < 64, "\"%s\"", text.bytes);
        expect_equal(parsed(text.bytes), endpoint);
        if (round % 50 == 0) expect_truncation(endpoint, text);
    }
}
END_TEST

// The names have random bytes. Bytes with a special meaning occur more often than other bytes. The test writes each
// name as text. From this text, the parser must make the same name. If two names had the same text, the parser would
// make the wrong name for one of them. The text of a name must not be the text of an IP address.
START_TEST(each_unix_name_is_read_as_it_was)
{
    static constexpr char alphabet[] = "@./\\xunamed012:[]";
    for (int round = 0; round < rounds(100000); ++round) {
        char name[108];
        const size_t length = random_below(4) == 0 ? random_below(sizeof name + 1) : random_below(9);
        const bool is_abstract = random_below(2) == 0;
        for (size_t i = 0; i < length; ++i) {
            const char byte = random_below(4) == 0 ? static_cast<char>(random_below(256))
                                                   : alphabet[random_below(sizeof alphabet - 1)];
            name[i] = byte != '\0' || is_abstract ? byte : 'n';
        }
        if (is_abstract && length > 0) name[0] = '\0';
        const Endpoint endpoint = unix_endpoint(name, length);
        const Text text = text_of(endpoint);
        Endpoint other;
        ck_assert_int_lt(text.length, MIO_ADDR_TEXT_SIZE);
        expect_read_back(endpoint, text.bytes);
        ck_assert_int_ne(parse_endpoint(&other, text.bytes, made_up_interface), 0);
        if (round % 500 == 0) expect_truncation(endpoint, text);
    }
}
END_TEST

START_TEST(damaged_text_is_refused_or_makes_sense)
{
    int good[2] = {};
    const int all = rounds(60000);
    for (int round = 0; round < all; ++round) {
        const bool has_port = round % 2 == 0;
        Text text = text_of(random_endpoint());
        if (!has_port) {
            *strrchr(text.bytes, ':') = '\0';
            if (text.bytes[0] == '[') {
                text.bytes[strlen(text.bytes) - 1] = '\0';
                memmove(text.bytes, text.bytes + 1, strlen(text.bytes));
            }
        }
        char *damaged = mutated(text);
        good[has_port] += expect_sense(damaged, has_port);
        free(damaged);
    }
    // The loop must have tested many valid texts and many invalid texts.
    for (const int count : good) {
        ck_assert_int_gt(count, all / 20);
        ck_assert_int_lt(count, all / 2 - all / 20);
    }
}
END_TEST

static Suite *make_suite()
{
    Suite *suite = suite_create("endpoint_text");
    TCase *reading = tcase_create("reading");
    tcase_add_test(reading, ipv4_is_read_and_written);
    tcase_add_test(reading, ipv6_is_read_and_written);
    tcase_add_test(reading, ports_are_read_and_written);
    tcase_add_test(reading, a_zone_is_a_number_or_a_name);
    tcase_add_test(reading, what_is_no_address_is_refused);
    tcase_add_test(reading, what_is_no_address_with_a_port_is_refused);
    tcase_add_test(reading, what_is_no_address_without_a_port_is_refused);
    tcase_add_test(reading, the_longest_texts_are_read);
    tcase_add_test(reading, a_text_that_is_too_long_is_read_no_further);
    suite_add_tcase(suite, reading);
    TCase *writing = tcase_create("writing");
    tcase_add_test(writing, other_families_are_written);
    tcase_add_test(writing, other_spellings_of_unix_names_are_read);
    tcase_add_test(writing, what_is_no_unix_name_is_refused);
    suite_add_tcase(suite, writing);
    TCase *random = tcase_create("random");
    tcase_set_timeout(random, 60);
    tcase_add_test(random, what_is_written_is_read_as_it_was);
    tcase_add_test(random, each_unix_name_is_read_as_it_was);
    tcase_add_test(random, damaged_text_is_refused_or_makes_sense);
    suite_add_tcase(suite, random);
    return suite;
}

int main()
{
    return run(make_suite());
}
