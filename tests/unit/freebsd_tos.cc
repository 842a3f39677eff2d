// SPDX-License-Identifier: MIT
// Tests how a datagram gets its type of service on FreeBSD. For IPv4, FreeBSD's control message contains the type of
// service as one byte. FreeBSD has no control message that sets the time to live.
#include "port/addresses.hpp"
#include "port/ancillary.hpp"
#include "unix/addresses.hpp"
#include "unix/ancillary.hpp"
#include "unix/control_data.hpp"
#include "unix/packet_info.hpp"
#include "unix/scope.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

// All system headers come before these two lines, so the lines affect only unix/option_names.hpp.
#undef __linux__
#define __FreeBSD__ 14

#include "unix/ancillary.cc"

using namespace mio::impl;

namespace {

START_TEST(the_type_of_service_is_one_byte)
{
    mio_ancillary ancillary = {};
    msghdr native = {};
    ck_assert_int_eq(set_ancillary_tos(&ancillary, 0xb8), 0);
    ck_assert_int_eq(attach_outgoing(&ancillary, AF_INET, &native), 0);
    const unsigned char *bytes = static_cast<const unsigned char *>(native.msg_control);
    const ControlContent v4 = find_control(bytes, native.msg_controllen, IPPROTO_IP, IP_TOS);
    ck_assert_uint_eq(v4.size, 1);
    ck_assert_uint_eq(*v4.bytes, 0xb8);
    const ControlContent v6 = find_control(bytes, native.msg_controllen, IPPROTO_IPV6, IPV6_TCLASS);
    ck_assert_uint_eq(v6.size, sizeof(int));
}
END_TEST

START_TEST(the_time_to_live_is_not_supported)
{
    mio_ancillary ancillary = {};
    ck_assert_int_eq(set_ancillary_ttl(&ancillary, 9), -ENOTSUP);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("freebsd_tos");
    TCase *tcase = tcase_create("freebsd_tos");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_type_of_service_is_one_byte);
    tcase_add_test(tcase, the_time_to_live_is_not_supported);
    return run(suite);
}
