/* SPDX-License-Identifier: MIT */
/* Polls a socket by AFD, as the library does. */
#ifndef MIO_TESTS_WINDOWS_AFD_H
#define MIO_TESTS_WINDOWS_AFD_H

#include "wine.h"

#include <winternl.h>

enum { AFD_POLL = 0x12024, AFD_DISCONNECT = 8, AFD_CONNECT_FAIL = 0x100, PENDING = 0x103 };

/* AFD reads and writes the fields up to `status`. */
typedef struct afd_poll {
    LARGE_INTEGER timeout;
    ULONG count;
    ULONG exclusive;
    HANDLE socket;
    ULONG events;
    NTSTATUS status;
    IO_STATUS_BLOCK result;
    HANDLE ended;
} afd_poll;

/* Begins a poll that ends after at most half a second. Returns the status: 0 or PENDING. */
static inline NTSTATUS begin_poll(afd_poll *poll, SOCKET socket, ULONG events)
{
    *poll = (afd_poll){.timeout.QuadPart = -5000000, .count = 1, .socket = (HANDLE)socket, .events = events};
    poll->ended = CreateEventW(NULL, TRUE, FALSE, NULL);
    return NtDeviceIoControlFile(poll->socket, poll->ended, NULL, NULL, &poll->result, AFD_POLL, poll,
                                 offsetof(afd_poll, result), poll, offsetof(afd_poll, result));
}

static inline void end_poll(const afd_poll *poll)
{
    REQUIRE(WaitForSingleObject(poll->ended, 5000) == WAIT_OBJECT_0);
}

#endif
