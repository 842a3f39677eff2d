// SPDX-License-Identifier: MIT
// Tests the credentials of messages on FreeBSD. This file defines the structures and numbers of FreeBSD.
#include "unix/calls.hpp"
#include "unix/int_option.hpp"
#include "unix/socket_name.hpp"

#include "../helpers/run_suite.hpp"

#include <check.h>
#include <errno.h>
#include <mio/option.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct cmsgcred {
    pid_t cmcred_pid;
    uid_t cmcred_uid;
    uid_t cmcred_euid;
    gid_t cmcred_gid;
    short cmcred_ngroups;
    gid_t cmcred_groups[16];
};

struct sockcred2 {
    int sc_version;
    pid_t sc_pid;
    uid_t sc_uid;
    uid_t sc_euid;
    gid_t sc_gid;
    gid_t sc_egid;
    int sc_ngroups;
    gid_t sc_groups[1];
};

#define SCM_CREDS 0x03
#define SCM_CREDS2 0x08
// On FreeBSD, LOCAL_CREDS_PERSISTENT has the same number as IP_TOS, and the level SOL_LOCAL has the same number as the
// level IPPROTO_IP. The library must not confuse the two options.
#define LOCAL_CREDS_PERSISTENT IP_TOS
#undef SO_PASSCRED

#include "bsd/credentials.cc"
#include "unix/socket_options.cc"

using namespace mio::impl;

namespace {

union Message {
    cmsghdr header;
    unsigned char bytes[CMSG_SPACE(sizeof(Claim))];
};

constexpr mio_unix_credentials unset = {sizeof(mio_unix_credentials), -5, 12345, 54321};

mio_unix_credentials own()
{
    return {sizeof(mio_unix_credentials), getpid(), getuid(), getgid()};
}

void expect_read(const Message &message, int32_t pid, uint32_t uid, uint32_t gid)
{
    mio_unix_credentials credentials = unset;
    ck_assert(read_credentials(&message.header, &credentials));
    ck_assert_int_eq(credentials.pid, pid);
    ck_assert_uint_eq(credentials.uid, uid);
    ck_assert_uint_eq(credentials.gid, gid);
}

void expect_not_read(const Message &message)
{
    mio_unix_credentials credentials = unset;
    ck_assert(!read_credentials(&message.header, &credentials));
    ck_assert_mem_eq(&credentials, &unset, sizeof unset);
}

START_TEST(the_real_user_and_group_are_read)
{
    Message message = {};
    const cmsgcred stated = {7, 8, 9, 10, 1, {11}};
    put_control_message(message.bytes, SOL_SOCKET, SCM_CREDS, &stated, sizeof stated);
    expect_read(message, 7, 8, 10);
    const sockcred2 added = {0, 17, 18, 19, 20, 21, 1, {22}};
    put_control_message(message.bytes, SOL_SOCKET, SCM_CREDS2, &added, sizeof added);
    expect_read(message, 17, 18, 20);
    put_control_message(message.bytes, SOL_SOCKET, SCM_CREDS2, &added, offsetof(sockcred2, sc_groups));
    expect_read(message, 17, 18, 20);
}
END_TEST

START_TEST(other_messages_are_not_read)
{
    Message message = {};
    const sockcred2 added = {};
    const cmsgcred stated = {};
    put_control_message(message.bytes, SOL_SOCKET, SCM_CREDS2, &added, offsetof(sockcred2, sc_groups) - 1);
    expect_not_read(message);
    put_control_message(message.bytes, SOL_SOCKET, SCM_CREDS, &added, 24); // struct sockcred with one group
    expect_not_read(message);
    put_control_message(message.bytes, SOL_SOCKET, SCM_RIGHTS, &stated, sizeof stated);
    expect_not_read(message);
    put_control_message(message.bytes, IPPROTO_IP, SCM_CREDS2, &added, sizeof added);
    expect_not_read(message);
}
END_TEST

START_TEST(only_own_credentials_can_be_claimed)
{
    Claim claim = {};
    mio_unix_credentials credentials = own();
    ck_assert_int_eq(make_claim(&credentials, &claim), 0);
    ck_assert_int_eq(claim.type, SCM_CREDS);
    ck_assert_uint_eq(claim.size, sizeof(cmsgcred));
    credentials.pid++;
    ck_assert_int_eq(make_claim(&credentials, &claim), -EPERM);
    credentials = own();
    credentials.uid++;
    ck_assert_int_eq(make_claim(&credentials, &claim), -EPERM);
    credentials = own();
    credentials.gid++;
    ck_assert_int_eq(make_claim(&credentials, &claim), -EPERM);
}
END_TEST

START_TEST(the_option_leaves_the_type_of_service_of_an_ip_socket_alone)
{
    int64_t value = 77;
    const int ip = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_eq(set_socket_option(ip, MIO_OPTION_PASS_CREDENTIALS, 1), -ENOPROTOOPT);
    ck_assert_int_eq(socket_option(ip, MIO_OPTION_PASS_CREDENTIALS, &value), -ENOPROTOOPT);
    ck_assert_int_eq(int_option(ip, IPPROTO_IP, IP_TOS), 0);
    close(ip);
}
END_TEST

// FreeBSD before 13 lacks LOCAL_CREDS_PERSISTENT. This program runs on Linux, where system calls for this option fail
// as well, because a Unix socket rejects the level of the option.
START_TEST(an_older_kernel_lacks_the_option)
{
    int64_t value = 77;
    const int local = socket(AF_UNIX, SOCK_DGRAM, 0);
    ck_assert_int_eq(set_socket_option(local, MIO_OPTION_PASS_CREDENTIALS, 1), -ENOTSUP);
    ck_assert_int_eq(socket_option(local, MIO_OPTION_PASS_CREDENTIALS, &value), -ENOTSUP);
    close(local);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("freebsd_credentials");
    TCase *tcase = tcase_create("freebsd_credentials");
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, the_real_user_and_group_are_read);
    tcase_add_test(tcase, other_messages_are_not_read);
    tcase_add_test(tcase, only_own_credentials_can_be_claimed);
    tcase_add_test(tcase, the_option_leaves_the_type_of_service_of_an_ip_socket_alone);
    tcase_add_test(tcase, an_older_kernel_lacks_the_option);
    return run(suite);
}
