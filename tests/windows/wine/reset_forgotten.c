/* SPDX-License-Identifier: MIT */
/* Receiving from a connection that was reset fails with WSAECONNRESET. In Wine, WSAPoll clears this error. */
#include "wine.h"

int main(void)
{
    SOCKET pair[2];
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    char byte;
    open_pair(pair);
    REQUIRE(setsockopt(pair[1], SOL_SOCKET, SO_LINGER, (const char *)&now, sizeof now) == 0);
    closesocket(pair[1]);
    WSAPOLLFD entry = {.fd = pair[0], .events = POLLIN};
    REQUIRE(WSAPoll(&entry, 1, 5000) == 1);
    return shows(recv(pair[0], &byte, 1, 0) == 0);
}
