/* SPDX-License-Identifier: MIT */
/*
 * Each program of this folder shows a fault of Wine 8, and succeeds if Wine has the fault. Statements about Windows
 * come from the manual of Windows or from the tests of Wine. The programs have not run on Windows.
 */
#ifndef MIO_TESTS_WINDOWS_WINE_H
#define MIO_TESTS_WINDOWS_WINE_H

#include <winsock2.h>

#include <ws2tcpip.h>

#include <mswsock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition) ((condition) ? (void)0 : fail(__LINE__))

static inline void fail(int line)
{
    fprintf(stderr, "line %d: cannot set up: error %d\n", line, WSAGetLastError());
    exit(2);
}

static inline int shows(bool fault)
{
    puts(fault ? "the fault is there" : "no fault: remove the skips that name this program");
    return fault ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline SOCKET open_socket(int type)
{
    WSADATA data;
    REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    const SOCKET made = socket(AF_INET, type, 0);
    REQUIRE(made != INVALID_SOCKET);
    return made;
}

/* Opens a socket, binds it to a free port of the address `addr`, and stores the resulting address in `*name`. */
static inline SOCKET open_bound(int type, unsigned long addr, struct sockaddr_in *name)
{
    const SOCKET made = open_socket(type);
    int length = sizeof *name;
    *name = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(addr)};
    REQUIRE(bind(made, (struct sockaddr *)name, sizeof *name) == 0);
    REQUIRE(getsockname(made, (struct sockaddr *)name, &length) == 0);
    return made;
}

static inline void open_pair(SOCKET pair[2])
{
    struct sockaddr_in name;
    const SOCKET listener = open_bound(SOCK_STREAM, INADDR_LOOPBACK, &name);
    REQUIRE(listen(listener, 1) == 0);
    pair[0] = open_socket(SOCK_STREAM);
    REQUIRE(connect(pair[0], (struct sockaddr *)&name, sizeof name) == 0);
    pair[1] = accept(listener, NULL, NULL);
    REQUIRE(pair[1] != INVALID_SOCKET);
    closesocket(listener);
}

static inline void become_nonblocking(SOCKET socket)
{
    u_long on = 1;
    REQUIRE(ioctlsocket(socket, (long)FIONBIO, &on) == 0);
}

#endif /* MIO_TESTS_WINDOWS_WINE_H */
