// SPDX-License-Identifier: MIT
// Tests how a datagram socket changes or loses its peer on systems such as the BSDs. On these systems, connect(2) to
// AF_UNSPEC removes the peer and still returns an error. The systems also lack SO_BINDTODEVICE.
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "port/unix_sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/socket_name.hpp"

#include "../helpers/run_suite.hpp"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

using namespace mio::impl;

namespace {

bool is_dissolving = true; // if false, connect(2) to AF_UNSPEC fails, and the socket keeps its peer
int rejection = EAFNOSUPPORT;

} // namespace

extern "C" int connect(int fd, const sockaddr *addr, socklen_t length)
{
    if (addr->sa_family != AF_UNSPEC) return static_cast<int>(syscall(SYS_connect, fd, addr, length));
    if (is_dissolving && syscall(SYS_connect, fd, addr, length) != 0) return -1;
    errno = rejection;
    return -1;
}

extern "C" int getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    if (level != SOL_SOCKET || name != SO_BINDTODEVICE)
        return static_cast<int>(syscall(SYS_getsockopt, fd, level, name, value, size));
    errno = ENOPROTOOPT;
    return -1;
}

namespace {

struct Udp {
    int fd;
    mio_addr name;
};

Udp open_udp()
{
    const sockaddr_in loopback = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
    Udp made = {socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), {}};
    ck_assert_int_eq(bind(made.fd, reinterpret_cast<const sockaddr *>(&loopback), sizeof loopback), 0);
    ck_assert_int_eq(socket_name(made.fd, &made.name), 0);
    return made;
}

void expect_peer(int fd, const mio_addr &expected)
{
    mio_addr peer;
    ck_assert_int_eq(peer_name(fd, &peer), 0);
    ck_assert_int_eq(endpoint_of(&peer).port, endpoint_of(&expected).port);
}

START_TEST(a_udp_socket_goes_from_peer_to_peer_and_is_dissolved)
{
    const Udp peers[] = {open_udp(), open_udp()};
    const Udp socket = open_udp();
    bool device_is_peers = false;
    for (const Udp &peer : peers) {
        ck_assert_int_eq(associate_socket(socket.fd, &peer.name, &device_is_peers), 0);
        expect_peer(socket.fd, peer.name);
    }
    ck_assert_int_eq(dissolve_association(socket.fd, &device_is_peers), 0);
    mio_addr addr;
    ck_assert_int_eq(peer_name(socket.fd, &addr), -ENOTCONN);
    ck_assert_int_eq(socket_name(socket.fd, &addr), 0);
    ck_assert_int_eq(endpoint_of(&addr).port, endpoint_of(&socket.name).port);
    close(peers[0].fd);
    close(peers[1].fd);
    close(socket.fd);
}
END_TEST

START_TEST(a_unix_datagram_socket_is_dissolved)
{
    int pair[2];
    mio_addr peer;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
    ck_assert_int_eq(disconnect_unix_socket(pair[0]), 0);
    ck_assert_int_eq(peer_name(pair[0], &peer), -ENOTCONN);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

// NetBSD checks the length of the address before the family. If the length is wrong for the socket, connect(2) returns
// EINVAL. But the call has already disconnected the socket from its peer.
START_TEST(a_rejection_for_the_length_dissolves_as_well)
{
    rejection = EINVAL;
    const Udp peer = open_udp();
    const Udp socket = open_udp();
    bool device_is_peers = false;
    mio_addr addr;
    ck_assert_int_eq(associate_socket(socket.fd, &peer.name, &device_is_peers), 0);
    ck_assert_int_eq(dissolve_association(socket.fd, &device_is_peers), 0);
    ck_assert_int_eq(peer_name(socket.fd, &addr), -ENOTCONN);
    close(peer.fd);
    close(socket.fd);
    rejection = EAFNOSUPPORT;
}
END_TEST

START_TEST(an_association_that_stays_is_an_error)
{
    const Udp peer = open_udp();
    const Udp socket = open_udp();
    bool device_is_peers = false;
    ck_assert_int_eq(associate_socket(socket.fd, &peer.name, &device_is_peers), 0);
    is_dissolving = false;
    ck_assert_int_eq(dissolve_association(socket.fd, &device_is_peers), -EAFNOSUPPORT);
    is_dissolving = true;
    expect_peer(socket.fd, peer.name);
    close(socket.fd);
    close(peer.fd);
}
END_TEST

} // namespace

int main()
{
    Suite *suite = suite_create("association");
    TCase *cases = tcase_create("association");
    tcase_add_test(cases, a_udp_socket_goes_from_peer_to_peer_and_is_dissolved);
    tcase_add_test(cases, a_unix_datagram_socket_is_dissolved);
    tcase_add_test(cases, a_rejection_for_the_length_dissolves_as_well);
    tcase_add_test(cases, an_association_that_stays_is_an_error);
    suite_add_tcase(suite, cases);
    return run(suite);
}
