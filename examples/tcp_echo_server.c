/* SPDX-License-Identifier: MIT */
/*
 * A TCP echo server, which sends every byte back to its client. You can copy the whole program. It works as follows:
 *
 *  - The server has one thread and one poll object. The server registers each connection once, edge-triggered. A
 *    readiness word remembers that the connection is readable or writable, until a call returns -EAGAIN; see
 *    mio_readiness(3).
 *  - While a connection's buffer contains unsent bytes, the server does not read from this connection. So a client that
 *    does not read its answers delays only itself, and needs no further memory.
 *  - A client that sends without a pause gets 32 reads and writes, and then waits in a queue. So no other client waits
 *    long.
 *  - The server allocates all memory at start-up. If --max-connections connections are open, or if the process has no
 *    free descriptor, further clients wait in the backlog. The server does not drop these clients, and does not poll in
 *    a busy loop.
 *  - The token of a connection contains the index of its slot in the table, and a generation. The generation changes
 *    when the connection closes. So the server ignores an event of a closed connection even if a new connection uses
 *    the slot.
 *  - SIGTERM and SIGINT arrive as events in the same loop, and end the server at once. mio_drain(7) shows how a server
 *    can first finish the work for its clients.
 *
 * The server does not close a connection that is idle for a long time. tcp_echo_server.cc is the same program in C++.
 */
#include <errno.h>
#include <getopt.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE 16384
#define EVENT_CAPACITY 256
#define STEPS_PER_TURN 32
#define ACCEPTS_PER_TURN 64
#define RETRY_NS INT64_C(100000000) /* how long to wait after a failed accept */

/* The low bits of a connection's token are the sum of TOKEN_FIRST and the index of the connection's slot. The high bits
 * are the generation of the slot. */
enum { TOKEN_LISTENER, TOKEN_SIGNALS, TOKEN_FIRST };
#define SLOT_BITS 20
#define SLOT_MASK (((uintptr_t)1 << SLOT_BITS) - 1)
#define MAX_CONNECTIONS ((1 << SLOT_BITS) - TOKEN_FIRST)

struct options {
    const char *address;
    uint16_t port;
    uint32_t max_connections;
};

struct connection {
    mio_tcp_stream stream;
    uintptr_t token;
    struct connection *next; /* next in the list of free slots, or in the queue for another turn */
    bool waiting;            /* whether the connection is in the queue for another turn */
    uint32_t ready;          /* a readiness word */
    size_t begin;            /* buffer[begin..end) must still be sent back */
    size_t end;
    char buffer[BUFFER_SIZE];
};

struct server {
    mio_poll *poll;
    mio_registry *registry;
    mio_signals signals;
    mio_tcp_listener listener;
    struct connection *connections;
    struct connection *free;
    struct connection *line;
    struct connection **line_end;
    bool must_stop;
    bool can_accept;
    bool is_short;    /* the last accept failed, for lack of descriptors or memory */
    int64_t retry_at; /* the server accepts no client before this time, on the clock of mio_clock_now */
};

/* Prints `what` and the text for `error`. `error` is a negative errno value. Returns `error`. */
static int fail(int error, const char *what)
{
    fprintf(stderr, "tcp_echo_server: %s: %s\n", what, strerror(-error));
    return error;
}

/* ---- the table of connections ---- */

static int table_open(struct server *server, uint32_t size)
{
    server->connections = calloc(size, sizeof *server->connections);
    if (!server->connections) return -ENOMEM;
    for (uint32_t slot = size; slot-- > 0;) {
        struct connection *connection = &server->connections[slot];
        connection->token = slot + TOKEN_FIRST;
        connection->next = server->free;
        server->free = connection;
    }
    return 0;
}

/* Returns the connection with this token, or null if that connection has been closed. */
static struct connection *table_find(struct server *server, uintptr_t token)
{
    struct connection *connection = &server->connections[(token & SLOT_MASK) - TOKEN_FIRST];
    return connection->token == token ? connection : NULL;
}

static struct connection *table_add(struct server *server, mio_tcp_stream stream)
{
    struct connection *connection = server->free;
    server->free = connection->next;
    connection->next = NULL;
    connection->stream = stream;
    connection->waiting = false;
    connection->ready = 0;
    connection->begin = connection->end = 0;
    return connection;
}

/* Closes a connection, and frees its slot. The connection must not be in the queue for another turn. */
static void table_remove(struct server *server, struct connection *connection)
{
    mio_tcp_stream_close(&connection->stream);
    connection->token += SLOT_MASK + 1; /* the next generation */
    connection->next = server->free;
    server->free = connection;
    server->retry_at = 0; /* accepting may work again, because a descriptor is free */
}

/* ---- connections ---- */

static void line_up(struct server *server, struct connection *connection)
{
    connection->waiting = true;
    connection->next = NULL;
    *server->line_end = connection;
    server->line_end = &connection->next;
}

/* If the buffer contains unsent bytes, writes once. Otherwise reads once. Returns 1 after a success, 0 at the end of
 * the connection, or a negative errno value. After -EAGAIN, the caller must wait for the next event. */
static int step(struct connection *connection)
{
    int64_t length;
    if (connection->begin < connection->end) {
        if (!(connection->ready & MIO_WRITABLE)) return -EAGAIN;
        length = mio_tcp_stream_write(&connection->stream, connection->buffer + connection->begin,
                                      connection->end - connection->begin);
        length = mio_readiness_after(&connection->ready, MIO_WRITABLE, length);
        if (length > 0) connection->begin += (size_t)length;
    } else {
        if (!(connection->ready & MIO_READABLE)) return -EAGAIN;
        length = mio_tcp_stream_read(&connection->stream, connection->buffer, BUFFER_SIZE);
        length = mio_readiness_after(&connection->ready, MIO_READABLE, length);
        connection->begin = 0;
        connection->end = length > 0 ? (size_t)length : 0;
    }
    return length > 0 ? 1 : (int)length;
}

/* Reads and writes until the connection must wait for an event, or until its turn is over. Closes a connection that has
 * ended. */
static void serve(struct server *server, struct connection *connection)
{
    int result = 1;
    for (int steps = 0; result > 0; steps++) {
        if (steps == STEPS_PER_TURN) {
            line_up(server, connection);
            return;
        }
        result = step(connection);
    }
    if (result == -EAGAIN) return;
    if (result < 0 && result != -ECONNRESET && result != -EPIPE && result != -ETIMEDOUT)
        fail(result, "a connection failed"); /* the errors above only mean that the client has disconnected */
    table_remove(server, connection);
}

/* Serves each connection in the queue for one turn. */
static void serve_line(struct server *server)
{
    struct connection *connection = server->line;
    server->line = NULL;
    server->line_end = &server->line;
    while (connection) {
        struct connection *next = connection->next;
        connection->waiting = false;
        serve(server, connection);
        connection = next;
    }
}

static void connection_event(struct server *server, const mio_event *event)
{
    struct connection *connection = table_find(server, event->token);
    if (!connection) return;
    mio_readiness_add(&connection->ready, event);
    if (!connection->waiting) serve(server, connection);
}

/* ---- the listener ---- */

static void add_connection(struct server *server, mio_tcp_stream stream)
{
    struct connection *connection = table_add(server, stream);
    int result = mio_registry_register(server->registry, &connection->stream.source, connection->token,
                                       MIO_READABLE | MIO_WRITABLE);
    if (result < 0) {
        fail(result, "cannot serve a connection");
        table_remove(server, connection);
    }
}

/* Accepts one client. Returns whether the caller should accept again at once. */
static bool accept_one(struct server *server)
{
    mio_tcp_stream stream;
    int result = mio_tcp_listener_accept(&server->listener, &stream, NULL);
    if (result == 0) add_connection(server, stream);
    if (result == 0 || mio_accept_is_transient(result)) return true;
    if (result == -EAGAIN) {
        server->can_accept = false;
        server->is_short = false;
        return false;
    }
    /* Accepting failed for lack of descriptors or memory. The client stays in the backlog, and no event will report it
     * again. So the server accepts again when a connection has ended, or after the retry time. */
    if (!server->is_short) fail(result, "cannot accept connections for now");
    server->is_short = true;
    server->retry_at = mio_clock_now() + RETRY_NS;
    return false;
}

static void accept_clients(struct server *server)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        if (!server->can_accept || !server->free || mio_clock_now() < server->retry_at || !accept_one(server)) return;
    }
}

/* ---- the loop ---- */

/* Returns the timeout of the next wait. If a connection is in the queue for another turn, the timeout is 0. */
static int64_t wait_time(const struct server *server)
{
    if (server->line) return 0;
    if (!server->can_accept || !server->free) return -1;
    int64_t left = server->retry_at - mio_clock_now();
    return left > 0 ? left : 0;
}

static int server_run(struct server *server)
{
    mio_event events[EVENT_CAPACITY];
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    while (!server->must_stop) {
        int count = mio_poll_wait(server->poll, events, EVENT_CAPACITY, wait_time(server));
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events");
        for (int i = 0; i < count; i++) {
            if (events[i].token == TOKEN_LISTENER)
                server->can_accept = true;
            else if (events[i].token == TOKEN_SIGNALS) /* an event alone does not prove that a signal has arrived */
                server->must_stop |= mio_signals_recv(&server->signals, &info) == 1;
            else
                connection_event(server, &events[i]);
        }
        serve_line(server);
        accept_clients(server);
    }
    return 0;
}

/* ---- start and end ---- */

static int catch_signals(struct server *server)
{
    static const int numbers[] = {SIGTERM, SIGINT};
#ifdef SIGPIPE                /* not on Windows */
    signal(SIGPIPE, SIG_IGN); /* standard error can be a pipe without a reader */
#endif
    int result = mio_signals_open(&server->signals, numbers, 2, 0);
    if (result == 0)
        result = mio_registry_register(server->registry, &server->signals.source, TOKEN_SIGNALS, MIO_READABLE);
    return result;
}

/* Listens at `wanted`, and prints the address. If the port of `wanted` is 0, prints the port that the system has
 * chosen. */
static int server_listen(struct server *server, const mio_addr *wanted)
{
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr_format(wanted, text, sizeof text);
    int result = mio_tcp_listener_bind(&server->listener, wanted, MIO_BACKLOG_MAX);
    if (result == 0) /* accepted connections inherit this option */
        result = mio_source_set_option(&server->listener.source, MIO_OPTION_NODELAY, 1);
    mio_addr addr;
    if (result == 0) result = mio_tcp_listener_local_addr(&server->listener, &addr);
    if (result == 0)
        result = mio_registry_register(server->registry, &server->listener.source, TOKEN_LISTENER, MIO_READABLE);
    if (result < 0) {
        fprintf(stderr, "tcp_echo_server: cannot listen on %s: %s\n", text, strerror(-result));
        return result;
    }
    mio_addr_format(&addr, text, sizeof text);
    printf("listening on %s\n", text);
    fflush(stdout);
    return 0;
}

static int server_open(struct server *server, const struct options *options, const mio_addr *addr)
{
    int result = mio_poll_new(&server->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    server->registry = mio_poll_registry(server->poll);
    server->line_end = &server->line;
    result = table_open(server, options->max_connections);
    if (result < 0) return fail(result, "cannot make the table of connections");
    result = catch_signals(server);
    if (result < 0) return fail(result, "cannot catch signals");
    return server_listen(server, addr);
}

/* Closes the server. If server_open() failed, the server is only partly open. But closing an object that is not open
 * does nothing. The set of signals stays open, so that a second signal does not change the exit status. */
static void server_close(struct server *server, const struct options *options)
{
    for (uint32_t slot = 0; server->connections && slot < options->max_connections; slot++)
        mio_tcp_stream_close(&server->connections[slot].stream);
    mio_tcp_listener_close(&server->listener);
    free(server->connections);
    mio_poll_free(server->poll);
}

/* ---- the command line ---- */

static void print_help(void)
{
    puts("usage: tcp_echo_server [OPTION]...\n"
         "Sends every byte back to the client that it came from, until SIGTERM or SIGINT.\n"
         "\n"
         "  --address IP         listen on this address (127.0.0.1)\n"
         "  --port N             listen on this port; 0 takes a free one (13265)\n"
         "  --max-connections N  connections at a time; more wait in the backlog (1024)\n"
         "  --help               print this and exit");
}

static bool parse_number(const char *text, unsigned long minimum, unsigned long maximum, unsigned long *value)
{
    char *end;
    errno = 0;
    *value = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *value >= minimum && *value <= maximum;
}

static bool parse_option(struct options *options, int option)
{
    unsigned long number;
    switch (option) {
    case 'a':
        options->address = optarg;
        return true;
    case 'p':
        if (!parse_number(optarg, 0, 65535, &number)) break;
        options->port = (uint16_t)number;
        return true;
    case 'm':
        if (!parse_number(optarg, 1, MAX_CONNECTIONS, &number)) break;
        options->max_connections = (uint32_t)number;
        return true;
    default:
        return false; /* getopt_long has printed the reason */
    }
    fprintf(stderr, "tcp_echo_server: not a number in range: %s\n", optarg);
    return false;
}

/* Returns the exit status if the program must end, or -1 if the program continues. */
static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {{"address", required_argument, NULL, 'a'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"max-connections", required_argument, NULL, 'm'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (!parse_option(options, option)) return 2;
    }
    if (optind < argc) {
        fprintf(stderr, "tcp_echo_server: unexpected argument: %s\n", argv[optind]);
        return 2;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options options = {"127.0.0.1", 13265, 1024};
    int status = parse_options(&options, argc, argv);
    if (status >= 0) return status;
    mio_addr addr;
    if (mio_addr_parse_ip(&addr, options.address, options.port) < 0) {
        fprintf(stderr, "tcp_echo_server: not an IP address: %s\n", options.address);
        return 2;
    }

    struct server server = {0};
    int result = server_open(&server, &options, &addr);
    if (result == 0) result = server_run(&server);
    server_close(&server, &options);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
