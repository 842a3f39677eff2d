/* SPDX-License-Identifier: MIT */
/* For examples.sh: "udp_client ADDRESS PORT TEXT" sends TEXT to an IPv4 address, which may be a multicast or broadcast
 * address of the loopback interface, and prints the first datagram that arrives. The program does not use mio, so it
 * sees the system's own results. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    struct in_addr loopback = {htonl(INADDR_LOOPBACK)};
    char answer[100];
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (argc != 4 || inet_pton(AF_INET, argv[1], &addr.sin_addr) != 1) return 2;
    addr.sin_port = htons((unsigned short)atoi(argv[2]));
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback) < 0)
        return fail("socket");
    if (sendto(fd, argv[3], strlen(argv[3]), 0, (struct sockaddr *)&addr, sizeof addr) < 0) return fail(argv[1]);
    alarm(20); /* ends a client that waits for ever */
    ssize_t count = recv(fd, answer, sizeof answer, 0);
    if (count < 0) return fail("recv");
    printf("%.*s\n", (int)count, answer);
    return 0;
}
