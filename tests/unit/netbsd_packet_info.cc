// SPDX-License-Identifier: MIT
// Tests the destination and source of IPv4 datagrams with NetBSD's struct in_pktinfo. This struct has one address: the
// destination of a received datagram, or the source of a sent datagram.
#include <netinet/in.h>

struct netbsd_in_pktinfo {
    in_addr ipi_addr;
    unsigned int ipi_ifindex;
};
#define in_pktinfo netbsd_in_pktinfo

#include "probed/packet_info.cc"

#include "../helpers/run_suite.hpp"

#include <check.h>

using namespace mio::impl;

namespace {

constexpr PacketInfo source = {{192, 0, 2, 9}, 7};

START_TEST(the_source_is_the_one_address)
{
    ControlData data = {};
    netbsd_in_pktinfo native = {};
    ck_assert_int_eq(replace_source_v4(&data, source), 0);
    ck_assert(read_control(&data, IPPROTO_IP, IP_PKTINFO, &native));
    ck_assert_uint_eq(ntohl(native.ipi_addr.s_addr), 0xc0000209);
    ck_assert_uint_eq(native.ipi_ifindex, 7);
    const PacketInfo read = read_source_v4(&data);
    ck_assert_mem_eq(read.ip, source.ip, sizeof read.ip);
    ck_assert_uint_eq(read.interface_index, 7);
    remove_source_v4(&data);
    ck_assert_uint_eq(data.length, 0);
}
END_TEST

START_TEST(the_destination_is_the_one_address)
{
    ControlData data = {};
    PacketInfo info = {};
    ck_assert(!read_destination_v4(&data, &info));
    const netbsd_in_pktinfo native = {{htonl(0xc0000205)}, 3};
    replace_control(&data, IPPROTO_IP, IP_PKTINFO, native);
    ck_assert(read_destination_v4(&data, &info));
    ck_assert_mem_eq(info.ip, "\xc0\x00\x02\x05", sizeof info.ip);
    ck_assert_uint_eq(info.interface_index, 3);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("netbsd_packet_info");
    TCase *tcase = tcase_create("netbsd_packet_info");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_source_is_the_one_address);
    tcase_add_test(tcase, the_destination_is_the_one_address);
    return run(suite);
}
