/* SPDX-License-Identifier: MIT */
/*
 * The option IP_MULTICAST_IF chooses an interface. On Windows, the value 0.0.0.x means the interface with the index x.
 * In Wine, setting the option fails, because no interface has the IP address 0.0.0.x.
 */
#include "wine.h"

#include <iphlpapi.h>

int main(void)
{
    DWORD number;
    const SOCKET sender = open_socket(SOCK_DGRAM);
    REQUIRE(GetBestInterface(htonl(INADDR_LOOPBACK), &number) == NO_ERROR);
    const DWORD value = htonl(number);
    return shows(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, (const char *)&value, sizeof value) != 0);
}
