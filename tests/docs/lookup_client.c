/* SPDX-License-Identifier: MIT */
/*
 * For daemon.sh, this program plays the clients and the service manager of a daemon. The program does not use mio, so
 * it sees the system's own results. TARGET is the path of a Unix socket or a port of 127.0.0.1.
 *
 *   lookup_client talk TARGET         sends standard input and meanwhile prints the answers, until the server closes
 *                                     the connection
 *   lookup_client hold TARGET N       opens N connections and prints "open". For each connection, prints "c" when the
 *                                     server has closed the connection, or "r" when the server has reset it.
 *   lookup_client glut TARGET         sends requests and reads no answer. Prints "stuck" when it can send nothing for
 *                                     half a second, or when the server has closed the connection. Then waits until
 *                                     the server has closed the connection.
 *   lookup_client notify PATH         receives the messages of sd_notify(3) and prints them, with blanks for newlines
 *   lookup_client fill PATH           sends messages to a socket of "notify" until its queue is full
 *   lookup_client clock               prints the time of CLOCK_MONOTONIC in microseconds
 *   lookup_client port                prints a port that is free at this moment
 *   lookup_client pass TYPE COMMAND   runs the command and passes a socket to it as descriptor 3, as a service manager
 *                                     does. TYPE is one of these:
 *                                       datagram   a datagram socket
 *                                       unbound    an unbound stream socket
 *                                       records    a Unix listener for seqpacket sockets
 *                                       shared     a listener that another process keeps open until the command ends
 *                                       many       a listener, as descriptors 3 to 19
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- addresses ---- */

static socklen_t unix_addr(struct sockaddr_un *addr, const char *path)
{
    if (strlen(path) >= sizeof addr->sun_path) exit(2);
    addr->sun_family = AF_UNIX;
    strcpy(addr->sun_path, path);
    return sizeof *addr;
}

static int connected(const char *target)
{
    struct sockaddr_un path = {0};
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    char *end;
    addr.sin_port = htons((unsigned short)strtoul(target, &end, 10));
    int is_port = *end == '\0';
    int fd = socket(is_port ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    int result = is_port ? connect(fd, (struct sockaddr *)&addr, sizeof addr)
                         : connect(fd, (struct sockaddr *)&path, unix_addr(&path, target));
    return result < 0 ? fail(target) : fd;
}

static int print_port(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&addr, length) < 0 || getsockname(fd, (struct sockaddr *)&addr, &length) < 0)
        fail("port");
    printf("%d\n", ntohs(addr.sin_port));
    return 0;
}

/* ---- clients ---- */

/* Reads from `from` once, and writes the bytes to `to`. Returns the result of read, or -1 if writing fails. */
static ssize_t copy(int from, int to)
{
    char buffer[4096];
    ssize_t count = read(from, buffer, sizeof buffer);
    return count > 0 && write(to, buffer, (size_t)count) != count ? -1 : count;
}

static int talk(const char *target)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = connected(target), .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0) fail("poll");
        if (fds[0].revents != 0 && copy(fds[0].fd, fds[1].fd) <= 0) {
            shutdown(fds[1].fd, SHUT_WR);
            fds[0].fd = -1;
        }
        if (fds[1].revents != 0) {
            ssize_t count = copy(fds[1].fd, STDOUT_FILENO);
            if (count < 0) fail(target);
            if (count == 0) return 0;
        }
    }
}

static int hold(const char *target, int count)
{
    struct pollfd fds[256];
    int left = count;
    if (count < 1 || count > 256) return 2;
    for (int i = 0; i < count; i++)
        fds[i] = (struct pollfd){.fd = connected(target), .events = POLLIN};
    puts("open");
    while (left > 0) {
        if (poll(fds, (nfds_t)count, -1) < 0) fail("poll");
        for (int i = 0; i < count; i++) {
            char byte;
            if (fds[i].fd < 0 || fds[i].revents == 0) continue;
            puts(read(fds[i].fd, &byte, 1) == 0 ? "c" : "r");
            fds[i].fd = -1;
            left--;
        }
    }
    return 0;
}

static int glut(const char *target)
{
    static const char requests[] = "get alice\nget bob\nget alice\nget bob\nget alice\nget bob\nget alice\nget bob\n";
    struct pollfd fd = {.fd = connected(target), .events = POLLOUT};
    size_t at = 0;
    int ready;
    while ((ready = poll(&fd, 1, 500)) > 0) {
        ssize_t count = send(fd.fd, requests + at, sizeof requests - 1 - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && (errno == ECONNRESET || errno == EPIPE)) {
            puts("stuck"); /* the server has closed the connection, because the client was stuck too long */
            return 0;
        }
        if (count < 0 && errno != EAGAIN) fail(target);
        if (count > 0) at = (at + (size_t)count) % (sizeof requests - 1);
    }
    puts(ready == 0 ? "stuck" : "failed");
    /* If `events` is 0, poll(2) reports only errors and hang-ups. So the program waits until the server closes the
     * connection. */
    fd.events = 0;
    return poll(&fd, 1, -1) == 1 ? 0 : 1;
}

/* ---- the service manager ---- */

static int notify(const char *path)
{
    struct sockaddr_un addr = {0};
    char message[4096];
    ssize_t count;
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&addr, unix_addr(&addr, path)) < 0) fail(path);
    puts("open");
    while ((count = recv(fd, message, sizeof message, 0)) >= 0) {
        for (ssize_t i = 0; i < count; i++)
            putchar(message[i] == '\n' ? ' ' : message[i]);
        putchar('\n');
    }
    return 1;
}

static int fill(const char *path)
{
    struct sockaddr_un addr = {0};
    socklen_t length = unix_addr(&addr, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    while (sendto(fd, "full", 4, MSG_DONTWAIT, (struct sockaddr *)&addr, length) == 4) {}
    return errno == EAGAIN ? 0 : fail(path);
}

static int print_clock(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) < 0) fail("clock");
    printf("%lld\n", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    return 0;
}

static void listen_on(int fd)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, 16) < 0) fail("listen");
}

/* Starts a child process that keeps the socket open. The parent then executes a command. When this command has ended,
 * the child ends too. */
static void share(int fd)
{
    int ends[2];
    char byte;
    listen_on(fd);
    if (pipe(ends) < 0) fail("pipe");
    if (fork() != 0) return;
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
}

static int open_passed(const char *type)
{
    struct sockaddr_un unnamed = {.sun_family = AF_UNIX};
    if (strcmp(type, "records") != 0)
        return socket(AF_INET, strcmp(type, "datagram") == 0 ? SOCK_DGRAM : SOCK_STREAM, 0);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (bind(fd, (struct sockaddr *)&unnamed, sizeof unnamed.sun_family) < 0 || listen(fd, 16) < 0) fail("listen");
    return fd;
}

static int pass(const char *type, char **command)
{
    char pid[32], fds[32];
    int fd = open_passed(type);
    int count = strcmp(type, "many") == 0 ? 17 : 1;
    if (strcmp(type, "shared") == 0) share(fd);
    if (count > 1) listen_on(fd);
    for (int i = 0; i < count; i++)
        if (dup2(fd, 3 + i) < 0) fail("dup2");
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    snprintf(fds, sizeof fds, "%d", count);
    if (setenv("LISTEN_PID", pid, 1) < 0 || setenv("LISTEN_FDS", fds, 1) < 0 || unsetenv("LISTEN_FDNAMES") < 0 ||
        unsetenv("LISTEN_PIDFDID") < 0)
        fail("setenv");
    execvp(command[0], command);
    return fail(command[0]);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (argc == 2 && strcmp(what, "port") == 0) return print_port();
    if (argc == 2 && strcmp(what, "clock") == 0) return print_clock();
    if (argc == 3 && strcmp(what, "fill") == 0) return fill(argv[2]);
    if (argc == 3 && strcmp(what, "talk") == 0) return talk(argv[2]);
    if (argc == 3 && strcmp(what, "glut") == 0) return glut(argv[2]);
    if (argc == 3 && strcmp(what, "notify") == 0) return notify(argv[2]);
    if (argc == 4 && strcmp(what, "hold") == 0) return hold(argv[2], atoi(argv[3]));
    if (argc >= 4 && strcmp(what, "pass") == 0) return pass(argv[2], argv + 3);
    fprintf(stderr, "lookup_client: what?\n");
    return 2;
}
