/* SPDX-License-Identifier: MIT */
/* AFD of Windows reports the end of a stream when the end arrives. Wine reports the end only after the program has read
   all data. */
#include "afd.h"

int main(void)
{
    afd_poll poll;
    SOCKET pair[2];
    open_pair(pair);
    REQUIRE(send(pair[1], "data", 4, 0) == 4);
    REQUIRE(shutdown(pair[1], SD_SEND) == 0);
    const NTSTATUS status = begin_poll(&poll, pair[0], AFD_DISCONNECT);
    REQUIRE(status == 0 || status == PENDING);
    end_poll(&poll);
    return shows(poll.count == 0);
}
