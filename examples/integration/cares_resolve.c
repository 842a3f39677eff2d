/* SPDX-License-Identifier: MIT */
/*
 * Resolves many host names at once in one thread, with c-ares and mio. You can copy the whole program. Usage:
 *
 *     cares_resolve [--server ADDRESS:PORT] [--timeout MILLISECONDS] NAME...
 *
 * The program prints each address as soon as the answer with the address arrives. The exit status is 1 if a name has no
 * address. Without --server, the program queries the system's name servers. The timeout applies to the first query of a
 * name. c-ares repeats a query up to two times, and doubles the timeout each time.
 *
 * Rules for using c-ares with mio:
 *
 *  - Set the callback of ARES_OPT_SOCK_STATE_CB, and register and deregister sockets in this callback. c-ares calls
 *    this callback when it opens a socket, and before it closes a socket. Do not compare the results of ares_getsock
 *    before and after a call of c-ares. A new socket often gets the descriptor number of a closed socket. Then the
 *    comparison shows no change, and the program does not register the new socket.
 *  - Register the sockets with MIO_LEVEL, because c-ares can stop reading a TCP socket before EAGAIN.
 *  - Use the descriptor number as the token. While the program handles the first event of a wait, c-ares can close the
 *    socket of the second event. If the tokens were pointers, the pointer in the second event would then dangle. With
 *    the descriptor number, c-ares ignores the event of a closed socket. If a new socket of c-ares has this number, the
 *    late event does no harm: c-ares tries to read or write, and gets EAGAIN.
 *  - Add one millisecond to the result of ares_timeout, because ares_timeout rounds down to milliseconds. Otherwise a
 *    wait could end too early, and the loop would then spin for up to one millisecond.
 *  - Before you call ares_getaddrinfo, prepare all data that its callback uses. ares_getaddrinfo can run the callback
 *    before it returns, for example for a name from /etc/hosts, or after an error.
 *  - Call ares_destroy before mio_poll_free. ares_destroy runs the callback for sockets, and this callback uses the
 *    poll object.
 *
 * ares_init_options and ares_getaddrinfo read files such as resolv.conf and hosts, so they can block for a short time.
 * The other calls of c-ares do not block.
 */
#define _POSIX_C_SOURCE 200809L /* for struct addrinfo in a strict C11 compilation */
#include <sys/select.h>         /* for fd_set, because ares.h uses the type without a declaration */

#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <mio.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define EVENT_CAPACITY 16 /* enough: c-ares has at most two sockets for each name server */
#define TRIES 3
#define DEFAULT_TIMEOUT_MS 2000
#define MAX_TIMEOUT_MS 60000
#define MILLISECOND_NS INT64_C(1000000)

struct resolver {
    mio_poll *poll;
    mio_registry *registry;
    ares_channel channel;
    int pending; /* number of names that have no answer yet */
    int failed;
    int watch_error; /* the error of a failed registration, or 0 */
};

struct query {
    struct resolver *resolver;
    const char *name;
};

static const char usage[] = "usage: cares_resolve [--server ADDRESS:PORT] [--timeout MILLISECONDS] NAME...\n"
                            "Prints the addresses of each name. Shows how mio drives c-ares, many queries at once.\n";

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "cares_resolve: %s: %s\n", what, why);
    return -1;
}

/* ---- callbacks of c-ares ---- */

/* Registers a descriptor, or changes the interest of its registration. The program needs no table of descriptors,
 * because the registry returns -ENOENT for a new descriptor. */
static int watch(mio_registry *registry, ares_socket_t fd, uint32_t interest)
{
    int result = mio_registry_reregister_handle(registry, fd, (uintptr_t)fd, interest);
    return result == -ENOENT ? mio_registry_register_handle(registry, fd, (uintptr_t)fd, interest) : result;
}

/* When c-ares needs other events of a socket than before, it calls this function. If `readable` and `writable` are 0,
 * c-ares will close the socket after the call. */
static void on_socket(void *context, ares_socket_t fd, int readable, int writable)
{
    struct resolver *resolver = context;
    if (!readable && !writable) {
        mio_registry_deregister_handle(resolver->registry, fd);
        return;
    }
    uint32_t interest = MIO_LEVEL;
    if (readable) interest |= MIO_READABLE;
    if (writable) interest |= MIO_WRITABLE;
    int result = watch(resolver->registry, fd, interest);
    if (result < 0)
        resolver->watch_error = result; /* the callback cannot return an error, so run() checks this member */
}

static void print_addresses(const char *name, const struct ares_addrinfo_node *node)
{
    for (; node != NULL; node = node->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void *addr = node->ai_family == AF_INET6
                               ? (const void *)&((const struct sockaddr_in6 *)(const void *)node->ai_addr)->sin6_addr
                               : (const void *)&((const struct sockaddr_in *)(const void *)node->ai_addr)->sin_addr;
        if (inet_ntop(node->ai_family, addr, text, sizeof text) != NULL) printf("%s %s\n", name, text);
    }
}

static void on_answer(void *context, int status, int timeouts, struct ares_addrinfo *answer)
{
    struct query *query = context;
    (void)timeouts;
    query->resolver->pending--;
    if (status == ARES_SUCCESS) {
        print_addresses(query->name, answer->nodes);
        ares_freeaddrinfo(answer);
    } else {
        query->resolver->failed++;
        fail(query->name, ares_strerror(status));
    }
}

/* ---- the loop ---- */

/* Returns the deadline of the next wait, on the clock of mio_clock_now. At the deadline, the program must call c-ares
 * even if no event has arrived. */
static int64_t due(const struct resolver *resolver)
{
    struct timeval left;
    if (ares_timeout(resolver->channel, NULL, &left) == NULL) return INT64_MAX; /* no query is pending */
    return mio_clock_now() + left.tv_sec * (1000 * MILLISECOND_NS) + left.tv_usec * INT64_C(1000) + MILLISECOND_NS;
}

static void take_event(const struct resolver *resolver, const mio_event *event)
{
    ares_socket_t fd = (ares_socket_t)event->token;
    ares_process_fd(resolver->channel, mio_event_is_readable(event) ? fd : ARES_SOCKET_BAD,
                    mio_event_is_writable(event) ? fd : ARES_SOCKET_BAD);
}

static int run(const struct resolver *resolver)
{
    mio_event events[EVENT_CAPACITY];
    while (resolver->pending > 0) {
        if (resolver->watch_error < 0) return fail("cannot watch a socket", strerror(-resolver->watch_error));
        int count = mio_poll_wait_until(resolver->poll, events, EVENT_CAPACITY, due(resolver));
        if (count < 0 && count != -EINTR) return fail("cannot wait for events", strerror(-count));
        for (int i = 0; i < count; i++)
            take_event(resolver, &events[i]);
        /* Makes c-ares check its timeouts, even if the wait has returned no event. */
        ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
    return 0;
}

/* ---- start and end ---- */

static void ask(struct resolver *resolver, struct query *query)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    resolver->pending++; /* do this first: ares_getaddrinfo can run on_answer(), which decrements `pending` */
    ares_getaddrinfo(resolver->channel, query->name, NULL, &hints, on_answer, query);
}

static int open_resolver(struct resolver *resolver, const char *servers, int timeout_ms)
{
    struct ares_options options = {.ndomains = 0, /* c-ares appends no domain to a name */
                                   .timeout = timeout_ms,
                                   .tries = TRIES,
                                   .sock_state_cb = on_socket,
                                   .sock_state_cb_data = resolver};
    int result = mio_poll_new(&resolver->poll, NULL);
    if (result < 0) return fail("cannot make a poll object, of MIO_BACKEND if set", strerror(-result));
    resolver->registry = mio_poll_registry(resolver->poll);
    int status = ares_init_options(&resolver->channel, &options,
                                   ARES_OPT_DOMAINS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status != ARES_SUCCESS) {
        resolver->channel = NULL;
        return fail("cannot set up c-ares", ares_strerror(status));
    }
    if (servers != NULL) status = ares_set_servers_ports_csv(resolver->channel, servers);
    return status == ARES_SUCCESS ? 0 : fail(servers, ares_strerror(status));
}

static int resolve(char **names, int count, const char *servers, int timeout_ms)
{
    struct resolver resolver = {.poll = NULL};
    struct query *queries = calloc((size_t)count, sizeof *queries);
    int result = queries != NULL ? open_resolver(&resolver, servers, timeout_ms) : fail("cannot ask", strerror(ENOMEM));
    for (int i = 0; i < count && result == 0; i++) {
        queries[i] = (struct query){&resolver, names[i]};
        ask(&resolver, &queries[i]);
    }
    if (result == 0) result = run(&resolver);
    if (resolver.channel != NULL) ares_destroy(resolver.channel); /* runs on_answer for each pending query */
    mio_poll_free(resolver.poll);
    free(queries);
    return result == 0 && resolver.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Returns the number of milliseconds in `text`. If the text is not a number from 1 to MAX_TIMEOUT_MS, prints an error
 * and returns 0. */
static int parse_timeout(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end == '\0' && value > 0 && value <= MAX_TIMEOUT_MS) return (int)value;
    fprintf(stderr, "cares_resolve: not a number of milliseconds: %s\n", text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    const char *servers = NULL;
    int timeout_ms = DEFAULT_TIMEOUT_MS;
    int first = 1;
    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "--server") == 0)
            servers = argv[first + 1];
        else if (strcmp(argv[first], "--timeout") == 0)
            timeout_ms = parse_timeout(argv[first + 1]);
        else
            break;
    }
    bool wrong = first < argc && argv[first][0] == '-';
    if (wrong) fprintf(stderr, "cares_resolve: not an option with a value: %s\n", argv[first]);
    if (wrong || first >= argc || timeout_ms == 0) {
        fputs(usage, stderr);
        return 2;
    }
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) return EXIT_FAILURE;
    int status = resolve(argv + first, argc - first, servers, timeout_ms);
    ares_library_cleanup();
    return status;
}
