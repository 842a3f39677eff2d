/* SPDX-License-Identifier: MIT */
/* IP_MULTICAST_IF takes the number of an interface as the address 0.0.0.x. Wine reads the number as an address. */
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
