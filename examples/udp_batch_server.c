/* SPDX-License-Identifier: MIT */
/*
 * A UDP echo server for many datagrams per second. The server receives a batch of datagrams with one system call, and
 * sends a batch of answers with one system call. You can copy the whole program. It works as follows:
 *
 *  - The server prepares the arrays of messages, buffers and addresses once, and uses them for every batch. The server
 *    sends each answer from the buffer of the received datagram.
 *  - The source address of each answer is the address to which the client sent its datagram. A client with a connected
 *    socket receives from no other address. This matters if the server listens at all addresses (0.0.0.0 or ::) of a
 *    host with several addresses.
 *  - If the socket's send buffer becomes full, one call sends only a part of a batch. The server receives no further
 *    datagrams until it has sent the remaining answers. If one message causes an error, the server drops only this
 *    message.
 *  - SIGTERM and SIGINT arrive as events, and stop the server cleanly.
 *
 * An echo server sends its answers to the source address of a datagram, and a sender can forge this address. So run the
 * server only in a network that you trust. By default, the server listens at the loopback address. udp_echo_server.cc
 * is a simpler server, in C++.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH MIO_UDP_BATCH_MAX
#define BUFFER_SIZE 65536 /* no datagram is larger */
#define STEPS_PER_TURN 16 /* after this many steps, the loop checks for a signal */

enum { TOKEN_SOCKET, TOKEN_SIGNALS };

struct options {
    const char *address;
    uint16_t port;
};

struct server {
    mio_poll *poll;
    mio_udp_socket socket;
    mio_signals signals;
    bool stop;
    uint32_t ready; /* a readiness word */
    size_t begin;   /* messages[begin..end) must still be sent back */
    size_t end;
    uint64_t datagrams;
    uint64_t batches;
    mio_udp_message messages[BATCH];
    mio_iovec pieces[BATCH];
    mio_addr peers[BATCH];
    mio_ancillary ancillary[BATCH];
    bool has_source[BATCH]; /* whether the ancillary data sets the source address of the answer */
    char buffers[BATCH][BUFFER_SIZE];
};

/* Prints `what` and the text for `error`. `error` is a negative errno value. Returns `error`. */
static int fail(int error, const char *what)
{
    fprintf(stderr, "udp_batch_server: %s: %s\n", what, strerror(-error));
    return error;
}

/* ---- batches ---- */

/* Sets the members that have the same values in every batch. */
static void set_up_messages(struct server *server)
{
    for (size_t i = 0; i < BATCH; i++) {
        server->messages[i] = (mio_udp_message)MIO_UDP_MESSAGE_INIT;
        server->messages[i].pieces = &server->pieces[i];
        server->messages[i].piece_count = 1;
        server->messages[i].addr = &server->peers[i];
        server->messages[i].ancillary = &server->ancillary[i];
        server->pieces[i].base = server->buffers[i];
    }
}

/* Returns whether `addr` is a multicast group. On an IPv6 socket, an IPv4 group is an IPv4-mapped address. */
static bool is_group(const mio_addr *addr)
{
    mio_addr ipv4;
    return mio_addr_is_multicast(mio_addr_from_mapped(&ipv4, addr) == 0 ? &ipv4 : addr);
}

/* Turns the received message with the index `i` into its answer. Sets the length and the source address of the
 * answer. */
static void turn_around(struct server *server, size_t i)
{
    mio_addr asked;
    server->pieces[i].length = server->messages[i].length;
    server->messages[i].flags = 0;
    int known = mio_ancillary_destination(&server->ancillary[i], &asked, NULL);
    mio_ancillary_clear(&server->ancillary[i]);
    /* A multicast group cannot be a source address. If the client sent to a group, or if mio_ancillary_set_source
     * fails, the system chooses the source address. */
    server->has_source[i] =
        known == 0 && !is_group(&asked) && mio_ancillary_set_source(&server->ancillary[i], &asked, 0) == 0;
}

/* Receives a batch, and turns it into answers. Returns false if no datagram has arrived. */
static bool receive(struct server *server)
{
    for (size_t i = 0; i < BATCH; i++)
        server->pieces[i].length = BUFFER_SIZE;
    int count = mio_udp_socket_recv_batch(&server->socket, server->messages, BATCH);
    if (mio_readiness_after(&server->ready, MIO_READABLE, count) == -EAGAIN) return false;
    if (count < 0) return true; /* an error of an earlier datagram, which the call has cleared */
    for (size_t i = 0; i < (size_t)count; i++)
        turn_around(server, i);
    server->begin = 0;
    server->end = (size_t)count;
    server->datagrams += (uint64_t)count;
    server->batches++;
    return true;
}

/* Drops the first remaining answer, whose sending failed with `error`. But if the client sent to a broadcast address,
 * the error means that this address cannot be a source address. Then the next step sends the answer again, and the
 * system chooses the source address. */
static void drop_or_repeat(struct server *server, int error)
{
    size_t i = server->begin;
    bool repeat = server->has_source[i] && (error == -ENETUNREACH || error == -EINVAL);
    mio_ancillary_clear(&server->ancillary[i]);
    server->has_source[i] = false;
    if (!repeat) server->begin++;
}

/* Makes one call to send the remaining answers of the batch. Returns false if the server must wait for an event. */
static bool send_pending(struct server *server)
{
    int count =
        mio_udp_socket_send_batch(&server->socket, &server->messages[server->begin], server->end - server->begin);
    if (mio_readiness_after(&server->ready, MIO_WRITABLE, count) == -EAGAIN) return false;
    if (count < 0)
        drop_or_repeat(server, count);
    else
        server->begin += (size_t)count;
    return true;
}

/* ---- the loop ---- */

/* Sends or receives once. Returns false if the server must wait for the next event. */
static bool step(struct server *server)
{
    if (server->begin < server->end) return (server->ready & MIO_WRITABLE) != 0 && send_pending(server);
    return (server->ready & MIO_READABLE) != 0 && receive(server);
}

static void take_event(struct server *server, const mio_event *event)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    if (event->token == TOKEN_SIGNALS) {
        /* An event alone does not prove that a signal has arrived. */
        server->stop |= mio_signals_recv(&server->signals, &info) == 1;
    } else {
        mio_readiness_add(&server->ready, event);
    }
}

static int server_run(struct server *server)
{
    mio_event events[8];
    bool more = false; /* whether the last turn ended before all work was done */
    while (!server->stop) {
        int count = mio_poll_wait(server->poll, events, 8, more ? 0 : -1);
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events");
        for (int i = 0; i < count; i++)
            take_event(server, &events[i]);
        more = true;
        for (int steps = 0; more && steps < STEPS_PER_TURN; steps++)
            more = step(server);
    }
    printf("echoed %" PRIu64 " datagrams in %" PRIu64 " batches\n", server->datagrams, server->batches);
    return 0;
}

/* ---- start and end ---- */

/* Opens a socket at *addr. If the port of *addr is 0, the system chooses a port, and the function stores this port in
 * *addr. */
static int open_socket(struct server *server, mio_addr *addr)
{
    int result = mio_udp_socket_bind(&server->socket, addr);
    if (result == 0) result = mio_source_set_option(&server->socket.source, MIO_OPTION_RECEIVE_DESTINATION, 1);
    if (result == 0)
        result = mio_registry_register(mio_poll_registry(server->poll), &server->socket.source, TOKEN_SOCKET,
                                       MIO_READABLE | MIO_WRITABLE);
    if (result == 0) result = mio_udp_socket_local_addr(&server->socket, addr);
    return result;
}

static int open_signals(struct server *server)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    int result = mio_signals_open(&server->signals, numbers, 2, 0);
    if (result == 0)
        result = mio_registry_register(mio_poll_registry(server->poll), &server->signals.source, TOKEN_SIGNALS,
                                       MIO_READABLE);
    return result;
}

static int server_open(struct server *server, const mio_addr *addr)
{
    char text[MIO_ADDR_TEXT_SIZE];
    char what[MIO_ADDR_TEXT_SIZE + 20];
    mio_addr bound = *addr;
    set_up_messages(server);
    mio_addr_format(addr, text, sizeof text);
    snprintf(what, sizeof what, "cannot listen on %s", text);
    int result = mio_poll_new(&server->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    result = open_signals(server);
    if (result < 0) return fail(result, "cannot take signals");
    result = open_socket(server, &bound);
    if (result < 0) return fail(result, what);
    mio_addr_format(&bound, text, sizeof text);
    printf("listening on %s\n", text);
    fflush(stdout);
    return 0;
}

/* Closes the server. If server_open() failed, the server is only partly open. But closing an object that is not open
 * does nothing. The signals stay blocked, so that another signal cannot change the exit status. */
static void server_close(struct server *server)
{
    mio_udp_socket_close(&server->socket);
    mio_poll_free(server->poll);
}

/* ---- the command line ---- */

static void print_help(void)
{
    puts("usage: udp_batch_server [OPTION]...\n"
         "Sends every datagram back to its sender, many at a time, until SIGTERM or SIGINT.\n"
         "\n"
         "  --address IP  listen on this address (127.0.0.1)\n"
         "  --port N      listen on this port; 0 takes a free one (13265)\n"
         "  --help        print this and exit");
}

static bool parse_port(const char *text, uint16_t *port)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > 65535) {
        fprintf(stderr, "udp_batch_server: not a port: %s\n", text);
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

/* Returns the exit status if the program must end, or -1 if the program continues. */
static int parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {{"address", required_argument, NULL, 'a'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (option == 'h') {
            print_help();
            return EXIT_SUCCESS;
        }
        if (option == 'a') {
            options->address = optarg;
        } else if (option != 'p' || !parse_port(optarg, &options->port)) {
            return 2; /* getopt_long or parse_port has printed the reason */
        }
    }
    if (optind < argc) {
        fprintf(stderr, "udp_batch_server: unexpected argument: %s\n", argv[optind]);
        return 2;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct options options = {"127.0.0.1", 13265};
    int status = parse_options(&options, argc, argv);
    if (status >= 0) return status;
    mio_addr addr;
    if (mio_addr_parse_ip(&addr, options.address, options.port) < 0) {
        fprintf(stderr, "udp_batch_server: not an IP address: %s\n", options.address);
        return 2;
    }

    static struct server server; /* 4 MB; the system assigns memory only to pages that are used */
    int result = server_open(&server, &addr);
    if (result == 0) result = server_run(&server);
    server_close(&server);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
