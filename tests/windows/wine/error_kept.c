/* SPDX-License-Identifier: MIT */
/* SO_ERROR returns the reason of a refused connection once. Wine returns the reason each time. */
#include "wine.h"

static int error_of(SOCKET socket)
{
    int error;
    int length = sizeof error;
    REQUIRE(getsockopt(socket, SOL_SOCKET, SO_ERROR, (char *)&error, &length) == 0);
    return error;
}

int main(void)
{
    struct sockaddr_in name;
    const SOCKET refusing = open_bound(SOCK_STREAM, INADDR_LOOPBACK, &name); /* does not listen */
    const SOCKET client = open_socket(SOCK_STREAM);
    struct timeval wait = {.tv_sec = 5};
    become_nonblocking(client);
    REQUIRE(connect(client, (struct sockaddr *)&name, sizeof name) != 0);
    REQUIRE(WSAGetLastError() == WSAEWOULDBLOCK);
    fd_set failed = {.fd_count = 1, .fd_array = {client}};
    REQUIRE(select(0, NULL, NULL, &failed, &wait) == 1);
    REQUIRE(error_of(client) == WSAECONNREFUSED);
    closesocket(refusing);
    return shows(error_of(client) == WSAECONNREFUSED);
}
