/* SPDX-License-Identifier: MIT */
/* MCAST_JOIN_SOURCE_GROUP joins a group for the datagrams of one sender. Wine does not know this option. */
#include "wine.h"

int main(void)
{
    struct sockaddr_in name;
    const SOCKET receiver = open_bound(SOCK_DGRAM, INADDR_ANY, &name);
    GROUP_SOURCE_REQ request = {0};
    struct sockaddr_in *group = (struct sockaddr_in *)&request.gsr_group;
    struct sockaddr_in *sender = (struct sockaddr_in *)&request.gsr_source;
    group->sin_family = AF_INET;
    group->sin_addr.s_addr = htonl(0xe80000c8); /* 232.0.0.200 */
    sender->sin_family = AF_INET;
    sender->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return shows(setsockopt(receiver, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, (const char *)&request, sizeof request) !=
                     0 &&
                 WSAGetLastError() == WSAENOPROTOOPT);
}
