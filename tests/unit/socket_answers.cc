// SPDX-License-Identifier: MIT
// Tests the functions that find the original destination of a redirected connection, and the process at the other end
// of a Unix socket. getsockopt(2) gives some answers only with netfilter rules, with an older kernel, or after the peer
// has ended. So this program defines its own getsockopt(2).
#include "core/endpoint_text.hpp"
#include "core/text.hpp"
#include "port/addresses.hpp"
#include "port/redirection.hpp"
#include "port/unix_peer.hpp"
#include "unix/addresses.hpp"

#include "../helpers/run_suite.hpp"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

// This program replaces getsockopt(2). For the option `name` of `level`, the replacement fails with `error`. But if
// `error` is 0, the replacement stores `value`.
struct Answer {
    int level;
    int name;
    int error;
    const void *value;
    socklen_t size;
} answer;

} // namespace

extern "C" int getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    if (level != answer.level || name != answer.name)
        return static_cast<int>(syscall(SYS_getsockopt, fd, level, name, value, size));
    errno = answer.error;
    if (answer.error != 0) return -1;
    ck_assert_uint_ge(*size, answer.size);
    memcpy(value, answer.value, answer.size);
    *size = answer.size;
    return 0;
}

namespace {

constexpr int so_original_dst = 80;
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

int bound_socket(const char *text)
{
    Endpoint endpoint;
    mio_addr addr;
    ck_assert_int_eq(parse_endpoint(&endpoint, text, nullptr), 0);
    ck_assert_int_eq(store_endpoint(&addr, endpoint), 0);
    const int family = sockaddr_of(&addr)->sa_family;
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, sockaddr_of(&addr), sockaddr_length(&addr)), 0);
    return fd;
}

// If a connection uses IPv4 packets, only the option for IPv4 returns its original destination. This is true even on an
// IPv6 socket.
START_TEST(the_original_destination_has_the_family_of_the_socket)
{
    sockaddr_in v4 = {};
    sockaddr_in6 v6 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(80);
    v4.sin_addr.s_addr = htonl(0xc0000207);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(443);
    v6.sin6_addr.s6_addr[0] = 0x20;
    v6.sin6_addr.s6_addr[15] = 7;
    const struct {
        const char *local;
        Answer from_kernel;
        const char *text;
    } cases[] = {
        {"127.0.0.1:0", {IPPROTO_IP, so_original_dst, 0, &v4, sizeof v4}, "192.0.2.7:80"},
        {"[::ffff:127.0.0.1]:0", {IPPROTO_IP, so_original_dst, 0, &v4, sizeof v4}, "[::ffff:192.0.2.7]:80"},
        {"[::1]:0", {IPPROTO_IPV6, so_original_dst, 0, &v6, sizeof v6}, "[2000::7]:443"},
    };
    for (const auto &each : cases) {
        mio_addr addr;
        char text[64];
        TextWriter writer(text, sizeof text);
        const int fd = bound_socket(each.local);
        answer = each.from_kernel;
        ck_assert_int_eq(original_destination(fd, &addr), 0);
        format_endpoint(&writer, endpoint_of(&addr));
        ck_assert_str_eq(text, each.text);
        close(fd);
    }
    answer = {};
}
END_TEST

struct Translation {
    int error;
    int result;
};

START_TEST(an_error_for_the_original_destination_is_documented)
{
    const Translation cases[] = {
        {ENOENT, -ENODATA}, {ENOPROTOOPT, -ENOTSUP}, {EOPNOTSUPP, -ENOTSUP}, {EINVAL, -EINVAL}, {ENOMEM, -ENOMEM}};
    const int fd = bound_socket("127.0.0.1:0");
    for (const Translation &each : cases) {
        mio_addr addr = {};
        answer = {IPPROTO_IP, so_original_dst, each.error, nullptr, 0};
        ck_assert_int_eq(original_destination(fd, &addr), each.result);
        ck_assert_uint_eq(sockaddr_length(&addr), 0);
    }
    answer = {};
    close(fd);
    mio_addr addr = {};
    ck_assert_int_eq(original_destination(-1, &addr), -EBADF);
}
END_TEST

START_TEST(an_error_for_the_pidfd_of_the_peer_is_documented)
{
    const Translation cases[] = {
        {ENODATA, -ENOTCONN}, {ENOPROTOOPT, -ENOTSUP}, {EINVAL, -ESRCH}, {EMFILE, -EMFILE}, {ENOMEM, -ENOMEM}};
    for (const Translation &each : cases) {
        mio_handle pidfd = 1234;
        answer = {SOL_SOCKET, SO_PEERPIDFD, each.error, nullptr, 0};
        ck_assert_int_eq(unix_peer_pidfd(0, &pidfd), each.result);
        ck_assert_int_eq(pidfd, 1234);
    }
    answer = {};
}
END_TEST

START_TEST(the_pidfd_of_the_peer_is_nonblocking_and_close_on_exec)
{
    int ends[2];
    mio_handle pidfd = MIO_HANDLE_NONE;
    ck_assert_int_eq(pipe(ends), 0);
    answer = {SOL_SOCKET, SO_PEERPIDFD, 0, &ends[0], sizeof ends[0]};
    ck_assert_int_eq(unix_peer_pidfd(0, &pidfd), 0);
    ck_assert_int_eq(pidfd, ends[0]);
    ck_assert_int_ne(fcntl(pidfd, F_GETFD) & FD_CLOEXEC, 0);
    ck_assert_int_ne(fcntl(pidfd, F_GETFL) & O_NONBLOCK, 0);
    // If the library cannot set the flags of the pidfd, the call fails.
    ends[0] = -1;
    ck_assert_int_eq(unix_peer_pidfd(0, &pidfd), -EBADF);
    answer = {};
    close(pidfd);
    close(ends[1]);
}
END_TEST

START_TEST(an_error_for_the_credentials_or_groups_of_the_peer_is_documented)
{
    const Translation cases[] = {{ENODATA, -ENOTCONN}, {ENOPROTOOPT, -ENOTSUP}, {EFAULT, -EFAULT}};
    for (const Translation &each : cases) {
        uint32_t group = 0;
        size_t count = 77;
        answer = {SOL_SOCKET, SO_PEERGROUPS, each.error, nullptr, 0};
        ck_assert_int_eq(unix_peer_groups(0, &group, 1, &count), each.result);
        ck_assert_uint_eq(count, 77);
    }
    mio_unix_credentials credentials = {};
    answer = {SOL_SOCKET, SO_PEERCRED, ENOTSOCK, nullptr, 0};
    ck_assert_int_eq(unix_peer_credentials(0, &credentials), -ENOTSOCK);
    answer = {};
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("socket_answers");
    TCase *cases = tcase_create("socket_answers");
    tcase_add_test(cases, the_original_destination_has_the_family_of_the_socket);
    tcase_add_test(cases, an_error_for_the_original_destination_is_documented);
    tcase_add_test(cases, an_error_for_the_pidfd_of_the_peer_is_documented);
    tcase_add_test(cases, the_pidfd_of_the_peer_is_nonblocking_and_close_on_exec);
    tcase_add_test(cases, an_error_for_the_credentials_or_groups_of_the_peer_is_documented);
    suite_add_tcase(suite, cases);
    return run(suite);
}
