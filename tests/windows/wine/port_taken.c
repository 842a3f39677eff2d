/* SPDX-License-Identifier: MIT */
/* Sockets of different addresses may have one port. Wine refuses the second socket with WSAEADDRINUSE. */
#include "wine.h"

int main(void)
{
    struct sockaddr_in name;
    const SOCKET first = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    const SOCKET second = open_socket(SOCK_DGRAM);
    name.sin_addr.s_addr = htonl(0x7f000002);
    const bool refused = bind(second, (struct sockaddr *)&name, sizeof name) != 0;
    const bool fault = refused && WSAGetLastError() == WSAEADDRINUSE;
    closesocket(first);
    return shows(fault);
}
