// SPDX-License-Identifier: MIT
// Tests truncated ancillary data, invalid ancillary data, and ancillary data with link-local addresses. No test can
// make a kernel deliver such data, so this test writes the data itself.
#include "unix/ancillary.hpp"
#include "port/ancillary.hpp"
#include "unix/control_data.hpp"
#include "unix/option_names.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <limits>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/time.h>

using namespace mio::impl;

namespace {

// Returns the ancillary data that a receive stores for one control message. The content has `size` bytes. The length
// field of the message says that the kernel has stored `stored` bytes.
mio_ancillary received(int level, int type, const void *content, size_t size, size_t stored)
{
    mio_ancillary ancillary;
    msghdr native = {};
    memset(&ancillary, 0xa5, sizeof ancillary);
    attach_incoming(&ancillary, &native);
    cmsghdr *header = CMSG_FIRSTHDR(&native);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = static_cast<decltype(header->cmsg_len)>(CMSG_LEN(stored));
    memcpy(CMSG_DATA(header), content, size);
    native.msg_controllen = static_cast<decltype(native.msg_controllen)>(CMSG_LEN(stored));
    store_incoming(&ancillary, native);
    return ancillary;
}

START_TEST(link_local_destinations_have_the_interface_as_scope)
{
    static const struct {
        uint8_t ip[2];
        bool scope;
    } cases[] = {
        {{0xfe, 0x80}, true},  {{0xfe, 0xbf}, true},  {{0xfe, 0xc0}, false},
        {{0xff, 0x01}, true},  {{0xff, 0x12}, true},  {{0xff, 0x05}, false},
        {{0xff, 0x0e}, false}, {{0x20, 0x01}, false}, {{0x00, 0x00}, false},
    };
    for (const auto &each : cases) {
        in6_pktinfo info = {};
        memcpy(&info.ipi6_addr, each.ip, 2);
        info.ipi6_ifindex = 7;
        const mio_ancillary ancillary = received(IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info, sizeof info);
        mio_addr addr;
        uint32_t index = 0;
        ck_assert_int_eq(ancillary_destination(&ancillary, &addr, &index), 0);
        ck_assert_uint_eq(index, 7);
        ck_assert_uint_eq(mio_addr_scope_id(&addr), each.scope ? 7 : 0);
    }
}
END_TEST

// On BSDs and macOS, the TTL of a datagram comes in a control message of the type IP_RECVTTL, and the type of service
// in a control message of the type IP_RECVTOS. Each of these messages holds one byte. The time when the datagram
// arrived comes as a struct timeval, which counts microseconds.
START_TEST(values_in_the_form_of_other_systems_are_read)
{
    const unsigned char byte = 200;
    const timeval time = {1'700'000'000, 123'456};
    int64_t time_ns = 0;
    mio_ancillary ancillary = received(IPPROTO_IP, IP_RECVTTL, &byte, 1, 1);
    ck_assert_int_eq(ancillary_ttl(&ancillary), 200);
    ck_assert_int_eq(ancillary_tos(&ancillary), -ENODATA);
    ancillary = received(IPPROTO_IP, IP_RECVTOS, &byte, 1, 1);
    ck_assert_int_eq(ancillary_tos(&ancillary), 200);
    ck_assert_int_eq(ancillary_ttl(&ancillary), -ENODATA);
    ancillary = received(SOL_SOCKET, SCM_TIMESTAMP, &time, sizeof time, sizeof time);
    ck_assert_int_eq(ancillary_timestamp(&ancillary, &time_ns), 0);
    ck_assert_int_eq(time_ns, 1'700'000'000'123'456'000);
}
END_TEST

// No kernel stores an invalid time, but storage that holds garbage can have an invalid time.
START_TEST(a_time_that_makes_no_sense_is_not_there)
{
    constexpr auto most = std::numeric_limits<decltype(timespec::tv_sec)>::max();
    constexpr auto least = std::numeric_limits<decltype(timespec::tv_sec)>::min();
    constexpr bool is_wide = sizeof most == sizeof(int64_t); // if tv_sec has 32 bits, every value is valid
    const timespec fine[] = {{0, -1}, {0, 1'000'000'000}, {is_wide ? most : 0, is_wide ? 0 : -1}, {least, -1}};
    const timeval coarse[] = {{0, -1}, {0, 1'000'000}, {is_wide ? least : 0, is_wide ? 0 : -1}};
    int64_t time_ns = 77;
    for (const timespec &each : fine) {
        const mio_ancillary ancillary = received(SOL_SOCKET, SCM_TIMESTAMPNS, &each, sizeof each, sizeof each);
        ck_assert_int_eq(ancillary_timestamp(&ancillary, &time_ns), -ENODATA);
    }
    for (const timeval &each : coarse) {
        const mio_ancillary ancillary = received(SOL_SOCKET, SCM_TIMESTAMP, &each, sizeof each, sizeof each);
        ck_assert_int_eq(ancillary_timestamp(&ancillary, &time_ns), -ENODATA);
    }
    ck_assert_int_eq(time_ns, 77);
}
END_TEST

START_TEST(source_takes_the_interface_from_a_scope)
{
    const uint8_t ip[16] = {0xfe, 0x80};
    mio_addr addr;
    ck_assert_int_eq(mio_addr_from_ipv6(&addr, ip, 0, 0, 9), 0);
    for (uint32_t given = 0; given <= 9; given += 9) {
        mio_ancillary ancillary = {};
        msghdr native = {};
        in6_pktinfo info;
        ck_assert_int_eq(set_ancillary_source(&ancillary, &addr, 7), -EINVAL); // the two interfaces differ
        ck_assert_int_eq(set_ancillary_source(&ancillary, &addr, given), 0);
        ck_assert_int_eq(attach_outgoing(&ancillary, AF_INET6, &native), 0);
        const ControlContent found = find_control(static_cast<const unsigned char *>(native.msg_control),
                                                  native.msg_controllen, IPPROTO_IPV6, IPV6_PKTINFO);
        ck_assert_uint_eq(found.size, sizeof info);
        memcpy(&info, found.bytes, sizeof info);
        ck_assert_uint_eq(info.ipi6_ifindex, 9);
    }
}
END_TEST

// Returns the interface in the control message for IPv4 or IPv6, or 0 if there is no such message.
uint32_t interface_of(const mio_ancillary &ancillary, bool is_v4)
{
    msghdr native = {};
    in_pktinfo v4 = {};
    in6_pktinfo v6 = {};
    ck_assert_int_eq(attach_outgoing(&ancillary, AF_UNSPEC, &native), 0);
    const ControlContent found =
        find_control(static_cast<const unsigned char *>(native.msg_control), native.msg_controllen,
                     is_v4 ? IPPROTO_IP : IPPROTO_IPV6, is_v4 ? IP_PKTINFO : IPV6_PKTINFO);
    if (found.bytes == nullptr) return 0;
    memcpy(is_v4 ? static_cast<void *>(&v4) : &v6, found.bytes, found.size);
    return is_v4 ? static_cast<uint32_t>(v4.ipi_ifindex) : v6.ipi6_ifindex;
}

// For an IPv4-mapped destination, the kernel reads the control message for IPv4, unless the source is an IPv6 address.
START_TEST(a_destination_with_a_scope_names_the_interface)
{
    constexpr uint32_t scope = 9;
    const uint8_t link_local[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    enum { none, v4, v6 };
    static const struct {
        bool is_mapped;
        int source;
        uint32_t source_index;
        int result;
        bool is_v4; // true if the control message for IPv4 must hold the interface
    } cases[] = {
        {false, none, 0, 0, false},     {false, v6, 0, 0, false},      {false, v6, scope, 0, false},
        {false, v6, 7, -EINVAL, false}, {true, none, 0, 0, true},      {true, v4, 0, 0, true},
        {true, v4, scope, 0, true},     {true, v4, 7, -EINVAL, true},  {true, v6, 0, 0, false},
        {true, v6, scope, 0, false},    {true, v6, 7, -EINVAL, false},
    };
    for (const auto &each : cases) {
        mio_ancillary ancillary = {};
        mio_addr sources[3] = {};
        mio_addr there;
        ck_assert_int_eq(mio_addr_from_ipv4(&sources[v4], mapped + 12, 0), 0);
        ck_assert_int_eq(mio_addr_from_ipv6(&sources[v6], link_local, 0, 0, 0), 0);
        ck_assert_int_eq(mio_addr_from_ipv6(&there, each.is_mapped ? mapped : link_local, 9, 0, scope), 0);
        if (each.source != none)
            ck_assert_int_eq(set_ancillary_source(&ancillary, &sources[each.source], each.source_index), 0);
        ck_assert_int_eq(set_outgoing_interface(&ancillary, &there), each.result);
        ck_assert_uint_eq(interface_of(ancillary, each.is_v4), each.result == 0 ? scope : each.source_index);
        if (each.source == none) ck_assert_uint_eq(interface_of(ancillary, !each.is_v4), 0);
    }
}
END_TEST

START_TEST(data_that_was_received_cannot_name_an_interface)
{
    const int ttl = 5;
    const uint8_t ip[16] = {0xfe, 0x80};
    mio_addr there;
    mio_ancillary ancillary = received(IPPROTO_IP, IP_TTL, &ttl, sizeof ttl, sizeof ttl);
    ck_assert_int_eq(mio_addr_from_ipv6(&there, ip, 9, 0, 9), 0);
    ck_assert_int_eq(set_outgoing_interface(&ancillary, &there), -EINVAL);
}
END_TEST

START_TEST(what_the_kernel_had_to_cut_is_not_there)
{
    const unsigned char content[64] = {AF_INET & 0xff, AF_INET >> 8};
    mio_addr addr;
    int64_t time_ns = 77;
    uint32_t count = 77;
    for (size_t stored = 0; stored < sizeof(in_pktinfo); stored++) {
        mio_ancillary cut = received(IPPROTO_IP, IP_PKTINFO, content, sizeof(in_pktinfo), stored);
        ck_assert_int_eq(ancillary_destination(&cut, &addr, &count), -ENODATA);
        cut = received(IPPROTO_IP, IP_ORIGDSTADDR, content, sizeof(sockaddr_in), stored);
        ck_assert_int_eq(ancillary_original_destination(&cut, &addr), -ENODATA);
    }
    for (size_t stored = 0; stored < sizeof(timespec); stored++) {
        mio_ancillary cut = received(SOL_SOCKET, SCM_TIMESTAMPNS, content, sizeof(timespec), stored);
        ck_assert_int_eq(ancillary_timestamp(&cut, &time_ns), -ENODATA);
    }
    for (size_t stored = 0; stored < sizeof(uint32_t); stored++) {
        mio_ancillary cut = received(SOL_SOCKET, SO_RXQ_OVFL, content, sizeof(uint32_t), stored);
        ck_assert_int_eq(ancillary_drops(&cut, &count), -ENODATA);
        cut = received(IPPROTO_UDP, UDP_GRO, content, sizeof(int), stored);
        if (stored != 1) ck_assert_int_eq(ancillary_segment_size(&cut), -ENODATA);
    }
    ck_assert_int_eq(time_ns, 77);
    ck_assert_uint_eq(count, 77);
}
END_TEST

START_TEST(lengths_that_make_no_sense_end_the_search)
{
    const int ttl = 5;
    unsigned char bytes[CMSG_SPACE(sizeof ttl) * 2] = {};
    cmsghdr header = {};
    header.cmsg_level = IPPROTO_IP;
    header.cmsg_type = IP_TTL;
    for (size_t length = 0; length < 4 * sizeof bytes; length++) {
        header.cmsg_len = static_cast<decltype(header.cmsg_len)>(length);
        memcpy(bytes, &header, sizeof header);
        const ControlContent found = find_control(bytes, sizeof bytes, IPPROTO_IP, IP_TTL);
        ck_assert_int_eq(found.bytes != nullptr, length >= CMSG_LEN(0) && length <= sizeof bytes);
        ck_assert_ptr_null(find_control(bytes, sizeof bytes, IPPROTO_IP, IP_TOS).bytes);
    }
    header.cmsg_len = static_cast<decltype(header.cmsg_len)>(-1);
    memcpy(bytes, &header, sizeof header);
    ck_assert_ptr_null(find_control(bytes, sizeof bytes, IPPROTO_IP, IP_TTL).bytes);
    ck_assert_ptr_null(find_control(bytes, SIZE_MAX, IPPROTO_IP, IP_TTL).bytes);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("ancillary");
    TCase *tcase = tcase_create("ancillary");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, link_local_destinations_have_the_interface_as_scope);
    tcase_add_test(tcase, values_in_the_form_of_other_systems_are_read);
    tcase_add_test(tcase, a_time_that_makes_no_sense_is_not_there);
    tcase_add_test(tcase, source_takes_the_interface_from_a_scope);
    tcase_add_test(tcase, a_destination_with_a_scope_names_the_interface);
    tcase_add_test(tcase, data_that_was_received_cannot_name_an_interface);
    tcase_add_test(tcase, what_the_kernel_had_to_cut_is_not_there);
    tcase_add_test(tcase, lengths_that_make_no_sense_end_the_search);
    return run(suite);
}
