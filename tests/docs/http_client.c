/* SPDX-License-Identifier: MIT */
/* A client for http.sh that can send and read in ways that curl cannot. The program does not use mio, so it sees the
 * system's own results.
 *
 *     http_client PORT relay    sends its standard input and prints the answers as they arrive, until the server closes
 *                               the connection
 *     http_client PORT bytes    like relay, but sends a byte at a time
 *     http_client PORT drip     like bytes, but with a pause after each byte
 *     http_client PORT half     like relay, but shuts down its sending side after its input
 *     http_client PORT urgent   sends its input with an out-of-band byte in the middle, prints "sent", and then prints
 *                               the answers like relay
 *     http_client PORT greedy   sends its input again and again and reads no answer, until the server closes
 *                               the connection
 *     http_client PORT hold     connects 100 times, prints "held", and stays until its input ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[65536];

static int connect_to(int port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    addr.sin_port = htons((unsigned short)port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0) return -1;
    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ? -1 : fd;
}

/* Returns false if the server has reset the connection. */
static int send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = send(fd, data, size, MSG_NOSIGNAL);
        if (count <= 0) return 0;
        data += count;
        size -= (size_t)count;
    }
    return 1;
}

/* Prints the bytes that arrive until the server closes the connection. Returns 0, or 1 if the server has reset
 * the connection. */
static int relay(int fd, size_t piece, int pause_ms, int half)
{
    struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int orderly = 1;
    for (;;) {
        poll(NULL, 0, pause_ms);
        if (poll(fds, 2, -1) < 0) return 1;
        if (fds[0].revents != 0) {
            ssize_t count = recv(fd, buffer, sizeof buffer, 0);
            if (count <= 0) return count < 0 || !orderly;
            fwrite(buffer, 1, (size_t)count, stdout);
            fflush(stdout);
        }
        if (fds[1].revents != 0) {
            ssize_t count = read(STDIN_FILENO, buffer, piece);
            if (count > 0) {
                orderly = send_all(fd, buffer, (size_t)count) && orderly;
            } else {
                fds[1].fd = -1;
                pause_ms = 0;
                if (half) shutdown(fd, SHUT_WR);
            }
        }
    }
}

/* Returns 1 if the server has reset the connection. */
static int urgent(int fd)
{
    size_t size = fread(buffer, 1, sizeof buffer, stdin);
    size_t half = size / 2;
    if (!send_all(fd, buffer, half) || send(fd, "!", 1, MSG_OOB) != 1) return 1;
    if (!send_all(fd, buffer + half, size - half)) return 1;
    puts("sent");
    fflush(stdout);
    return relay(fd, sizeof buffer, 0, 0);
}

static int greedy(int fd)
{
    ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
    while (size > 0 && send(fd, buffer, (size_t)size, MSG_NOSIGNAL) > 0)
        continue;
    return size > 0 && (errno == EPIPE || errno == ECONNRESET) ? 0 : 1;
}

static int hold(int port)
{
    for (int i = 1; i < 100; i++)
        if (connect_to(port) < 0) return 1;
    puts("held");
    fflush(stdout);
    while (read(STDIN_FILENO, buffer, sizeof buffer) > 0)
        continue;
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc == 3 ? argv[2] : "";
    int fd = argc == 3 ? connect_to(atoi(argv[1])) : -1;
    if (fd < 0) {
        perror("http_client");
        return 2;
    }
    alarm(60); /* ends a client that waits for ever */
    if (strcmp(mode, "relay") == 0) return relay(fd, sizeof buffer, 0, 0);
    if (strcmp(mode, "bytes") == 0) return relay(fd, 1, 0, 0);
    if (strcmp(mode, "drip") == 0) return relay(fd, 1, 50, 0);
    if (strcmp(mode, "half") == 0) return relay(fd, sizeof buffer, 0, 1);
    if (strcmp(mode, "urgent") == 0) return urgent(fd);
    if (strcmp(mode, "hold") == 0) return hold(atoi(argv[1]));
    return strcmp(mode, "greedy") == 0 ? greedy(fd) : 2;
}
