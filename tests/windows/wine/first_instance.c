/* SPDX-License-Identifier: MIT */
/*
 * With FILE_FLAG_FIRST_PIPE_INSTANCE, making a second pipe with the same name fails with ERROR_ACCESS_DENIED. Wine
 * makes the second pipe.
 */
#include "wine.h"

static HANDLE make_pipe(void)
{
    const DWORD mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE;
    return CreateNamedPipeW(L"\\\\.\\pipe\\mio-wine-first", mode, PIPE_TYPE_BYTE, 2, 0, 0, 0, NULL);
}

int main(void)
{
    REQUIRE(make_pipe() != INVALID_HANDLE_VALUE);
    return shows(make_pipe() != INVALID_HANDLE_VALUE);
}
