// SPDX-License-Identifier: MIT
// Tests the functions that read and set the destination and the source of an IPv4 datagram on FreeBSD. FreeBSD has
// IP_RECVDSTADDR and IP_RECVIF in place of IP_PKTINFO. This program links src/posix/packet_info.cc in place of the
// library's own file.
#include "unix/packet_info.hpp"
#include "port/ancillary.hpp"
#include "unix/ancillary.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

using namespace mio::impl;

namespace {

// A struct sockaddr_dl of FreeBSD for lo0. The tests store the number of the interface later.
const unsigned char link_name[12] = {12, 18, 0, 0, 0, 3, 0, 0, 'l', 'o', '0'};

mio_addr v4(uint8_t last)
{
    const uint8_t ip[4] = {192, 0, 2, last};
    const uint8_t any[4] = {};
    mio_addr addr;
    ck_assert_int_eq(mio_addr_from_ipv4(&addr, last != 0 ? ip : any, 0), 0);
    return addr;
}

// Returns ancillary data of a received datagram: the destination 192.0.2.5, and the interface if `name_size` is not 0.
mio_ancillary received(size_t name_size)
{
    const uint8_t ip[4] = {192, 0, 2, 5};
    unsigned char name[12];
    const uint16_t index = 7;
    mio_ancillary ancillary;
    msghdr native = {};
    memcpy(name, link_name, sizeof name);
    memcpy(name + 2, &index, sizeof index);
    attach_incoming(&ancillary, &native);
    auto *bytes = static_cast<unsigned char *>(native.msg_control);
    size_t length = put_control_message(bytes, IPPROTO_IP, IP_RECVDSTADDR, ip, sizeof ip);
    if (name_size != 0) length += put_control_message(bytes + length, IPPROTO_IP, IP_RECVIF, name, name_size);
    native.msg_controllen = static_cast<decltype(native.msg_controllen)>(length);
    store_incoming(&ancillary, native);
    return ancillary;
}

START_TEST(destination_and_interface_are_two_messages)
{
    static const struct {
        size_t name_size;
        uint32_t index;
    } cases[] = {{12, 7}, {4, 7}, {3, 0}, {0, 0}};
    const mio_addr wanted = v4(5);
    for (const auto &each : cases) {
        const mio_ancillary ancillary = received(each.name_size);
        mio_addr addr;
        uint32_t index = 77;
        ck_assert_int_eq(ancillary_destination(&ancillary, &addr, &index), 0);
        ck_assert_int_eq(mio_addr_compare(&addr, &wanted), 0);
        ck_assert_uint_eq(index, each.index);
    }
}
END_TEST

// Returns the size of the control messages of an IPv4 datagram.
size_t sent_with(const mio_ancillary &ancillary, msghdr *native)
{
    *native = {};
    ck_assert_int_eq(attach_outgoing(&ancillary, AF_INET, native), 0);
    return native->msg_controllen;
}

START_TEST(the_source_is_an_address_alone)
{
    mio_ancillary ancillary = {};
    mio_addr addr = v4(9);
    msghdr native;
    in_addr sent;
    ck_assert_int_eq(set_ancillary_source(&ancillary, &addr, 7), -ENOTSUP);
    ck_assert_uint_eq(sent_with(ancillary, &native), 0);
    ck_assert_int_eq(set_ancillary_source(&ancillary, &addr, 0), 0);
    ck_assert_uint_eq(sent_with(ancillary, &native), CMSG_SPACE(sizeof sent));
    const ControlContent found = find_control(static_cast<const unsigned char *>(native.msg_control),
                                              native.msg_controllen, IPPROTO_IP, IP_RECVDSTADDR);
    ck_assert_uint_eq(found.size, sizeof sent);
    memcpy(&sent, found.bytes, sizeof sent);
    ck_assert_uint_eq(ntohl(sent.s_addr), 0xc0000209);
    addr = v4(0);
    ck_assert_int_eq(set_ancillary_source(&ancillary, &addr, 0), 0);
    ck_assert_uint_eq(sent_with(ancillary, &native), 0); // the system chooses
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("packet_info");
    TCase *tcase = tcase_create("packet_info");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, destination_and_interface_are_two_messages);
    tcase_add_test(tcase, the_source_is_an_address_alone);
    return run(suite);
}
