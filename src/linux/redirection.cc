// SPDX-License-Identifier: MIT
// Where a connection went before Linux redirected it here (iptables-extensions(8), REDIRECT and DNAT).
#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

// Of <linux/netfilter_ipv4.h> and <linux/netfilter_ipv6/ip6_tables.h>, which do not go with <netinet/in.h>. Both
// families have the same number.
constexpr int so_original_dst = 80;

// What is tracked is known by the family of its packets.
int tracked_destination(int fd, bool is_v4, mio_addr *addr)
{
    socklen_t length = is_v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    const int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
    const int failed = result_of(getsockopt(fd, level, so_original_dst, sockaddr_of(addr), &length));
    if (failed == 0) set_sockaddr_length(addr, length);
    // The option belongs to a module that need not be there.
    if (failed == -ENOPROTOOPT || failed == -EOPNOTSUPP) return -ENOTSUP;
    return failed == -ENOENT ? -ENODATA : failed;
}

} // namespace

int original_destination(mio_handle handle, mio_addr *addr)
{
    mio_addr local = {};
    mio_addr original = {};
    int failed = socket_local_addr(handle, &local);
    if (failed != 0) return failed;
    const Endpoint here = endpoint_of(&local);
    const bool is_v4 = unmapped(here).family == MIO_ADDR_IPV4;
    failed = tracked_destination(handle, is_v4, &original);
    if (failed != 0) return failed;
    // What IPv4 brings to a socket of IPv6 has an IPv4-mapped address there, as its peer has.
    const Endpoint there = endpoint_of(&original);
    return store_endpoint(addr, here.family == MIO_ADDR_IPV6 ? mapped(there) : there);
}

} // namespace mio::impl
