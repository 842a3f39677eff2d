// SPDX-License-Identifier: MIT
// Tests that each function of the class Addr calls the matching C function. Also tests the operators of Addr.
#include "support.hpp"

#include <netinet/in.h>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_set>

using mio::Addr;
using mio::Family;

static_assert(sizeof(Addr) == sizeof(mio_addr) && std::is_trivially_copyable_v<Addr>);
static_assert(std::is_nothrow_default_constructible_v<Addr> && std::is_standard_layout_v<Addr>);

namespace {

START_TEST(an_address_is_made_of_its_parts)
{
    const Addr v4 = Addr::ipv4({192, 0, 2, 1}, 80);
    ck_assert(v4.family() == Family::ipv4);
    ck_assert_uint_eq(MUST(v4.port()), 80);
    const mio::Ip ip = MUST(v4.ip());
    ck_assert_uint_eq(ip.size, 4);
    ck_assert_int_eq(ip.end() - ip.begin(), 4);
    ck_assert_uint_eq(ip.bytes[0], 192);
    ck_assert_uint_eq(ip.bytes[3], 1);
    ck_assert_uint_eq(v4.scope_id(), 0);

    const Addr v6 = Addr::ipv6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 65535, 3, 4);
    ck_assert(v6.family() == Family::ipv6);
    ck_assert_uint_eq(MUST(v6.port()), 65535);
    ck_assert_uint_eq(MUST(v6.ip()).size, 16);
    ck_assert_uint_eq(MUST(v6.ip()).bytes[1], 0x80);
    ck_assert_uint_eq(v6.flowinfo(), 3);
    ck_assert_uint_eq(v6.scope_id(), 4);
}
END_TEST

START_TEST(no_address_has_no_parts)
{
    Addr none;
    ck_assert(none.family() == Family::none);
    FAILS(none.port(), EAFNOSUPPORT);
    FAILS(none.ip(), EAFNOSUPPORT);
    FAILS(none.set_port(1), EAFNOSUPPORT);
    READS(none.text(), "none");
    ck_assert(none == Addr());
    char buffer[128];
    FAILS(none.to_sockaddr(buffer, sizeof buffer), EADDRNOTAVAIL);
}
END_TEST

START_TEST(text_is_read_and_written)
{
    ck_assert(MUST(Addr::parse("192.0.2.1:80")) == Addr::ipv4({192, 0, 2, 1}, 80));
    ck_assert(MUST(Addr::parse_ip("192.0.2.1", 81)) == Addr::ipv4({192, 0, 2, 1}, 81));
    ck_assert(MUST(Addr::parse_ip("::1", 5)).is_loopback());
    for (const char *text : {"192.0.2.1:80", "[2001:db8::1]:443", "[fe80::1%7]:1", "0.0.0.0:0"}) {
        const Addr addr = MUST(Addr::parse(text));
        READS(addr.text(), text);
        ck_assert(addr.to_string() == text);
    }
    FAILS(Addr::parse("192.0.2.1"), ENODATA);
    FAILS(Addr::parse("192.0.2.256:1"), ERANGE);
    FAILS(Addr::parse("example.org:80"), EINVAL);
    FAILS(Addr::parse(nullptr), EINVAL);
    FAILS(Addr::parse_ip("192.0.2.1:80", 1), EINVAL);
}
END_TEST

START_TEST(unix_addresses_are_made_of_paths)
{
    const Addr path = MUST(Addr::from_path("/run/a"));
    ck_assert(path.family() == Family::unix_domain);
    const mio::UnixName name_of_path = MUST(path.unix_path());
    ck_assert(name_of_path.view() == "/run/a");
    ck_assert_str_eq(name_of_path.c_str(), "/run/a");
    ck_assert(!path.is_unnamed());
    READS(path.text(), "/run/a");
    FAILS(Addr::from_path(""), EINVAL);
    FAILS(Addr::from_path(std::string(500, 'a')), ENAMETOOLONG);
    const std::string longest(108, 'a');
    ck_assert(MUST(MUST(Addr::from_path(longest)).unix_path()).str() == longest);

    ck_assert(Addr::unnamed().is_unnamed());
    ck_assert(Addr::unnamed().family() == Family::unix_domain);
    ck_assert(!Addr().is_unnamed());
    FAILS(Addr::unnamed().unix_path(), EAFNOSUPPORT);
    FAILS(loopback().unix_path(), EAFNOSUPPORT);
}
END_TEST

START_TEST(abstract_addresses_are_made_of_names)
{
    const Addr path = MUST(Addr::from_path("a"));
    const std::string_view name("a\0b", 3);
    const Addr abstract = MUST(Addr::from_abstract(name));
    ck_assert(MUST(abstract.unix_abstract()).str() == name);
    FAILS(abstract.unix_path(), EAFNOSUPPORT);
    FAILS(path.unix_abstract(), EAFNOSUPPORT);
    ck_assert(MUST(MUST(Addr::from_abstract({})).unix_abstract()).str().empty());
    ck_assert(MUST(Addr::from_abstract("a")) != path);
    std::string longer = "@";
    for (int i = 0; i < 108; i++)
        longer += "\\xff";
    FAILS(Addr::parse(longer.c_str()), ENAMETOOLONG);
    FAILS(Addr::parse(std::string_view(longer)), ENAMETOOLONG);
}
END_TEST

START_TEST(the_longest_text_fits)
{
    std::array<std::uint8_t, 16> ip{};
    ip.fill(0xfe);
    const Addr addr = Addr::ipv6(ip, 65535, UINT32_MAX, UINT32_MAX);
    ck_assert(addr.to_string() == "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe%4294967295]:65535");
}
END_TEST

START_TEST(the_port_is_set)
{
    Addr addr = loopback(1);
    MUST(addr.set_port(2));
    ck_assert(addr == loopback(2));
}
END_TEST

START_TEST(a_sockaddr_is_taken_and_given)
{
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(8080);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Addr addr = MUST(Addr::from_sockaddr(&in, sizeof in));
    ck_assert(addr == loopback(8080));
    sockaddr_in out{};
    ck_assert_uint_eq(MUST(addr.to_sockaddr(&out, sizeof out)), sizeof out);
    ck_assert_int_eq(out.sin_family, AF_INET);
    ck_assert_uint_eq(out.sin_port, in.sin_port);
    ck_assert_uint_eq(out.sin_addr.s_addr, in.sin_addr.s_addr);
    FAILS(addr.to_sockaddr(&out, 1), ENOSPC);
    FAILS(Addr::from_sockaddr(&in, 1), EINVAL);
}
END_TEST

START_TEST(addresses_are_tested)
{
    ck_assert(loopback().is_loopback());
    ck_assert(!loopback().is_multicast());
    ck_assert(MUST(MUST(loopback().mapped()).unmapped()) == loopback());
    ck_assert(MUST(loopback().mapped()).to_string() == "[::ffff:127.0.0.1]:0");
    FAILS(Addr::ipv6({}, 0).unmapped(), EAFNOSUPPORT);
    FAILS(Addr().mapped(), EAFNOSUPPORT);
    ck_assert(!loopback().is_unspecified());
    ck_assert(Addr::ipv4({224, 0, 0, 1}, 0).is_multicast());
    ck_assert(!Addr::ipv4({224, 0, 0, 1}, 0).is_loopback());
    ck_assert(Addr::ipv6({}, 0).is_unspecified());
}
END_TEST

START_TEST(addresses_are_ordered_and_hashed)
{
    const Addr low = loopback(1);
    const Addr high = loopback(2);
    ck_assert(low == loopback(1));
    ck_assert(low != high);
    ck_assert(low < high);
    ck_assert(low <= high);
    ck_assert(low <= loopback(1));
    ck_assert(high > low);
    ck_assert(high >= low);
    ck_assert(!(high < low));
    ck_assert(!(low < loopback(1)));
    ck_assert(!(low > loopback(1)));
    ck_assert(!(high <= low));
    ck_assert(!(low >= high));
    ck_assert_int_eq(low.compare(high), -1);
    ck_assert_int_eq(high.compare(low), 1);
    ck_assert_uint_eq(low.hash(), loopback(1).hash());
    ck_assert_uint_ne(low.hash(), high.hash());
    ck_assert_uint_eq(std::hash<Addr>()(low), static_cast<std::size_t>(low.hash()));
    ck_assert_uint_eq((std::set<Addr>{low, high, low}).size(), 2);
    ck_assert_uint_eq((std::unordered_set<Addr>{low, high, low}).count(high), 1);
}
END_TEST

START_TEST(c_and_cxx_share_one_address)
{
    Addr addr;
    ck_assert_int_eq(mio_addr_parse(addr.raw(), "192.0.2.1:80"), 0);
    ck_assert(addr == Addr::ipv4({192, 0, 2, 1}, 80));
    ck_assert(Addr(*std::as_const(addr).raw()) == addr);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("addr");
    TCase *tcase = tcase_create("addr");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, an_address_is_made_of_its_parts);
    tcase_add_test(tcase, no_address_has_no_parts);
    tcase_add_test(tcase, text_is_read_and_written);
    tcase_add_test(tcase, unix_addresses_are_made_of_paths);
    tcase_add_test(tcase, abstract_addresses_are_made_of_names);
    tcase_add_test(tcase, the_longest_text_fits);
    tcase_add_test(tcase, the_port_is_set);
    tcase_add_test(tcase, a_sockaddr_is_taken_and_given);
    tcase_add_test(tcase, addresses_are_tested);
    tcase_add_test(tcase, addresses_are_ordered_and_hashed);
    tcase_add_test(tcase, c_and_cxx_share_one_address);
    return run(suite);
}
