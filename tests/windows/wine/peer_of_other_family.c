/* SPDX-License-Identifier: MIT */
/*
 * On Windows, a datagram socket gets a new local address for each new peer. In Wine, the socket keeps the local address
 * that it got with its first peer. So the socket cannot connect to a peer of the other address family.
 */
#include "wine.h"

static struct sockaddr_in6 name_of(const char *addr)
{
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    REQUIRE(inet_pton(AF_INET6, addr, &name.sin6_addr) == 1);
    return name;
}

int main(void)
{
    const struct sockaddr_in6 first = name_of("::ffff:127.0.0.1");
    const struct sockaddr_in6 second = name_of("::1");
    const DWORD off = 0;
    closesocket(open_socket(SOCK_DGRAM)); /* starts Winsock */
    const SOCKET client = socket(AF_INET6, SOCK_DGRAM, 0);
    REQUIRE(setsockopt(client, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&off, sizeof off) == 0);
    REQUIRE(connect(client, (const struct sockaddr *)&first, sizeof first) == 0);
    return shows(connect(client, (const struct sockaddr *)&second, sizeof second) != 0);
}
