/* SPDX-License-Identifier: MIT */
/*
 * When a datagram socket connects to the address 0, Windows removes the peer of the socket. Then send() fails with
 * WSAENOTCONN. In Wine send() succeeds.
 */
#include "wine.h"

int main(void)
{
    struct sockaddr_in name;
    const SOCKET peer = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    const SOCKET client = open_socket(SOCK_DGRAM);
    const struct sockaddr_in nobody = {.sin_family = AF_INET};
    REQUIRE(connect(client, (struct sockaddr *)&name, sizeof name) == 0);
    REQUIRE(connect(client, (const struct sockaddr *)&nobody, sizeof nobody) == 0);
    const bool sent = send(client, "x", 1, 0) == 1;
    closesocket(peer);
    return shows(sent);
}
