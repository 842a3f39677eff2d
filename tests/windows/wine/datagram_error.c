/* SPDX-License-Identifier: MIT */
/*
 * With SIO_UDP_CONNRESET off, an ICMP error changes nothing at a UDP socket. Wine ignores the option, and its AFD
 * reports the error as a failed connect.
 */
#include "wine.h"

#include <winternl.h>

enum { AFD_POLL = 0x12024, CONNECT_FAIL = 0x100, PENDING = 0x103 };

int main(void)
{
    struct {
        LARGE_INTEGER timeout;
        ULONG count;
        ULONG exclusive;
        HANDLE socket;
        ULONG events;
        NTSTATUS status;
    } info = {.timeout.QuadPart = -5000000, .count = 1, .events = CONNECT_FAIL};
    struct sockaddr_in name;
    IO_STATUS_BLOCK result;
    DWORD length;
    BOOL off = FALSE;
    const SOCKET peer = open_bound(SOCK_DGRAM, INADDR_LOOPBACK, &name);
    const SOCKET made = open_socket(SOCK_DGRAM);
    REQUIRE(WSAIoctl(made, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &length, NULL, NULL) == 0);
    REQUIRE(connect(made, (struct sockaddr *)&name, sizeof name) == 0);
    closesocket(peer);
    info.socket = (HANDLE)made;
    const HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    const NTSTATUS status = NtDeviceIoControlFile((HANDLE)made, event, NULL, NULL, &result, AFD_POLL, &info,
                                                  sizeof info, &info, sizeof info);
    REQUIRE(status == PENDING);
    REQUIRE(send(made, "data", 4, 0) == 4);
    REQUIRE(WaitForSingleObject(event, 5000) == WAIT_OBJECT_0);
    return shows(info.count == 1 && info.events == CONNECT_FAIL);
}
