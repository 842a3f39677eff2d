/* SPDX-License-Identifier: MIT */
/* AFD of Windows reports the end of a stream when the end arrives. Wine reports the end only after the program has read
   all data. */
#include "wine.h"

#include <winternl.h>

enum { AFD_POLL = 0x12024, DISCONNECT = 8, PENDING = 0x103 };

int main(void)
{
    struct {
        LARGE_INTEGER timeout;
        ULONG count;
        ULONG exclusive;
        HANDLE socket;
        ULONG events;
        NTSTATUS status;
    } info = {.timeout.QuadPart = -5000000, .count = 1, .events = DISCONNECT};
    IO_STATUS_BLOCK result;
    SOCKET pair[2];
    open_pair(pair);
    REQUIRE(send(pair[1], "data", 4, 0) == 4);
    REQUIRE(shutdown(pair[1], SD_SEND) == 0);
    info.socket = (HANDLE)pair[0];
    const HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    const NTSTATUS status = NtDeviceIoControlFile((HANDLE)pair[0], event, NULL, NULL, &result, AFD_POLL, &info,
                                                  sizeof info, &info, sizeof info);
    REQUIRE(status == 0 || status == PENDING);
    REQUIRE(WaitForSingleObject(event, 5000) == WAIT_OBJECT_0);
    return shows(info.count == 0);
}
