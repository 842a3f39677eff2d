/* SPDX-License-Identifier: MIT */
/* Windows has Unix stream sockets. Wine has none: WSASocketW fails with WSAEAFNOSUPPORT. */
#include "wine.h"

int main(void)
{
    closesocket(open_socket(SOCK_STREAM)); /* starts Winsock */
    const SOCKET made = WSASocketW(AF_UNIX, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    return shows(made == INVALID_SOCKET && WSAGetLastError() == WSAEAFNOSUPPORT);
}
