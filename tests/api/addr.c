/* SPDX-License-Identifier: MIT */
/*
 * Tests every function of <mio.h> for addresses. The tests check results, errors and errno. The tests also pass
 * null arguments, and memory that contains garbage.
 */
#include "../helpers/function.h"
#include "../helpers/system.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <mio.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SENTINEL = 4711, SOME_BYTES = 16 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Checks that `call` returns `wanted`. If the called function promises to keep errno, also checks errno. */
#define expect_result(call, wanted) expect_result_at(__LINE__, #call, (errno = SENTINEL, (call)), (wanted))

static void expect_result_at(int line, const char *call, int64_t result, int64_t wanted)
{
    const int code = errno;
    ck_assert_msg(result == wanted, "line %d: %s is %lld, not %lld", line, call, (long long)result, (long long)wanted);
    ck_assert_msg(code == SENTINEL || !promises_errno(call), "line %d: %s has set errno to %d", line, call, code);
}

/*
 * Returns an address whose bytes are all 0xa5. No function stores such an address. So if a byte differs after a failed
 * call, that call has written to the address.
 */
static mio_addr untouched(void)
{
    mio_addr addr;
    memset(&addr, 0xa5, sizeof addr);
    return addr;
}

static void expect_untouched(const mio_addr *addr)
{
    const mio_addr wanted = untouched();
    ck_assert_mem_eq(addr, &wanted, sizeof wanted);
}

static mio_addr none(void)
{
    mio_addr addr;
    memset(&addr, 0, sizeof addr);
    return addr;
}

static mio_addr parsed(const char *text)
{
    mio_addr addr;
    expect_result(mio_addr_parse(&addr, text), 0);
    return addr;
}

static mio_addr from_native(const void *native, size_t length)
{
    mio_addr addr;
    expect_result(mio_addr_from_sockaddr(&addr, native, length), 0);
    return addr;
}

/*
 * Makes a Unix address from the first `length` bytes of `name`. If the first byte is null, the address is an abstract
 * name; if `length` is 0, the address is unnamed. Otherwise it is a path.
 */
static struct sockaddr_un unix_native(const char *name, size_t length)
{
    struct sockaddr_un native;
    memset(&native, 0, sizeof native);
    native.sun_family = AF_UNIX;
    memcpy(native.sun_path, name, length);
    return native;
}

static mio_addr unix_addr(const char *name, size_t length)
{
    const struct sockaddr_un native = unix_native(name, length);
    return from_native(&native, offsetof(struct sockaddr_un, sun_path) + length);
}

static void expect_text(const mio_addr *addr, const char *wanted)
{
    char text[MIO_ADDR_TEXT_SIZE];
    expect_result(mio_addr_format(addr, text, sizeof text), (int64_t)strlen(wanted));
    ck_assert_str_eq(text, wanted);
}

static void expect_equal(const mio_addr *left, const mio_addr *right)
{
    expect_result(mio_addr_compare(left, right), 0);
    expect_result(mio_addr_compare(right, left), 0);
    ck_assert_uint_eq(mio_addr_hash(left), mio_addr_hash(right));
}

/* The next tests make addresses from parts such as bytes and a port, and read the parts of addresses. */

START_TEST(ipv4_is_made_of_its_parts)
{
    const uint8_t bytes[4] = {192, 0, 2, 255};
    uint8_t ip[SOME_BYTES];
    mio_addr addr = untouched();
    expect_result(mio_addr_from_ipv4(&addr, bytes, 65535), 0);
    expect_result(mio_addr_family(&addr), MIO_ADDR_IPV4);
    expect_result(mio_addr_port(&addr), 65535);
    expect_result(mio_addr_flowinfo(&addr), 0);
    expect_result(mio_addr_scope_id(&addr), 0);
    memset(ip, 0xa5, sizeof ip);
    expect_result(mio_addr_ip(&addr, ip), 4);
    ck_assert_mem_eq(ip, bytes, 4);
    ck_assert_int_eq(ip[4], 0xa5);
    expect_text(&addr, "192.0.2.255:65535");
}
END_TEST

START_TEST(ipv6_is_made_of_its_parts)
{
    const uint8_t bytes[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t ip[16];
    mio_addr addr = untouched();
    expect_result(mio_addr_from_ipv6(&addr, bytes, 443, 0x000abcde, 4294967295), 0);
    expect_result(mio_addr_family(&addr), MIO_ADDR_IPV6);
    expect_result(mio_addr_port(&addr), 443);
    expect_result(mio_addr_flowinfo(&addr), 0x000abcde);
    expect_result(mio_addr_scope_id(&addr), 4294967295);
    expect_result(mio_addr_ip(&addr, ip), 16);
    ck_assert_mem_eq(ip, bytes, 16);
    expect_text(&addr, "[fe80::102:304:506:708%4294967295]:443");
}
END_TEST

START_TEST(the_port_is_set_and_nothing_else)
{
    const uint8_t bytes[16] = {0x20, 1, 0xd, 0xb8};
    mio_addr addr;
    expect_result(mio_addr_from_ipv6(&addr, bytes, 1, 2, 3), 0);
    expect_result(mio_addr_set_port(&addr, 65535), 0);
    expect_result(mio_addr_port(&addr), 65535);
    expect_result(mio_addr_flowinfo(&addr), 2);
    expect_result(mio_addr_scope_id(&addr), 3);
    expect_text(&addr, "[2001:db8::%3]:65535");
    addr = parsed("192.0.2.1:80");
    expect_result(mio_addr_set_port(&addr, 0), 0);
    expect_text(&addr, "192.0.2.1:0");
}
END_TEST

START_TEST(what_is_not_ip_has_no_port_and_no_ip)
{
    const mio_addr addrs[] = {none(), unix_addr("", 0), unix_addr("/run/socket", 11)};
    for (size_t i = 0; i < COUNT(addrs); i++) {
        uint8_t ip[16];
        mio_addr addr = addrs[i];
        memset(ip, 0xa5, sizeof ip);
        expect_result(mio_addr_port(&addr), -EAFNOSUPPORT);
        expect_result(mio_addr_set_port(&addr, 80), -EAFNOSUPPORT);
        expect_result(mio_addr_ip(&addr, ip), -EAFNOSUPPORT);
        expect_result(mio_addr_flowinfo(&addr), 0);
        expect_result(mio_addr_scope_id(&addr), 0);
        expect_result(mio_addr_is_unspecified(&addr), 0);
        expect_result(mio_addr_is_loopback(&addr), 0);
        expect_result(mio_addr_is_multicast(&addr), 0);
        ck_assert_mem_eq(&addr, &addrs[i], sizeof addr);
        ck_assert_int_eq(ip[0], 0xa5);
        ck_assert_int_eq(ip[15], 0xa5);
    }
}
END_TEST

START_TEST(predicates_are_one_or_zero)
{
    static const struct {
        const char *text;
        int unspecified, loopback, multicast;
    } rows[] = {
        {"0.0.0.0:80", 1, 0, 0},
        {"127.0.0.1:80", 0, 1, 0},
        {"127.255.255.255:0", 0, 1, 0},
        {"224.0.0.0:80", 0, 0, 1},
        {"239.1.2.3:80", 0, 0, 1},
        {"192.0.2.1:80", 0, 0, 0},
        {"[::]:80", 1, 0, 0},
        {"[::1]:80", 0, 1, 0},
        {"[ff02::1%1]:80", 0, 0, 1},
        {"[2001:db8::1]:80", 0, 0, 0},
        {"240.0.0.0:0", 0, 0, 0},
        {"[fe80::1%1]:80", 0, 0, 0},
        {"[::ffff:127.0.0.1]:80", 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const mio_addr addr = parsed(rows[i].text);
        expect_result(mio_addr_is_unspecified(&addr), rows[i].unspecified);
        expect_result(mio_addr_is_loopback(&addr), rows[i].loopback);
        expect_result(mio_addr_is_multicast(&addr), rows[i].multicast);
    }
}
END_TEST

START_TEST(an_address_is_copied_by_assignment)
{
    const mio_addr addr = parsed("[fe80::1%1]:80");
    const mio_addr copy = addr;
    expect_equal(&copy, &addr);
}
END_TEST

/* Text */

START_TEST(text_is_read_and_written)
{
    static const struct {
        const char *text;
        const char *written; /* the expected text of the address; null: the same text as `text` */
    } rows[] = {
        {"192.0.2.1:80", NULL},
        {"0.0.0.0:0", NULL},
        {"255.255.255.255:65535", NULL},
        {"[::]:0", NULL},
        {"[::1]:80", NULL},
        {"[2001:db8::1]:80", NULL},
        {"[2001:0DB8:0:0::0001]:80", "[2001:db8::1]:80"},
        {"[1:2:3:4:5:6:7:8]:65535", NULL},
        {"[::ffff:192.0.2.1]:80", NULL},
        {"[::ffff:c000:201]:80", "[::ffff:192.0.2.1]:80"},
        {"[1::192.0.2.1]:80", "[1::c000:201]:80"},
        {"[fe80::1%7]:80", NULL},
        {"[fe80::1%4294967295]:80", NULL},
        {"[fe80::1%0]:80", "[fe80::1]:80"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *written = rows[i].written != NULL ? rows[i].written : rows[i].text;
        const mio_addr addr = parsed(rows[i].text);
        const mio_addr again = parsed(written);
        expect_text(&addr, written);
        expect_equal(&addr, &again);
    }
}
END_TEST

START_TEST(text_without_a_port_is_read)
{
    static const struct {
        const char *text;
        uint16_t port;
        const char *written;
    } rows[] = {
        {"192.0.2.1", 80, "192.0.2.1:80"},
        {"::", 0, "[::]:0"},
        {"2001:db8::1", 65535, "[2001:db8::1]:65535"},
        {"fe80::1%7", 80, "[fe80::1%7]:80"},
        {"::ffff:192.0.2.1", 1, "[::ffff:192.0.2.1]:1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        mio_addr addr;
        expect_result(mio_addr_parse_ip(&addr, rows[i].text, rows[i].port), 0);
        expect_text(&addr, rows[i].written);
    }
}
END_TEST

START_TEST(a_bad_text_is_an_error_by_its_kind)
{
    static const struct {
        const char *text;
        int error, ip_error;
    } rows[] = {
        {"", -EINVAL, -EINVAL},
        {"localhost:80", -EINVAL, -EINVAL},
        {" 192.0.2.1:80", -EINVAL, -EINVAL},
        {"192.0.2.1:80 ", -EINVAL, -EINVAL},
        {"192.0.2.01:80", -EINVAL, -EINVAL},
        {"192.0.2:80", -EINVAL, -EINVAL},
        {"192.0.2.1:080", -EINVAL, -EINVAL},
        {"192.0.2.1%lo:80", -EINVAL, -EINVAL},
        {"[192.0.2.1]:80", -EINVAL, -EINVAL},
        {"[2001:db8::1:80", -EINVAL, -EINVAL},
        {"[2001:db8:::1]:80", -EINVAL, -EINVAL},
        {"[2001:db8::12345]:80", -EINVAL, -EINVAL},
        {"[::1%]:80", -EINVAL, -EINVAL},
        {"192.0.2.1:", -ENODATA, -EINVAL},
        {"[2001:db8::1]", -ENODATA, -EINVAL},
        {"[2001:db8::1]:", -ENODATA, -EINVAL},
        {"192.0.2.256:80", -ERANGE, -ERANGE},
        {"192.0.2.1:65536", -ERANGE, -EINVAL},
        {"[2001:db8::1]:65536", -ERANGE, -EINVAL},
        {"[fe80::1%4294967296]:80", -ERANGE, -EINVAL},
        {"fe80::1%4294967296", -ERANGE, -ERANGE},
        {"[fe80::1%no-such-name]:80", -ENODEV, -EINVAL},
        {"fe80::1%no-such-name", -ENODATA, -ENODEV},
        {"[fe80::1%a-name-too-long]:80", -ENODEV, -EINVAL},
        {"[fe80::1%a-name-too-long-]:80", -ENAMETOOLONG, -EINVAL},
        {"fe80::1%a-name-too-long-", -ENAMETOOLONG, -ENAMETOOLONG},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        mio_addr addr = untouched();
        expect_result(mio_addr_parse(&addr, rows[i].text), rows[i].error);
        expect_result(mio_addr_parse_ip(&addr, rows[i].text, 80), rows[i].ip_error);
        expect_untouched(&addr);
    }
}
END_TEST

/* Some programs let the user omit the port, and then use a default port. */
START_TEST(a_missing_port_can_be_filled_in)
{
    static const char *const texts[] = {"192.0.2.1", "::1", "2001:db8::1", "fe80::1%7"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        mio_addr addr;
        expect_result(mio_addr_parse(&addr, texts[i]), -ENODATA);
        expect_result(mio_addr_parse_ip(&addr, texts[i], 80), 0);
    }
}
END_TEST

START_TEST(an_endless_text_is_too_long)
{
    const size_t length = 1000000;
    char *text = malloc(length + 1);
    mio_addr addr = untouched();
    memset(text, '1', length);
    text[length] = '\0';
    expect_result(mio_addr_parse(&addr, text), -ENAMETOOLONG);
    expect_result(mio_addr_parse_ip(&addr, text, 80), -ENAMETOOLONG);
    expect_untouched(&addr);
    free(text);
}
END_TEST

START_TEST(a_scope_is_the_name_of_an_interface)
{
    struct if_nameindex *interfaces = if_nameindex();
    ck_assert_ptr_nonnull(interfaces);
    for (const struct if_nameindex *i = interfaces; i->if_index != 0; i++) {
        char by_name[64];
        char by_number[64];
        mio_addr addr;
        snprintf(by_name, sizeof by_name, "[fe80::1%%%s]:80", i->if_name);
        snprintf(by_number, sizeof by_number, "[fe80::1%%%u]:80", i->if_index);
        addr = parsed(by_name);
        expect_result(mio_addr_scope_id(&addr), i->if_index);
        expect_text(&addr, by_number);
    }
    if_freenameindex(interfaces);
}
END_TEST

START_TEST(other_addresses_are_written)
{
    const mio_addr no_addr = none();
    const mio_addr unnamed = unix_addr("", 0);
    const mio_addr path = unix_addr("/run/mio \xc3\xa9\n", 12);
    const mio_addr abstract = unix_addr("\0mio \x01\\\0", 8);
    expect_text(&no_addr, "none");
    expect_text(&unnamed, "unnamed");
    expect_text(&path, "/run/mio \xc3\xa9\n");
    expect_text(&abstract, "@mio \\x01\\x5c\\x00");
}
END_TEST

/*
 * Of all addresses, an abstract name in which each byte is escaped has the longest text. A path that fills sun_path
 * also has a long text.
 */
START_TEST(every_text_fits_the_size_of_the_header)
{
    char bytes[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr addr;
    memset(bytes, 0xff, sizeof bytes);
    addr = unix_addr(bytes, sizeof bytes);
    expect_result(mio_addr_format(&addr, text, sizeof text), 2 + sizeof bytes); /* "./" and the path */
    bytes[0] = '\0';
    addr = unix_addr(bytes, sizeof bytes);
    expect_result(mio_addr_format(&addr, text, sizeof text), 1 + 4 * (sizeof bytes - 1));
    ck_assert_uint_eq(strlen(text), 1 + 4 * (sizeof bytes - 1));
    addr = parsed("[1111:2222:3333:4444:5555:6666:7777:8888%4294967295]:65535");
    ck_assert_int_lt(mio_addr_format(&addr, NULL, 0), 64);
}
END_TEST

START_TEST(text_is_cut_off_as_by_snprintf)
{
    const mio_addr addrs[] = {
        none(),
        parsed("192.0.2.1:80"),
        parsed("[1111:2222:3333:4444:5555:6666:7777:8888%4294967295]:65535"),
        parsed("[::ffff:192.0.2.1]:80"),
        unix_addr("", 0),
        unix_addr("/run/socket", 11),
        unix_addr("\0\1\2", 3),
    };
    for (size_t i = 0; i < COUNT(addrs); i++) {
        char whole[MIO_ADDR_TEXT_SIZE];
        const int length = mio_addr_format(&addrs[i], whole, sizeof whole);
        ck_assert_int_gt(length, 0);
        expect_result(mio_addr_format(&addrs[i], NULL, 0), length);
        for (size_t size = 0; size <= (size_t)length + 2; size++) {
            char *text = malloc(size + 1);
            memset(text, '#', size + 1);
            expect_result(mio_addr_format(&addrs[i], text, size), length);
            ck_assert_int_eq(text[size], '#');
            if (size > 0) {
                const size_t kept = size <= (size_t)length ? size - 1 : (size_t)length;
                ck_assert_mem_eq(text, whole, kept);
                ck_assert_int_eq(text[kept], '\0');
            }
            free(text);
        }
    }
}
END_TEST

/* struct sockaddr */

START_TEST(ipv4_goes_through_sockaddr)
{
    struct sockaddr_in native;
    struct sockaddr_in copy;
    memset(&native, 0xa5, sizeof native); /* sin_zero holds garbage */
    native.sin_family = AF_INET;
    native.sin_port = htons(80);
    native.sin_addr.s_addr = htonl(0xc0000201);
    const mio_addr addr = from_native(&native, sizeof native);
    const mio_addr same = parsed("192.0.2.1:80");
    expect_text(&addr, "192.0.2.1:80");
    expect_equal(&addr, &same);
    expect_result(mio_addr_to_sockaddr(&addr, &copy, sizeof copy), sizeof copy);
    ck_assert_int_eq(copy.sin_family, AF_INET);
    ck_assert_uint_eq(copy.sin_port, native.sin_port);
    ck_assert_uint_eq(copy.sin_addr.s_addr, native.sin_addr.s_addr);
    ck_assert_int_eq(copy.sin_zero[0], 0);
}
END_TEST

START_TEST(ipv6_goes_through_sockaddr)
{
    struct sockaddr_in6 native;
    struct sockaddr_in6 copy;
    memset(&native, 0, sizeof native);
    native.sin6_family = AF_INET6;
    native.sin6_port = htons(443);
    native.sin6_flowinfo = htonl(0x000abcde);
    native.sin6_scope_id = 7;
    native.sin6_addr.s6_addr[0] = 0xfe;
    native.sin6_addr.s6_addr[1] = 0x80;
    const mio_addr addr = from_native(&native, sizeof native);
    expect_text(&addr, "[fe80::%7]:443");
    expect_result(mio_addr_flowinfo(&addr), 0x000abcde);
    expect_result(mio_addr_to_sockaddr(&addr, &copy, sizeof copy), sizeof copy);
    ck_assert_mem_eq(&copy, &native, sizeof native);
}
END_TEST

/*
 * accept(2) and getsockname(2) store an address in a sockaddr_storage, and return the length of the address. A program
 * may then pass this length to mio, or the size of the whole sockaddr_storage.
 */
START_TEST(a_sockaddr_storage_may_be_given_whole)
{
    static const char *const texts[] = {"192.0.2.1:80", "[2001:db8::1%7]:80"};
    struct sockaddr_storage storage;
    for (size_t i = 0; i < COUNT(texts); i++) {
        const mio_addr addr = parsed(texts[i]);
        memset(&storage, 0xa5, sizeof storage);
        ck_assert_int_gt(mio_addr_to_sockaddr(&addr, &storage, sizeof storage), 0);
        const mio_addr again = from_native(&storage, sizeof storage);
        expect_equal(&again, &addr);
    }
    memset(&storage, 0, sizeof storage);
    storage.ss_family = AF_UNIX;
    memcpy((char *)&storage + offsetof(struct sockaddr_un, sun_path), "/run/socket", 12);
    const mio_addr path = from_native(&storage, sizeof storage);
    expect_text(&path, "/run/socket");
}
END_TEST

START_TEST(unix_addresses_go_through_sockaddr)
{
    static const struct {
        const char *name;
        size_t length;
        const char *text;
    } rows[] = {
        {"", 0, "unnamed"},
        {"/run/socket", 11, "/run/socket"},
        {"/run/socket", 12, "/run/socket"},
        {"/a\0b", 4, "/a"},
        {"\0", 1, "@"},
        {"\0mio", 4, "@mio"},
        {"\0mio", 5, "@mio\\x00"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const size_t start = offsetof(struct sockaddr_un, sun_path);
        struct sockaddr_un copy;
        const mio_addr addr = unix_addr(rows[i].name, rows[i].length);
        expect_result(mio_addr_family(&addr), MIO_ADDR_UNIX);
        expect_text(&addr, rows[i].text);
        memset(&copy, 0xa5, sizeof copy);
        const int length = mio_addr_to_sockaddr(&addr, &copy, sizeof copy);
        ck_assert_int_eq(copy.sun_family, AF_UNIX);
        if (rows[i].name[0] == '/') {
            ck_assert_str_eq(copy.sun_path, rows[i].text);
            ck_assert_int_eq(length, (int)(start + strlen(rows[i].text) + 1));
        } else {
            ck_assert_int_eq(length, (int)(start + rows[i].length));
            ck_assert_mem_eq(copy.sun_path, rows[i].name, rows[i].length);
        }
        const mio_addr again = from_native(&copy, (size_t)length);
        expect_equal(&again, &addr);
    }
}
END_TEST

START_TEST(a_bad_sockaddr_is_an_error_by_its_kind)
{
    static const struct {
        int family;
        size_t needed;
    } rows[] = {
        {AF_INET, sizeof(struct sockaddr_in)},
        {AF_INET6, sizeof(struct sockaddr_in6)},
        {AF_UNIX, sizeof(sa_family_t)},
    };
    struct sockaddr_storage storage;
    mio_addr addr = untouched();
    memset(&storage, 0, sizeof storage);
    for (size_t i = 0; i < COUNT(rows); i++) {
        storage.ss_family = (sa_family_t)rows[i].family;
        for (size_t length = 0; length < rows[i].needed; length++) {
            /* The address is in a block of its own, so that a sanitizer detects an access beyond its end. */
            void *block = malloc(length + 1);
            memcpy(block, &storage, length);
            expect_result(mio_addr_from_sockaddr(&addr, block, length), -EINVAL);
            free(block);
        }
        expect_untouched(&addr);
    }
    static const int unknown[] = {AF_UNSPEC, AF_APPLETALK, AF_MAX};
    for (size_t i = 0; i < COUNT(unknown); i++) {
        storage.ss_family = (sa_family_t)unknown[i];
        expect_result(mio_addr_from_sockaddr(&addr, &storage, sizeof storage), -EAFNOSUPPORT);
        expect_untouched(&addr);
    }
}
END_TEST

START_TEST(a_unix_name_that_is_too_long_is_refused)
{
    const size_t start = offsetof(struct sockaddr_un, sun_path);
    const size_t room = sizeof(struct sockaddr_un) - start;
    struct sockaddr_storage storage;
    mio_addr addr;
    memset(&storage, 'x', sizeof storage);
    storage.ss_family = AF_UNIX;
    addr = from_native(&storage, start + room);
    expect_result(mio_addr_to_sockaddr(&addr, &storage, sizeof storage), (int64_t)(start + room));
    addr = untouched();
    expect_result(mio_addr_from_sockaddr(&addr, &storage, start + room + 1), -ENAMETOOLONG);
    ((char *)&storage)[start] = '\0';
    expect_result(mio_addr_from_sockaddr(&addr, &storage, start + room + 1), -ENAMETOOLONG);
    expect_untouched(&addr);
    /* For the longest path, the kernel's length also includes a null byte behind the path. */
    ((char *)&storage)[start] = 'x';
    ((char *)&storage)[start + room] = '\0';
    expect_result(mio_addr_from_sockaddr(&addr, &storage, start + room + 1), 0);
}
END_TEST

START_TEST(a_sockaddr_without_room_is_left_alone)
{
    const mio_addr addrs[] = {parsed("192.0.2.1:80"), parsed("[::1]:80"), unix_addr("", 0),
                              unix_addr("/run/socket", 11)};
    for (size_t i = 0; i < COUNT(addrs); i++) {
        unsigned char native[sizeof(struct sockaddr_storage)];
        const int needed = mio_addr_to_sockaddr(&addrs[i], native, sizeof native);
        ck_assert_int_gt(needed, 0);
        memset(native, 0xa5, sizeof native);
        for (int capacity = 0; capacity < needed; capacity++) {
            expect_result(mio_addr_to_sockaddr(&addrs[i], native, (size_t)capacity), -ENOSPC);
        }
        for (size_t byte = 0; byte < sizeof native; byte++) {
            ck_assert_int_eq(native[byte], 0xa5);
        }
        expect_result(mio_addr_to_sockaddr(&addrs[i], native, (size_t)needed), needed);
        ck_assert_int_eq(native[needed], 0xa5);
    }
    const mio_addr no_addr = none();
    char byte = 'x';
    expect_result(mio_addr_to_sockaddr(&no_addr, &byte, 0), -EADDRNOTAVAIL);
    expect_result(mio_addr_to_sockaddr(&no_addr, &byte, 1), -EADDRNOTAVAIL);
    ck_assert_int_eq(byte, 'x');
}
END_TEST

/* Order and hash */

START_TEST(addresses_have_a_total_order)
{
    const uint8_t loopback[16] = {[15] = 1};
    mio_addr rows[] = {
        none(),
        unix_addr("", 0),
        unix_addr("\0a", 2),
        unix_addr("\0a\0", 3),
        unix_addr("/a", 2),
        unix_addr("/b", 2),
        parsed("0.0.0.0:2"),
        parsed("127.0.0.1:2"),
        parsed("128.0.0.1:1"),
        parsed("128.0.0.1:256"),
        parsed("[::]:256"),
        parsed("[::1]:255"),
        parsed("[::1]:255"),
        parsed("[::1%1]:255"),
        parsed("[::1%256]:255"),
        parsed("[::1]:256"),
        parsed("[ff02::1]:0"),
    };
    expect_result(mio_addr_from_ipv6(&rows[12], loopback, 255, 1, 0), 0);
    const int count = (int)COUNT(rows);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            expect_result(mio_addr_compare(&rows[i], &rows[j]), (i > j) - (i < j));
            ck_assert_int_eq(mio_addr_hash(&rows[i]) == mio_addr_hash(&rows[j]), i == j);
        }
        expect_result(mio_addr_compare(NULL, &rows[i]), i > 0 ? -1 : 0);
        expect_result(mio_addr_compare(&rows[i], NULL), i > 0 ? 1 : 0);
    }
    expect_result(mio_addr_compare(NULL, NULL), 0);
    ck_assert_uint_eq(mio_addr_hash(NULL), mio_addr_hash(&rows[0]));
}
END_TEST

/* Null and garbage */

START_TEST(null_is_refused_or_no_address)
{
    const uint8_t ip[16] = {1};
    uint8_t bytes[16];
    struct sockaddr_storage storage;
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr addr = untouched();
    memset(&storage, 0, sizeof storage);
    expect_result(mio_addr_from_ipv4(NULL, ip, 1), -EINVAL);
    expect_result(mio_addr_from_ipv4(&addr, NULL, 1), -EINVAL);
    expect_result(mio_addr_from_ipv6(NULL, ip, 1, 2, 3), -EINVAL);
    expect_result(mio_addr_from_ipv6(&addr, NULL, 1, 2, 3), -EINVAL);
    expect_result(mio_addr_parse(NULL, "192.0.2.1:80"), -EINVAL);
    expect_result(mio_addr_parse(&addr, NULL), -EINVAL);
    expect_result(mio_addr_parse_ip(NULL, "192.0.2.1", 80), -EINVAL);
    expect_result(mio_addr_parse_ip(&addr, NULL, 80), -EINVAL);
    expect_result(mio_addr_format(NULL, text, sizeof text), -EINVAL);
    expect_result(mio_addr_format(NULL, NULL, 0), -EINVAL);
    expect_result(mio_addr_format(&addr, NULL, 1), -EINVAL);
    expect_result(mio_addr_from_sockaddr(NULL, &storage, sizeof storage), -EINVAL);
    expect_result(mio_addr_from_sockaddr(&addr, NULL, sizeof storage), -EINVAL);
    expect_result(mio_addr_from_sockaddr(&addr, NULL, 0), -EINVAL);
    expect_result(mio_addr_to_sockaddr(NULL, &storage, sizeof storage), -EINVAL);
    expect_result(mio_addr_to_sockaddr(&addr, NULL, sizeof storage), -EINVAL);
    expect_result(mio_addr_family(NULL), MIO_ADDR_NONE);
    expect_result(mio_addr_port(NULL), -EINVAL);
    expect_result(mio_addr_set_port(NULL, 80), -EINVAL);
    expect_result(mio_addr_ip(NULL, bytes), -EINVAL);
    expect_result(mio_addr_ip(&addr, NULL), -EINVAL);
    expect_result(mio_addr_flowinfo(NULL), 0);
    expect_result(mio_addr_scope_id(NULL), 0);
    expect_result(mio_addr_is_unspecified(NULL), 0);
    expect_result(mio_addr_is_loopback(NULL), 0);
    expect_result(mio_addr_is_multicast(NULL), 0);
    expect_untouched(&addr);
}
END_TEST

/* Returns a pseudo-random number below `limit`. Every run of the program gets the same numbers. */
static uint32_t random_below(uint32_t limit)
{
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return (state >> 8) % limit;
}

/* Checks that every function keeps its promises for this address, even if the bytes are garbage. */
static void expect_sense(mio_addr *addr)
{
    unsigned char native[sizeof(struct sockaddr_storage)];
    char text[MIO_ADDR_TEXT_SIZE];
    uint8_t ip[16];
    const int family = mio_addr_family(addr);
    const int is_ip = family == MIO_ADDR_IPV4 || family == MIO_ADDR_IPV6;
    const int length = mio_addr_format(addr, text, sizeof text);
    ck_assert(is_ip || family == MIO_ADDR_NONE || family == MIO_ADDR_UNIX || family == MIO_ADDR_OTHER);
    ck_assert_int_lt(length, MIO_ADDR_TEXT_SIZE);
    ck_assert_uint_eq(strlen(text), (size_t)length);
    ck_assert_int_eq(mio_addr_port(addr) >= 0, is_ip);
    ck_assert_int_eq(mio_addr_ip(addr, ip) > 0, is_ip);
    ck_assert_int_eq(mio_addr_to_sockaddr(addr, native, sizeof native) > 0, family != MIO_ADDR_NONE);
    expect_equal(addr, addr);
    ck_assert_int_eq(mio_addr_set_port(addr, 80), is_ip ? 0 : -EAFNOSUPPORT);
    ck_assert_int_eq(mio_addr_family(addr), family);
}

/*
 * Fills an address with garbage, as if it were uninitialised or overwritten. A function that gets such an address must
 * not read or write outside the address object.
 */
START_TEST(garbage_is_survived)
{
    const mio_addr addrs[] = {none(),           parsed("192.0.2.1:80"),       parsed("[fe80::1%1]:80"),
                              unix_addr("", 0), unix_addr("/run/socket", 11), unix_addr("\0name", 5)};
    for (int round = 0; round < 2000; round++) {
        unsigned char *block = malloc(sizeof(mio_addr));
        memcpy(block, &addrs[random_below(COUNT(addrs))], sizeof(mio_addr));
        for (uint32_t changes = random_below(8); changes > 0; changes--) {
            block[random_below(round % 2 == 0 ? 16 : sizeof(mio_addr))] = (unsigned char)random_below(256);
        }
        expect_sense((mio_addr *)(void *)block);
        memset(block, round % 256, sizeof(mio_addr));
        expect_sense((mio_addr *)(void *)block);
        free(block);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("addr");
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, ipv4_is_made_of_its_parts);
    tcase_add_test(parts, ipv6_is_made_of_its_parts);
    tcase_add_test(parts, the_port_is_set_and_nothing_else);
    tcase_add_test(parts, what_is_not_ip_has_no_port_and_no_ip);
    tcase_add_test(parts, predicates_are_one_or_zero);
    tcase_add_test(parts, an_address_is_copied_by_assignment);
    suite_add_tcase(suite, parts);
    TCase *text = tcase_create("text");
    tcase_add_test(text, text_is_read_and_written);
    tcase_add_test(text, text_without_a_port_is_read);
    tcase_add_test(text, a_bad_text_is_an_error_by_its_kind);
    tcase_add_test(text, a_missing_port_can_be_filled_in);
    tcase_add_test(text, an_endless_text_is_too_long);
    tcase_add_test(text, a_scope_is_the_name_of_an_interface);
    tcase_add_test(text, other_addresses_are_written);
    tcase_add_test(text, every_text_fits_the_size_of_the_header);
    tcase_add_test(text, text_is_cut_off_as_by_snprintf);
    suite_add_tcase(suite, text);
    TCase *native = tcase_create("sockaddr");
    tcase_add_test(native, ipv4_goes_through_sockaddr);
    tcase_add_test(native, ipv6_goes_through_sockaddr);
    tcase_add_test(native, a_sockaddr_storage_may_be_given_whole);
    tcase_add_test(native, unix_addresses_go_through_sockaddr);
    tcase_add_test(native, a_bad_sockaddr_is_an_error_by_its_kind);
    tcase_add_test(native, a_unix_name_that_is_too_long_is_refused);
    tcase_add_test(native, a_sockaddr_without_room_is_left_alone);
    suite_add_tcase(suite, native);
    TCase *order = tcase_create("order");
    tcase_add_test(order, addresses_have_a_total_order);
    suite_add_tcase(suite, order);
    TCase *arguments = tcase_create("arguments");
    tcase_add_test(arguments, null_is_refused_or_no_address);
    tcase_add_test(arguments, garbage_is_survived);
    suite_add_tcase(suite, arguments);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
