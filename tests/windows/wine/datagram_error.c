/* SPDX-License-Identifier: MIT */
/*
 * With SIO_UDP_CONNRESET off, an ICMP error has no effect on a UDP socket. Wine ignores the option, and its AFD reports
 * the error as a failed connect.
 */
#include "afd.h"

int main(void)
{
    struct sockaddr_in name;
    afd_poll poll;
    DWORD length;
    BOOL off = FALSE;
    const SOCKET peer = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    const SOCKET made = open_socket(SOCK_DGRAM);
    REQUIRE(WSAIoctl(made, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &length, NULL, NULL) == 0);
    REQUIRE(connect(made, (struct sockaddr *)&name, sizeof name) == 0);
    closesocket(peer);
    REQUIRE(begin_poll(&poll, made, AFD_CONNECT_FAIL) == PENDING);
    REQUIRE(send(made, "data", 4, 0) == 4);
    end_poll(&poll);
    return shows(poll.count == 1 && poll.events == AFD_CONNECT_FAIL);
}
