/* SPDX-License-Identifier: MIT */
/*
 * A program can pass the number x of an interface to IP_MULTICAST_IF as the address 0.0.0.x. Wine looks for an
 * interface that has the address 0.0.0.x.
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
