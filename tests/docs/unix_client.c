/* SPDX-License-Identifier: MIT */
/* For examples.sh: connects to a Unix socket, sends its standard input there, and meanwhile prints the bytes that
 * arrive. The program does not use mio, so it sees the system's own results. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Reads from `from` once, and writes the bytes to `to`. Returns the result of read, or -1 if writing fails. */
static ssize_t copy(int from, int to)
{
    char buffer[4096];
    ssize_t count = read(from, buffer, sizeof buffer);
    return count > 0 && write(to, buffer, (size_t)count) != count ? -1 : count;
}

int main(int argc, char **argv)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.events = POLLIN}};
    if (argc != 2 || strlen(argv[1]) >= sizeof addr.sun_path) return 2;
    strcpy(addr.sun_path, argv[1]);
    fds[1].fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fds[1].fd < 0 || connect(fds[1].fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
        perror(argv[1]);
        return 1;
    }
    for (;;) {
        if (poll(fds, 2, -1) < 0) return 1;
        if (fds[0].revents != 0 && copy(fds[0].fd, fds[1].fd) <= 0) {
            shutdown(fds[1].fd, SHUT_WR);
            fds[0].fd = -1;
        }
        if (fds[1].revents != 0) {
            ssize_t count = copy(fds[1].fd, STDOUT_FILENO);
            if (count <= 0) return count == 0 ? 0 : 1;
        }
    }
}
