// SPDX-License-Identifier: MIT
// Finds the original destination of a connection that Linux has redirected to this process (iptables-extensions(8),
// REDIRECT and DNAT).
#include "port/redirection.hpp"

#include "port/addresses.hpp"
#include "port/sockets.hpp"
#include "unix/addresses.hpp"
#include "unix/calls.hpp"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mio::impl {

namespace {

// The value of SO_ORIGINAL_DST and of IP6T_SO_ORIGINAL_DST. The headers that define these names conflict with
// <netinet/in.h>. The headers are <linux/netfilter_ipv4.h> and <linux/netfilter_ipv6/ip6_tables.h>.
constexpr int so_original_dst = 80;

// Stores the original destination in *addr. `is_v4` means that the packets of the connection are IPv4. If the
// packets are IPv4, the kernel finds the connection only through the option of IPv4, even on an IPv6 socket.
int tracked_destination(int fd, bool is_v4, mio_addr *addr)
{
    socklen_t length = is_v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    const int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
    const int failed = result_of(getsockopt(fd, level, so_original_dst, sockaddr_of(addr), &length));
    if (failed == 0) set_sockaddr_length(addr, length);
    // ENOPROTOOPT or ENOTSUP means that the kernel module of the option SO_ORIGINAL_DST is not loaded.
    if (failed == -ENOPROTOOPT) return -ENOTSUP;
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
    // If an IPv6 socket has an IPv4 connection, report an IPv4-mapped address, as getpeername(2) does.
    const Endpoint there = endpoint_of(&original);
    return store_endpoint(addr, here.family == MIO_ADDR_IPV6 ? mapped(there) : there);
}

} // namespace mio::impl
