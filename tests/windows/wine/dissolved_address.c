/* SPDX-License-Identifier: MIT */
/*
 * When a datagram socket that is bound to all addresses connects to a peer, the socket gets a local address. When the
 * program disconnects the socket from the peer, Windows binds the socket to all addresses again. In Wine the socket
 * keeps the local address.
 */
#include "wine.h"

int main(void)
{
    struct sockaddr_in name;
    struct sockaddr_in own;
    int length = sizeof own;
    const SOCKET peer = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    const SOCKET client = open_bound(SOCK_DGRAM, INADDR_ANY, &own);
    const struct sockaddr_in nobody = {.sin_family = AF_INET};
    REQUIRE(connect(client, (struct sockaddr *)&name, sizeof name) == 0);
    REQUIRE(connect(client, (const struct sockaddr *)&nobody, sizeof nobody) == 0);
    REQUIRE(getsockname(client, (struct sockaddr *)&own, &length) == 0);
    closesocket(peer);
    return shows(own.sin_addr.s_addr != htonl(INADDR_ANY));
}
