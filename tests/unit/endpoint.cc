// SPDX-License-Identifier: MIT
// Tests the predicates, the order and the hash of an Endpoint, which holds an address (core/endpoint.hpp).
#include "core/endpoint.hpp"

#include "../helpers/run_suite.hpp"

#include <arpa/inet.h>
#include <check.h>
#include <initializer_list>
#include <string.h>
#include <sys/socket.h>

using namespace mio::impl;

namespace {

Endpoint ip_endpoint(const char *ip, uint16_t port, uint32_t scope_id = 0, uint32_t flowinfo = 0)
{
    const bool is_ipv6 = strchr(ip, ':') != nullptr;
    Endpoint result{
        .family = is_ipv6 ? MIO_ADDR_IPV6 : MIO_ADDR_IPV4, .port = port, .flowinfo = flowinfo, .scope_id = scope_id};
    ck_assert_int_eq(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, ip, result.ip), 1);
    return result;
}

Endpoint named_endpoint(int family, const char *name, size_t length)
{
    return {.family = family, .name = reinterpret_cast<const uint8_t *>(name), .name_length = length};
}

Endpoint unix_endpoint(const char *name, size_t length)
{
    return named_endpoint(MIO_ADDR_UNIX, name, length);
}

} // namespace

START_TEST(predicates_know_their_ranges)
{
    static constexpr struct {
        const char *ip;
        bool unspecified, loopback, multicast;
    } rows[] = {
        {"0.0.0.0", true, false, false},
        {"0.0.0.1", false, false, false},
        {"126.255.255.255", false, false, false},
        {"127.0.0.0", false, true, false},
        {"127.0.0.1", false, true, false},
        {"127.255.255.255", false, true, false},
        {"128.0.0.0", false, false, false},
        {"223.255.255.255", false, false, false},
        {"224.0.0.0", false, false, true},
        {"239.255.255.255", false, false, true},
        {"240.0.0.0", false, false, false},
        {"255.255.255.255", false, false, false},
        {"::", true, false, false},
        {"::1", false, true, false},
        {"::2", false, false, false},
        {"1::", false, false, false},
        {"1::1", false, false, false},
        {"feff::", false, false, false},
        {"ff00::", false, false, true},
        {"ff02::1", false, false, true},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, false, true},
        {"::ffff:0.0.0.0", false, false, false},
        {"::ffff:127.0.0.1", false, false, false},
        {"::ffff:224.0.0.1", false, false, false},
    };
    for (const auto &row : rows) {
        const Endpoint endpoint = ip_endpoint(row.ip, 1);
        ck_assert_msg(is_unspecified(endpoint) == row.unspecified, "%s", row.ip);
        ck_assert_msg(is_loopback(endpoint) == row.loopback, "%s", row.ip);
        ck_assert_msg(is_multicast(endpoint) == row.multicast, "%s", row.ip);
    }
    for (const int family : {MIO_ADDR_NONE, MIO_ADDR_UNIX, MIO_ADDR_OTHER}) {
        const Endpoint endpoint{.family = family};
        ck_assert(!is_unspecified(endpoint) && !is_loopback(endpoint) && !is_multicast(endpoint));
        ck_assert_uint_eq(ip_length(endpoint), 0);
    }
}
END_TEST

// The endpoints are in ascending order. The first member that differs between two endpoints decides their order,
// whatever the later members are: 1.2.3.4 with port 9 comes before 1.2.3.5 with port 8. Some ports, scopes and flow
// numbers are 256, so a comparison of the last bytes alone would give another order.
START_TEST(order_is_total)
{
    const Endpoint rows[] = {
        {},
        unix_endpoint("", 0),
        unix_endpoint("\0", 1),
        unix_endpoint("\0\0", 2),
        unix_endpoint("\0a", 2),
        unix_endpoint("/a", 2),
        unix_endpoint("/aa", 3),
        unix_endpoint("/b", 2),
        unix_endpoint("\xff", 1),
        ip_endpoint("0.0.0.0", 9),
        ip_endpoint("1.2.3.4", 9),
        ip_endpoint("1.2.3.5", 8),
        ip_endpoint("1.2.3.5", 256),
        ip_endpoint("127.0.0.1", 0),
        ip_endpoint("128.0.0.1", 0),
        ip_endpoint("::", 9),
        ip_endpoint("::1", 8, 0, 9),
        ip_endpoint("::1", 8, 1, 8),
        ip_endpoint("::1", 8, 1, 256),
        ip_endpoint("::1", 8, 256, 0),
        ip_endpoint("::1", 256, 0, 0),
        ip_endpoint("fe80::1", 1),
        named_endpoint(MIO_ADDR_OTHER, "\1a", 2),
        named_endpoint(MIO_ADDR_OTHER, "\1b", 2),
    };
    constexpr int count = sizeof rows / sizeof rows[0];
    for (int i = 0; i < count; ++i) {
        for (int j = 0; j < count; ++j) {
            ck_assert_int_eq(compare_endpoints(rows[i], rows[j]), (i > j) - (i < j));
            ck_assert_int_eq(hash_endpoint(rows[i]) == hash_endpoint(rows[j]), i == j);
        }
    }
}
END_TEST

START_TEST(equal_names_need_not_be_the_same_memory)
{
    const char name[] = "/run/socket";
    const char copy[] = "/run/socket";
    const Endpoint left = unix_endpoint(name, sizeof name - 1);
    const Endpoint right = unix_endpoint(copy, sizeof copy - 1);
    ck_assert_int_eq(compare_endpoints(left, right), 0);
    ck_assert_uint_eq(hash_endpoint(left), hash_endpoint(right));
}
END_TEST

// A program may store or send a hash, so a hash must not change from release to release. The hashes below come from a
// separate implementation.
START_TEST(hashes_stay_as_they_are)
{
    ck_assert_uint_eq(hash_endpoint(Endpoint{}), 0x88201fb960ff6465);
    ck_assert_uint_eq(hash_endpoint(ip_endpoint("192.0.2.1", 80)), 0xbe5862b1948a86f0);
    ck_assert_uint_eq(hash_endpoint(ip_endpoint("2001:db8::1", 443, 7)), 0x047d1d33ec950489);
    ck_assert_uint_eq(hash_endpoint(unix_endpoint("\0name", 5)), 0x09edea190b84fab7);
}
END_TEST

static Suite *make_suite()
{
    Suite *suite = suite_create("endpoint");
    TCase *values = tcase_create("values");
    tcase_add_test(values, predicates_know_their_ranges);
    tcase_add_test(values, order_is_total);
    tcase_add_test(values, equal_names_need_not_be_the_same_memory);
    tcase_add_test(values, hashes_stay_as_they_are);
    suite_add_tcase(suite, values);
    return suite;
}

int main()
{
    return run(make_suite());
}
