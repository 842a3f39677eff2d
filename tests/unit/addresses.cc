// SPDX-License-Identifier: MIT
// Tests how the library passes a mio_addr to system calls, which read or fill the address. In some tests, the kernel
// writes the address of a real socket to the mio_addr. The other tests use a mio_addr with invalid contents.
#include "unix/addresses.hpp"
#include "core/endpoint_text.hpp"
#include "port/addresses.hpp"

#include "../helpers/run_suite.hpp"
#include "../helpers/skips.h"

#include <check.h>
#include <errno.h>
#include <initializer_list>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

int open_socket(int family, int type)
{
    const int fd = socket(family, type | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    return fd;
}

// Passes a pointer into `addr` to bind(2), as the library does.
void bind_to(int fd, const mio_addr &addr)
{
    ck_assert_msg(bind(fd, sockaddr_of(&addr), sockaddr_length(&addr)) == 0, "bind: %s", strerror(errno));
}

mio_addr local_addr(int fd)
{
    mio_addr result;
    memset(&result, 0xa5, sizeof result); // the result must not depend on the previous contents
    socklen_t length = sockaddr_capacity;
    ck_assert_int_eq(getsockname(fd, sockaddr_of(&result), &length), 0);
    set_sockaddr_length(&result, length);
    return result;
}

mio_addr sender_of(int fd)
{
    mio_addr result;
    char byte;
    memset(&result, 0x5a, sizeof result);
    socklen_t length = sockaddr_capacity;
    ck_assert_int_eq(recvfrom(fd, &byte, 1, 0, sockaddr_of(&result), &length), 1);
    set_sockaddr_length(&result, length);
    return result;
}

void send_to(int fd, const mio_addr &addr)
{
    ck_assert_msg(sendto(fd, "x", 1, 0, sockaddr_of(&addr), sockaddr_length(&addr)) == 1, "%s", strerror(errno));
}

mio_addr address(const Endpoint &endpoint)
{
    mio_addr result;
    ck_assert_int_eq(store_endpoint(&result, endpoint), 0);
    return result;
}

mio_addr parsed(const char *text)
{
    Endpoint endpoint;
    ck_assert_int_eq(parse_endpoint(&endpoint, text, interface_index), 0);
    return address(endpoint);
}

mio_addr unix_address(const char *name, size_t length)
{
    return address({.family = MIO_ADDR_UNIX, .name = reinterpret_cast<const uint8_t *>(name), .name_length = length});
}

void expect_same(const mio_addr &left, const mio_addr &right)
{
    ck_assert_int_eq(compare_endpoints(endpoint_of(&left), endpoint_of(&right)), 0);
    ck_assert_uint_eq(hash_endpoint(endpoint_of(&left)), hash_endpoint(endpoint_of(&right)));
}

void expect_text(const mio_addr &addr, const char *wanted)
{
    char text[MIO_ADDR_TEXT_SIZE];
    TextWriter out(text, sizeof text);
    format_endpoint(&out, endpoint_of(&addr));
    ck_assert_str_eq(text, wanted);
}

// Sends a datagram from one socket to another, and a second datagram back to the address of the sender.
void expect_exchange(int family, const mio_addr &left_bound, const mio_addr &right_bound)
{
    const int left = open_socket(family, SOCK_DGRAM);
    const int right = open_socket(family, SOCK_DGRAM);
    bind_to(left, left_bound);
    bind_to(right, right_bound);
    const mio_addr left_addr = local_addr(left);
    const mio_addr right_addr = local_addr(right);
    send_to(left, right_addr);
    const mio_addr sender = sender_of(right);
    expect_same(sender, left_addr);
    send_to(right, sender);
    expect_same(sender_of(left), right_addr);
    close(left);
    close(right);
}

char directory[64];

void make_directory()
{
    snprintf(directory, sizeof directory, "/tmp/mio-test.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

void remove_directory()
{
    ck_assert_int_eq(rmdir(directory), 0);
}

} // namespace

START_TEST(all_zero_is_no_address)
{
    const mio_addr none = {};
    ck_assert_uint_eq(sockaddr_length(&none), 0);
    ck_assert_int_eq(endpoint_of(&none).family, MIO_ADDR_NONE);
    ck_assert_int_eq(endpoint_of(nullptr).family, MIO_ADDR_NONE);
    mio_addr addr = none;
    ck_assert_int_eq(store_endpoint(&addr, {}), -EAFNOSUPPORT);
    ck_assert_int_eq(store_endpoint(&addr, {.family = MIO_ADDR_OTHER}), -EAFNOSUPPORT);
    ck_assert_mem_eq(&addr, &none, sizeof none);
}
END_TEST

START_TEST(an_ip_address_is_stored_as_the_system_has_it)
{
    const mio_addr ipv4 = parsed("192.0.2.1:80");
    sockaddr_in in;
    ck_assert_uint_eq(sockaddr_length(&ipv4), sizeof in);
    memcpy(&in, sockaddr_of(&ipv4), sizeof in);
    ck_assert_int_eq(in.sin_family, AF_INET);
    ck_assert_mem_eq(&in.sin_port, "\0\x50", 2);
    ck_assert_mem_eq(&in.sin_addr, "\xc0\0\2\1", 4);

    const mio_addr ipv6 = address({.family = MIO_ADDR_IPV6,
                                   .ip = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                                   .port = 0x1234,
                                   .flowinfo = 0x000abcde,
                                   .scope_id = 7});
    sockaddr_in6 in6;
    ck_assert_uint_eq(sockaddr_length(&ipv6), sizeof in6);
    memcpy(&in6, sockaddr_of(&ipv6), sizeof in6);
    ck_assert_int_eq(in6.sin6_family, AF_INET6);
    ck_assert_mem_eq(&in6.sin6_port, "\x12\x34", 2);
    ck_assert_mem_eq(&in6.sin6_flowinfo, "\0\x0a\xbc\xde", 4);
    ck_assert_uint_eq(in6.sin6_scope_id, 7);
    ck_assert_mem_eq(&in6.sin6_addr, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
}
END_TEST

START_TEST(ip_addresses_pass_through_the_kernel)
{
    expect_exchange(AF_INET, parsed("127.0.0.1:0"), parsed("127.0.0.1:0"));
    const int fd = open_socket(AF_INET, SOCK_DGRAM);
    bind_to(fd, parsed("127.0.0.1:0"));
    const mio_addr addr = local_addr(fd);
    ck_assert_int_eq(endpoint_of(&addr).family, MIO_ADDR_IPV4);
    ck_assert_uint_ne(endpoint_of(&addr).port, 0);
    close(fd);
}
END_TEST

START_TEST(ipv6_addresses_pass_through_the_kernel)
{
    const mio_addr loopback = parsed("[::1]:0");
    const int fd = open_socket(AF_INET6, SOCK_DGRAM);
    const bool have_ipv6 = bind(fd, sockaddr_of(&loopback), sockaddr_length(&loopback)) == 0;
    close(fd);
    if (!have_ipv6) return;
    expect_exchange(AF_INET6, loopback, loopback);
}
END_TEST

START_TEST(paths_pass_through_the_kernel)
{
    char left[96];
    char right[96];
    make_directory();
    const int left_length = snprintf(left, sizeof left, "%s/left", directory);
    const int right_length = snprintf(right, sizeof right, "%s/right", directory);
    expect_exchange(AF_UNIX, unix_address(left, static_cast<size_t>(left_length)),
                    unix_address(right, static_cast<size_t>(right_length)));
    unlink(left);
    unlink(right);
    remove_directory();
}
END_TEST

// For a path that fills sun_path, the kernel reports a length that the kernel does not accept from a caller.
START_TEST(the_longest_path_passes_through_the_kernel)
{
    char left[sizeof(sockaddr_un::sun_path) + 1];
    char right[sizeof left];
    make_directory();
    memset(left, 'l', sizeof left);
    memset(right, 'r', sizeof right);
    for (char *path : {left, right}) {
        memcpy(path, directory, strlen(directory));
        path[strlen(directory)] = '/';
        path[sizeof left - 1] = '\0';
    }
    const mio_addr addr = unix_address(left, sizeof left - 1);
    expect_exchange(AF_UNIX, addr, unix_address(right, sizeof right - 1));
    expect_text(addr, left);
    unlink(left);
    unlink(right);
    remove_directory();
    mio_addr untouched = addr;
    const Endpoint too_long{
        .family = MIO_ADDR_UNIX, .name = reinterpret_cast<const uint8_t *>(left), .name_length = sizeof left};
    ck_assert_int_eq(store_endpoint(&untouched, too_long), -ENAMETOOLONG);
    ck_assert_mem_eq(&untouched, &addr, sizeof addr);
}
END_TEST

START_TEST(abstract_names_pass_through_the_kernel)
{
    char left[sizeof(sockaddr_un::sun_path)] = "\0mio-test left \0\n";
    char right[sizeof left] = "\0mio-test right ";
    const int pid = getpid();
    memcpy(left + 24, &pid, sizeof pid);
    memcpy(right + 24, &pid, sizeof pid);
    // The first name fills sun_path, and the second name ends with a null.
    expect_exchange(AF_UNIX, unix_address(left, sizeof left), unix_address(right, 32));
}
END_TEST

START_TEST(the_kernel_invents_an_abstract_name)
{
    const int fd = open_socket(AF_UNIX, SOCK_DGRAM);
    bind_to(fd, unix_address("", 0));
    const mio_addr addr = local_addr(fd);
    const Endpoint endpoint = endpoint_of(&addr);
    ck_assert_int_eq(endpoint.family, MIO_ADDR_UNIX);
    ck_assert_uint_eq(endpoint.name_length, 6);
    ck_assert_int_eq(endpoint.name[0], 0);
    close(fd);
}
END_TEST

START_TEST(unnamed_sockets_have_unnamed_addresses)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    const mio_addr addr = local_addr(fds[0]);
    ck_assert_int_eq(endpoint_of(&addr).family, MIO_ADDR_UNIX);
    ck_assert_uint_eq(endpoint_of(&addr).name_length, 0);
    expect_text(addr, "unnamed");
    expect_same(addr, unix_address("", 0));
    ck_assert_int_eq(write(fds[1], "x", 1), 1);
    const mio_addr sender = sender_of(fds[0]); // a stream reports no sender
    ck_assert_int_eq(endpoint_of(&sender).family, MIO_ADDR_NONE);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(an_unknown_family_is_told_apart_and_kept)
{
    const int left = open_socket(AF_NETLINK, SOCK_RAW);
    const int right = open_socket(AF_NETLINK, SOCK_RAW);
    sockaddr_nl native = {};
    native.nl_family = AF_NETLINK;
    ck_assert_int_eq(bind(left, reinterpret_cast<const sockaddr *>(&native), sizeof native), 0);
    ck_assert_int_eq(bind(right, reinterpret_cast<const sockaddr *>(&native), sizeof native), 0);
    const mio_addr left_addr = local_addr(left);
    const mio_addr right_addr = local_addr(right);
    ck_assert_int_eq(endpoint_of(&left_addr).family, MIO_ADDR_OTHER);
    expect_text(left_addr, "other");
    expect_same(left_addr, local_addr(left));
    ck_assert_int_ne(compare_endpoints(endpoint_of(&left_addr), endpoint_of(&right_addr)), 0);
    sockaddr_nl copy;
    ck_assert_int_eq(address_to_sockaddr(&left_addr, &copy, sizeof copy), sizeof copy);
    ck_assert_mem_eq(&copy, sockaddr_of(&left_addr), sizeof copy);
    close(left);
    close(right);
}
END_TEST

START_TEST(padding_makes_no_difference)
{
    const mio_addr clean = parsed("192.0.2.1:80");
    mio_addr dirty = clean;
    stored(&dirty)->unused = 0xdeadbeef;
    memset(stored(&dirty)->bytes + offsetof(sockaddr_in, sin_zero), 0xa5,
           sizeof stored(&dirty)->bytes - offsetof(sockaddr_in, sin_zero));
    expect_same(dirty, clean);
    mio_addr again;
    ck_assert_int_eq(address_from_sockaddr(&again, sockaddr_of(&dirty), sizeof(sockaddr_in)), 0);
    ck_assert_mem_eq(&again, &clean, sizeof clean);
    ck_assert_int_eq(store_endpoint(&dirty, endpoint_of(&dirty)), 0);
    ck_assert_mem_eq(&dirty, &clean, sizeof clean);

    const mio_addr path = unix_address("/run/socket", 11);
    mio_addr dirty_path = path;
    memset(stored(&dirty_path)->bytes + sockaddr_length(&path), 0xa5, 32);
    expect_same(dirty_path, path);
    set_sockaddr_length(&dirty_path, sockaddr_length(&path) - 1); // the length need not include the final null
    expect_same(dirty_path, path);
}
END_TEST

START_TEST(a_name_may_come_from_the_address_that_is_stored)
{
    mio_addr addr = unix_address("/run/socket", 11);
    const mio_addr before = addr;
    ck_assert_int_eq(store_endpoint(&addr, endpoint_of(&addr)), 0);
    ck_assert_mem_eq(&addr, &before, sizeof before);
}
END_TEST

// If the length of an address is too small for its family, the library treats the address as "no address". Even with an
// impossible length, the library must not read beyond the storage.
START_TEST(a_length_that_cannot_be_is_survived)
{
    static const struct {
        int native, family;
        socklen_t needed;
    } families[] = {
        {AF_UNSPEC, MIO_ADDR_NONE, 0},
        {AF_INET, MIO_ADDR_IPV4, sizeof(sockaddr_in)},
        {AF_INET6, MIO_ADDR_IPV6, sizeof(sockaddr_in6)},
        {AF_UNIX, MIO_ADDR_UNIX, 2},
        {AF_NETLINK, MIO_ADDR_OTHER, 2},
    };
    for (const auto &row : families) {
        for (uint32_t step = 0; step < 600; ++step) {
            const uint32_t length = step < 300 ? step : UINT32_MAX - (step - 300);
            char text[MIO_ADDR_TEXT_SIZE];
            unsigned char copy[sizeof(sockaddr_un)];
            // The storage is on the heap, so that a sanitizer detects an access out of bounds.
            auto *addr = static_cast<mio_addr *>(malloc(sizeof(mio_addr)));
            memset(addr, step % 2 == 0 ? 0xff : 0x00, sizeof *addr);
            sockaddr_of(addr)->sa_family = static_cast<sa_family_t>(row.native);
            set_sockaddr_length(addr, length);
            ck_assert_uint_eq(sockaddr_length(addr), length < sizeof(sockaddr_un) ? length : sizeof(sockaddr_un));
            const Endpoint endpoint = endpoint_of(addr);
            ck_assert_int_eq(endpoint.family, length >= 2 && length >= row.needed ? row.family : MIO_ADDR_NONE);
            TextWriter out(text, sizeof text);
            format_endpoint(&out, endpoint);
            ck_assert_int_lt(out.length(), MIO_ADDR_TEXT_SIZE);
            ck_assert_uint_eq(hash_endpoint(endpoint), hash_endpoint(endpoint_of(addr)));
            ck_assert_int_eq(compare_endpoints(endpoint, endpoint_of(addr)), 0);
            const int written = address_to_sockaddr(addr, copy, sizeof copy);
            const int told = static_cast<int>(sockaddr_length(addr));
            ck_assert_int_eq(written, endpoint.family == MIO_ADDR_NONE ? -EADDRNOTAVAIL : told);
            free(addr);
        }
    }
}
END_TEST

START_TEST(interfaces_are_found)
{
    struct if_nameindex *interfaces = if_nameindex();
    uint32_t index = 0;
    ck_assert_ptr_nonnull(interfaces);
    for (const struct if_nameindex *i = interfaces; i->if_index != 0; ++i) {
        ck_assert_int_eq(interface_index(i->if_name, &index), 0);
        ck_assert_uint_eq(index, i->if_index);
    }
    if_freenameindex(interfaces);
    for (const char *name : {"", "no-such-name", "a-name-that-is-far-too-long-for-an-interface"}) {
        ck_assert_int_eq(interface_index(name, &index), -ENODEV);
    }
}
END_TEST

static Suite *make_suite()
{
    Suite *suite = suite_create("addresses");
    TCase *kernel = tcase_create("kernel");
    tcase_add_test(kernel, ip_addresses_pass_through_the_kernel);
    tcase_add_test(kernel, ipv6_addresses_pass_through_the_kernel);
    tcase_add_test(kernel, paths_pass_through_the_kernel);
    tcase_add_test(kernel, the_longest_path_passes_through_the_kernel);
    tcase_add_test(kernel, abstract_names_pass_through_the_kernel);
    tcase_add_test(kernel, the_kernel_invents_an_abstract_name);
    tcase_add_test(kernel, unnamed_sockets_have_unnamed_addresses);
    tcase_add_test(kernel, an_unknown_family_is_told_apart_and_kept);
    tcase_add_test(kernel, interfaces_are_found);
    suite_add_tcase(suite, kernel);
    TCase *storage = tcase_create("storage");
    tcase_add_test(storage, all_zero_is_no_address);
    tcase_add_test(storage, an_ip_address_is_stored_as_the_system_has_it);
    tcase_add_test(storage, padding_makes_no_difference);
    tcase_add_test(storage, a_name_may_come_from_the_address_that_is_stored);
    tcase_add_test(storage, a_length_that_cannot_be_is_survived);
    suite_add_tcase(suite, storage);
    return suite;
}

int main()
{
    return run(make_suite());
}
