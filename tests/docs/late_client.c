/* SPDX-License-Identifier: MIT */
/* A client for tutorial.sh. "late_client PORT PID" sends to an echo server until the connection accepts no more bytes,
 * and then sends SIGTERM to the server. Then the program reads the answers, up to the end of the stream. The program
 * does not use mio, so it sees the system's own results. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[65536];

int main(int argc, char **argv)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct pollfd server = {.events = POLLOUT};
    if (argc != 3) return 2;
    addr.sin_port = htons((unsigned short)atoi(argv[1]));
    server.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (server.fd < 0 || connect(server.fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
        perror("connect");
        return 1;
    }
    while (poll(&server, 1, 300) == 1)
        if (send(server.fd, buffer, sizeof buffer, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
            perror("send");
            return 1;
        }
    kill((pid_t)atoi(argv[2]), SIGTERM);
    poll(NULL, 0, 300);

    ssize_t count;
    do
        count = read(server.fd, buffer, sizeof buffer);
    while (count > 0);
    if (count < 0) perror("read");
    return count < 0;
}
