/* SPDX-License-Identifier: MIT */
/* Tests the conversion of IPv4 addresses to IPv4-mapped IPv6 addresses, such as ::ffff:192.0.2.1, and back. */
#include "../helpers/sockets.h"

START_TEST(ipv4_in_the_form_of_ipv6_and_back)
{
    mio_addr v4 = ipv4(192, 0, 2, 1, 80);
    mio_addr mapped = ipv6("::ffff:192.0.2.1", 80);
    mio_addr v6 = ipv6("2001:db8::1", 80);
    mio_addr path = unix_addr();
    mio_addr none = no_addr();
    mio_addr addr;
    mio_addr scoped;
    uint8_t ip[16];
    call_ok(mio_addr_to_mapped(&v4, &addr));
    assert_addr_eq(&addr, &mapped);
    call_ok(mio_addr_from_mapped(&addr, &addr)); /* the function allows the same object as source and result */
    assert_addr_eq(&addr, &v4);
    call_ok(mio_addr_to_mapped(&addr, &addr));
    assert_addr_eq(&addr, &mapped);
    call_ok(mio_addr_from_mapped(&addr, &v4)); /* v4 is already an IPv4 address */
    assert_addr_eq(&addr, &v4);
    call_ok(mio_addr_to_mapped(&v6, &addr));
    assert_addr_eq(&addr, &v6);
    call_ok(mio_addr_to_mapped(&mapped, &addr));
    assert_addr_eq(&addr, &mapped);
    call_fails_keeping(&addr, mio_addr_from_mapped(&addr, &v6), EAFNOSUPPORT);
    call_fails_keeping(&addr, mio_addr_from_mapped(&addr, &path), EAFNOSUPPORT);
    call_fails_keeping(&addr, mio_addr_from_mapped(&addr, &none), EAFNOSUPPORT);
    call_fails_keeping(&addr, mio_addr_to_mapped(&path, &addr), EAFNOSUPPORT);
    call_fails_keeping(&addr, mio_addr_to_mapped(&none, &addr), EAFNOSUPPORT);
    call_fails_keeping(&addr, mio_addr_from_mapped(&addr, NULL), EINVAL);
    call_fails(mio_addr_from_mapped(NULL, &mapped), EINVAL);
    call_fails_keeping(&addr, mio_addr_to_mapped(NULL, &addr), EINVAL);
    call_fails(mio_addr_to_mapped(&v4, NULL), EINVAL);
    mio_addr_ip(&mapped, ip);
    call_ok(mio_addr_from_ipv6(&scoped, ip, 80, 5, 7));
    call_fails_keeping(&addr, mio_addr_from_mapped(&addr, &scoped), EINVAL); /* an IPv4 address cannot hold the scope */
    call_ok(mio_addr_from_ipv6(&scoped, ip, 80, 5, 0));
    call_ok(mio_addr_from_mapped(&addr, &scoped));
    assert_addr_eq(&addr, &v4);
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("addr_mapped");
    tcase_add_test(add_tcase(suite, "mapped"), ipv4_in_the_form_of_ipv6_and_back);
    return suite;
}

int main(void)
{
    return run_suite(make_suite);
}
