/* SPDX-License-Identifier: MIT */
/* Sending on a stream that was never connected fails with WSAENOTCONN. Wine returns WSAECONNRESET. */
#include "wine.h"

int main(void)
{
    const SOCKET stream = open_socket(SOCK_STREAM);
    REQUIRE(send(stream, "x", 1, 0) == SOCKET_ERROR);
    const int error = WSAGetLastError();
    return shows(error == WSAECONNRESET);
}
