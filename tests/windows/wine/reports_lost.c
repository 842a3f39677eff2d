/* SPDX-License-Identifier: MIT */
/*
 * A socket sends a datagram to a port that no socket is bound to. If the sender has set SIO_UDP_CONNRESET, its next
 * receive fails with WSAECONNRESET. Wine accepts SIO_UDP_CONNRESET, but the next receive does not report this error.
 */
#include "wine.h"

int main(void)
{
    struct sockaddr_in name;
    struct sockaddr_in nobody;
    const SOCKET sender = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    closesocket(open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &nobody));
    BOOL on = TRUE;
    DWORD unused;
    char byte;
    REQUIRE(WSAIoctl(sender, SIO_UDP_CONNRESET, &on, sizeof on, NULL, 0, &unused, NULL, NULL) == 0);
    become_nonblocking(sender);
    REQUIRE(connect(sender, (struct sockaddr *)&nobody, sizeof nobody) == 0);
    REQUIRE(send(sender, "x", 1, 0) == 1);
    Sleep(100);
    return shows(recv(sender, &byte, 1, 0) == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK);
}
