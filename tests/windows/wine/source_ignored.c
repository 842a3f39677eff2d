/* SPDX-License-Identifier: MIT */
/*
 * On Windows, WSASendMsg uses the address in its control data as the source address of the datagram. Wine ignores the
 * control data.
 */
#include "wine.h"

int main(void)
{
    struct sockaddr_in name;
    struct sockaddr_in sender;
    const SOCKET receiver = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    const SOCKET client = open_bound(SOCK_DGRAM, INADDR_ANY, &sender);
    union {
        WSACMSGHDR header;
        char bytes[WSA_CMSG_SPACE(sizeof(IN_PKTINFO))];
    } control = {.bytes = {0}};
    const IN_PKTINFO from = {.ipi_addr.s_addr = htonl(0x7f000002)};
    WSABUF piece = {.len = 1, .buf = (char[]){"x"}};
    WSAMSG message = {.name = (struct sockaddr *)&name,
                      .namelen = sizeof name,
                      .lpBuffers = &piece,
                      .dwBufferCount = 1,
                      .Control = {.len = sizeof control, .buf = control.bytes}};
    control.header.cmsg_len = WSA_CMSG_LEN(sizeof from);
    control.header.cmsg_level = IPPROTO_IP;
    control.header.cmsg_type = IP_PKTINFO;
    memcpy(WSA_CMSG_DATA(&control.header), &from, sizeof from);
    DWORD sent;
    REQUIRE(WSASendMsg(client, &message, 0, &sent, NULL, NULL) == 0);
    char byte;
    int length = sizeof sender;
    REQUIRE(recvfrom(receiver, &byte, 1, 0, (struct sockaddr *)&sender, &length) == 1);
    return shows(sender.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
}
