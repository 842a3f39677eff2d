/* SPDX-License-Identifier: MIT */
/* Two sockets on different addresses may have the same port. In Wine, bind fails for the second socket with
   WSAEADDRINUSE. */
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
