/* SPDX-License-Identifier: MIT */
/*
 * Drives an echo server with many connections at once and checks every byte that comes back. The client uses epoll
 * directly. If the client used libmio, a fault of libmio could affect both sides and stay hidden.
 *
 * The client first opens all connections. Then each connection sends its messages. A connection sends its next message
 * only after the whole previous message has come back. The latency of a message is
 * the time from when the client sends the first byte until it has received the last byte.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define EVENT_CAPACITY 256
#define CHUNK_SIZE 4096       /* how many bytes of a message the client makes, sends or compares at once */
#define GRACE_SECONDS 5       /* how long the client waits for answers after the time limit */
#define MAX_MESSAGES 20000000 /* of all connections together; the client stores a latency of 4 bytes for each message */
#define MAX_PROCESS 4194304   /* the largest pid of Linux; a much larger number would select a different clock */

struct options {
    const char *address;
    unsigned long port;
    unsigned long connections;
    unsigned long messages;
    unsigned long size;
    unsigned long seconds;
    unsigned long receive_buffer; /* 0: the system chooses */
    const char *path;             /* the path of a Unix socket, which replaces the address and the port */
    unsigned long idle;           /* connections that send nothing */
    unsigned long process;        /* the process of the server, to measure its processor time; 0: none */
    bool reconnect;
    bool udp;
};

struct connection {
    int fd;
    bool connected;
    bool done;
    unsigned long messages; /* answered */
    size_t sent;            /* bytes of the current message that the client has sent */
    size_t received;
    int64_t started;
};

struct load {
    struct options options;
    struct sockaddr_storage addr;
    socklen_t addr_length;
    int epoll;
    struct connection *connections;
    unsigned long connected;
    unsigned long done;
    unsigned long messages;
    uint32_t *latencies; /* in microseconds */
    int64_t began;       /* the time when all connections were open */
    int64_t ended;       /* the time when the last answer was complete */
    int64_t server_time; /* processor time of the server for all messages, in nanoseconds */
    bool terminal;
    bool finishing; /* send no new messages */
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Adds to `server_time` the processor time that the server has used so far. If `sign` is -1, subtracts this time. If no
 * option names the process of the server, does nothing. Returns 0, or -1 with a message printed. */
static int add_server_time(struct load *load, int sign)
{
    clockid_t clock;
    struct timespec time;
    if (load->options.process == 0) return 0;
    int error = clock_getcpuclockid((pid_t)load->options.process, &clock);
    if (error == 0 && clock_gettime(clock, &time) < 0) error = errno;
    if (error != 0) {
        fprintf(stderr, "load_client: processor time of process %lu: %s\n", load->options.process, strerror(error));
        return -1;
    }
    load->server_time += sign * ((int64_t)time.tv_sec * 1000000000 + time.tv_nsec);
    return 0;
}

/* ---- the messages: each byte is pseudo-random, and depends on its connection and its position ---- */

static uint64_t scramble(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9); /* the finalizer of splitmix64 */
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void make_bytes(unsigned char *bytes, size_t length, unsigned long connection, uint64_t position)
{
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++, position++) {
        if (i == 0 || position % 8 == 0) word = scramble(((uint64_t)connection << 40) + position / 8 + 1);
        bytes[i] = (unsigned char)(word >> (position % 8 * 8));
    }
}

/* ---- one connection; each function returns 0, or -1 with a message printed ---- */

static int fail(const struct load *load, const struct connection *connection, const char *what)
{
    fprintf(stderr, "%sload_client: connection %ld, message %lu: %s\n", load->terminal ? "\n" : "",
            (long)(connection - load->connections), connection->messages, what);
    return -1;
}

static size_t chunk(size_t length)
{
    return length < CHUNK_SIZE ? length : CHUNK_SIZE;
}

static int send_some(struct load *load, struct connection *connection)
{
    unsigned char bytes[65536];
    size_t size = load->options.size;
    unsigned long number = (unsigned long)(connection - load->connections);
    while (connection->sent < size) {
        size_t length = load->options.udp ? size : chunk(size - connection->sent);
        make_bytes(bytes, length, number, (uint64_t)connection->messages * size + connection->sent);
        ssize_t result = send(connection->fd, bytes, length, MSG_NOSIGNAL);
        if (result < 0) return errno == EAGAIN ? 0 : fail(load, connection, strerror(errno));
        connection->sent += (size_t)result;
    }
    return 0;
}

static int start_message(struct load *load, struct connection *connection)
{
    if (load->finishing || connection->messages == load->options.messages) {
        connection->done = true;
        load->done++;
        return 0;
    }
    connection->sent = connection->received = 0;
    connection->started = now();
    return send_some(load, connection);
}

static int finish_connect(struct load *load, struct connection *connection)
{
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
    if (error != 0) return fail(load, connection, strerror(error));
    connection->connected = true;
    load->connected++;
    return 0;
}

static int open_connection(struct load *load, struct connection *connection)
{
    int on = 1;
    int type = load->options.udp ? SOCK_DGRAM : SOCK_STREAM;
    /* A Unix socket blocks while it connects, so that the client waits until the backlog has space. */
    bool is_unix = load->options.path != NULL;
    connection->fd = socket(load->addr.ss_family, type | SOCK_CLOEXEC | (is_unix ? 0 : SOCK_NONBLOCK), 0);
    if (connection->fd < 0) return fail(load, connection, strerror(errno));
    if (!is_unix && !load->options.udp && setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
        return fail(load, connection, strerror(errno));
    int room = (int)load->options.receive_buffer;
    if (room > 0 && setsockopt(connection->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) < 0)
        return fail(load, connection, strerror(errno));
    if (connect(connection->fd, (struct sockaddr *)&load->addr, load->addr_length) < 0 && errno != EINPROGRESS)
        return fail(load, connection, strerror(errno));
    if (is_unix && fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0) return fail(load, connection, strerror(errno));
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = connection};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
        return fail(load, connection, strerror(errno));
    return 0;
}

static int reconnect(struct load *load, struct connection *connection)
{
    close(connection->fd);
    connection->connected = false;
    load->connected--;
    return open_connection(load, connection);
}

static int message_answered(struct load *load, struct connection *connection)
{
    int64_t latency;
    load->ended = now();
    latency = (load->ended - connection->started) / 1000;
    load->latencies[load->messages++] = latency < UINT32_MAX ? (uint32_t)latency : UINT32_MAX;
    connection->messages++;
    if (load->options.reconnect && connection->messages < load->options.messages && !load->finishing)
        return reconnect(load, connection);
    return start_message(load, connection);
}

/* Closes a connection after its last message, so that a server with fewer slots than clients can accept the next
 * client. */
static int close_connection(const struct load *load, struct connection *connection)
{
    char surplus;
    if (recv(connection->fd, &surplus, 1, 0) > 0)
        return fail(load, connection, "the answer is longer than the message");
    close(connection->fd);
    return 0;
}

static int recv_some(struct load *load, struct connection *connection)
{
    unsigned char bytes[65536];
    unsigned char right[65536];
    size_t size = load->options.size;
    unsigned long number = (unsigned long)(connection - load->connections);
    for (;;) {
        ssize_t result = recv(connection->fd, bytes, load->options.udp ? sizeof bytes : CHUNK_SIZE, 0);
        if (result < 0) return errno == EAGAIN ? 0 : fail(load, connection, strerror(errno));
        if (result == 0) return fail(load, connection, "the server has closed the connection");
        size_t length = (size_t)result;
        if (connection->received + length > connection->sent || (load->options.udp && length != size))
            return fail(load, connection, "the answer is not of the length that was sent");
        make_bytes(right, length, number, (uint64_t)connection->messages * size + connection->received);
        if (memcmp(bytes, right, length) != 0) return fail(load, connection, "the answer is not what was sent");
        connection->received += length;
        if (connection->received == size && message_answered(load, connection) < 0) return -1;
        if (connection->done) return close_connection(load, connection);
        if (!connection->connected) return 0; /* the next message needs a new connection */
    }
}

static int handle_event(struct load *load, const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;
    if (!connection->connected) {
        if (finish_connect(load, connection) < 0) return -1;
        if (load->began != 0) return start_message(load, connection);
    }
    if (load->began == 0) return 0; /* the first message waits until all connections are open */
    if ((event->events & EPOLLOUT) && !connection->done && send_some(load, connection) < 0) return -1;
    return recv_some(load, connection);
}

/* ---- all connections ---- */

/* Prints how many messages have come back. If standard error is a terminal, the function updates one line. Otherwise
 * the function prints a line after each quarter of the messages. */
static void show_progress(const struct load *load)
{
    static unsigned quarters_shown;
    static int64_t shown_at;
    unsigned long all = load->options.connections * load->options.messages;
    bool over = load->done == load->options.connections;
    if (load->terminal) {
        if (!over && now() - shown_at < 100000000) return;
        shown_at = now();
        fprintf(stderr, "\r%lu connections, %lu of %lu messages (%lu %%)%s", load->connected, load->messages, all,
                load->messages * 100 / all, over ? "\n" : "");
    } else {
        while (quarters_shown < 4 && load->messages * 4 >= all * (quarters_shown + 1)) {
            quarters_shown++;
            fprintf(stderr, "%u %% of %lu messages\n", quarters_shown * 25, all);
        }
    }
}

/* Waits once, and handles the events that have arrived. `deadline` is in nanoseconds. */
static int turn(struct load *load, int64_t deadline)
{
    struct epoll_event events[EVENT_CAPACITY];
    int64_t left = (deadline - now()) / 1000000 + 1;
    int count = epoll_wait(load->epoll, events, EVENT_CAPACITY, left < 0 ? 0 : (int)left);
    if (count < 0 && errno != EINTR) {
        perror("load_client: epoll_wait");
        return -1;
    }
    for (int i = 0; i < count; i++) {
        if (handle_event(load, &events[i]) < 0) return -1;
    }
    return 0;
}

/* Opens all connections, and waits until all connections are established. In the table, the idle connections come after
 * the other connections. */
static int connect_all(struct load *load, int64_t deadline)
{
    const unsigned long all = load->options.connections + load->options.idle;
    for (unsigned long i = 0; i < all; i++) {
        if (open_connection(load, &load->connections[i]) < 0) return -1;
        if (i % 64 == 63 && turn(load, deadline) < 0) return -1; /* gives the server time to empty its backlog */
    }
    while (load->connected < all) {
        if (now() > deadline) {
            fprintf(stderr, "load_client: only %lu of %lu connections were accepted in %lu s\n", load->connected, all,
                    load->options.seconds);
            return -1;
        }
        if (turn(load, deadline) < 0) return -1;
    }
    return 0;
}

static int exchange_all(struct load *load, int64_t deadline)
{
    load->began = load->ended = now();
    if (add_server_time(load, -1) < 0) return -1;
    for (unsigned long i = 0; i < load->options.connections; i++) {
        if (start_message(load, &load->connections[i]) < 0) return -1;
    }
    while (load->done < load->options.connections) {
        if (!load->finishing && now() > deadline) {
            load->finishing = true;
            deadline = now() + GRACE_SECONDS * INT64_C(1000000000);
        } else if (now() > deadline) {
            fprintf(stderr, "load_client: %lu messages were not answered\n", load->options.connections - load->done);
            return -1;
        }
        if (turn(load, deadline) < 0) return -1;
        show_progress(load);
    }
    return add_server_time(load, 1);
}

static int compare_latency(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void print_latency(const char *name, uint32_t microseconds)
{
    printf("%-28s %12.3f ms\n", name, microseconds / 1000.0);
}

static void print_table(struct load *load)
{
    double seconds = (double)(load->ended - load->began) / 1e9;
    qsort(load->latencies, load->messages, sizeof *load->latencies, compare_latency);
    printf("%-28s %12lu\n", "connections", load->options.connections);
    printf("%-28s %12lu\n", "messages", load->messages);
    printf("%-28s %12lu bytes\n", "message size", load->options.size);
    printf("%-28s %12.0f\n", "messages per second", seconds > 0 ? (double)load->messages / seconds : 0);
    if (load->messages > 0 && load->options.process > 0)
        printf("%-28s %12.1f ns\n", "server time per message", (double)load->server_time / (double)load->messages);
    if (load->messages > 0) {
        print_latency("p50 latency", load->latencies[(load->messages - 1) / 2]);
        print_latency("p99 latency", load->latencies[(load->messages - 1) * 99 / 100]);
        print_latency("max latency", load->latencies[load->messages - 1]);
    }
}

static int run(struct load *load)
{
    int64_t deadline = now() + (int64_t)load->options.seconds * 1000000000;
    load->terminal = isatty(STDERR_FILENO);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->connections = calloc(load->options.connections + load->options.idle, sizeof *load->connections);
    load->latencies = calloc(load->options.connections * load->options.messages, sizeof *load->latencies);
    int result = 0;
    if (load->epoll < 0 || !load->connections || !load->latencies) {
        perror("load_client");
        result = -1;
    }
    if (result == 0) result = connect_all(load, deadline);
    if (result == 0) result = exchange_all(load, deadline);
    if (result == 0) print_table(load);
    free(load->latencies);
    free(load->connections);
    return result;
}

/* ---- the command line ---- */

static int usage_error(const char *what, const char *value)
{
    fprintf(stderr, "load_client: %s: %s\n", what, value);
    return 2;
}

static void print_help(void)
{
    puts("usage: load_client --port N [OPTION]...\n"
         "Drives an echo server with many connections at once and checks every byte that comes back.\n"
         "\n"
         "  --address IP         of the server (127.0.0.1)\n"
         "  --port N             of the server\n"
         "  --path PATH          of a Unix socket, instead of TCP\n"
         "  --udp                one datagram a message, instead of TCP\n"
         "  --connections N      at once (1000)\n"
         "  --messages N         on each connection (100)\n"
         "  --idle N             more connections, which send nothing (0)\n"
         "  --reconnect          a new connection for each message\n"
         "  --server PID         also print the processor time that the server uses for a message\n"
         "  --size N             bytes of a message (64)\n"
         "  --receive-buffer N   bytes of answers that the system keeps for a connection; a small number makes the\n"
         "                       server's writes partial (the system's choice)\n"
         "  --seconds-limit N    no new message after that time (20)\n"
         "  --help               print this and exit\n"
         "\n"
         "Exit status: 0 when every message was answered rightly, 1 when not, 2 for a wrong command line.");
}

static bool parse_number(const char *text, unsigned long maximum, unsigned long *value)
{
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *value >= 1 && *value <= maximum;
}

static bool parse_option(struct options *options, int option)
{
    switch (option) {
    case 'a':
        options->address = optarg;
        return true;
    case 'u':
        options->udp = true;
        return true;
    case 'x':
        options->path = optarg;
        return true;
    case 'n':
        options->reconnect = true;
        return true;
    case 'i':
        return parse_number(optarg, 100000, &options->idle);
    case 'S':
        return parse_number(optarg, MAX_PROCESS, &options->process);
    case 'p':
        return parse_number(optarg, 65535, &options->port);
    case 'c':
        return parse_number(optarg, 100000, &options->connections);
    case 'm':
        return parse_number(optarg, MAX_MESSAGES, &options->messages);
    case 's':
        return parse_number(optarg, 1 << 30, &options->size);
    case 'r':
        return parse_number(optarg, 1 << 30, &options->receive_buffer);
    case 't':
        return parse_number(optarg, 86400, &options->seconds);
    default:
        return false;
    }
}

/* Returns -1 if the program continues, and otherwise the exit status. */
static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {{"address", required_argument, NULL, 'a'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"path", required_argument, NULL, 'x'},
                                          {"idle", required_argument, NULL, 'i'},
                                          {"reconnect", no_argument, NULL, 'n'},
                                          {"server", required_argument, NULL, 'S'},
                                          {"udp", no_argument, NULL, 'u'},
                                          {"connections", required_argument, NULL, 'c'},
                                          {"messages", required_argument, NULL, 'm'},
                                          {"size", required_argument, NULL, 's'},
                                          {"receive-buffer", required_argument, NULL, 'r'},
                                          {"seconds-limit", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (option == '?') return 2;
        if (!parse_option(options, option)) return usage_error("not a number in range", optarg);
    }
    if (optind < argc) return usage_error("unexpected argument", argv[optind]);
    if (options->port == 0 && options->path == NULL) return usage_error("needed and not given", "--port");
    if (options->messages > MAX_MESSAGES / options->connections)
        return usage_error("too many messages in all", "--messages");
    if (options->udp && options->size > 65507) return usage_error("too long for a datagram", "--size");
    if (options->path != NULL && (options->udp || options->port != 0))
        return usage_error("a Unix socket has no port and is not UDP", "--path");
    return -1;
}

static int parse_path(struct load *load)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    if (strlen(load->options.path) >= sizeof addr.sun_path) return -1;
    strcpy(addr.sun_path, load->options.path);
    memcpy(&load->addr, &addr, sizeof addr);
    load->addr_length = sizeof addr;
    return 0;
}

static int parse_address(struct load *load)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->options.port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)load->options.port)};
    if (inet_pton(AF_INET, load->options.address, &v4.sin_addr) == 1) {
        memcpy(&load->addr, &v4, sizeof v4);
        load->addr_length = sizeof v4;
        return 0;
    }
    if (inet_pton(AF_INET6, load->options.address, &v6.sin6_addr) == 1) {
        memcpy(&load->addr, &v6, sizeof v6);
        load->addr_length = sizeof v6;
        return 0;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct load load = {
        .options = {.address = "127.0.0.1", .connections = 1000, .messages = 100, .size = 64, .seconds = 20}};
    int status = parse_options(&load.options, argc, argv);
    if (status >= 0) return status;
    if (load.options.path != NULL) {
        if (parse_path(&load) < 0) return usage_error("path too long", load.options.path);
    } else if (parse_address(&load) < 0) {
        return usage_error("not an IP address", load.options.address);
    }

    /* Raises the limit on open descriptors as far as the system allows. If the limit is still too low, open_connection
     * fails later. */
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return run(&load) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
