/* SPDX-License-Identifier: MIT */
/*
 * c-ares driven by mio: names of hosts are resolved without a thread, many at once. A complete program, made to be
 * copied:
 *
 *     cares_resolve [--server ADDRESS:PORT] [--timeout MILLISECONDS] NAME...
 *
 * It prints a line for each address of each name, as the answers come, and exits with 1 if a name has none. Without
 * --server the system's servers are asked. The timeout is that of the first try; each of the two that follow it takes
 * twice as long as the one before.
 *
 * Rules for combining the two:
 *
 *  - c-ares opens and closes sockets as it likes, and the next one often gets the same number. So the program tracks
 *    them with ARES_OPT_SOCK_STATE_CB, which is called for each before it is closed. Comparing the results of
 *    ares_getsock before and after does not work: if a new socket has the number of the old one, no change shows and
 *    nobody watches it.
 *  - The sockets are watched with MIO_LEVEL: over TCP c-ares reads a part of an answer in one call, not until EAGAIN.
 *  - While a batch of events is walked, the first can make c-ares close the socket of the second, and open another in
 *    its place. So the token is the number, and nothing of ours is reached through it that could be gone: c-ares
 *    passes over a number that it does not know, and tries in vain on a socket that is not ready.
 *  - ares_timeout rounds down to milliseconds. Waits of mio are exact, so the loop could spin for the rest of the last
 *    millisecond: the program adds one.
 *  - An answer can come before ares_getaddrinfo has returned: from /etc/hosts, of a name that is an address, or as an
 *    error. Set up everything that its callback needs before the call.
 *  - ares_destroy calls back, for queries and for sockets, so the poll object is freed after it.
 *
 * ares_init_options and ares_getaddrinfo read files (resolv.conf, hosts): those are the only calls that can block.
 */
#define _POSIX_C_SOURCE 200809L /* struct addrinfo, in a strict C11 compilation */
#include <sys/select.h>         /* fd_set, which ares.h takes for granted */

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

#define EVENT_CAPACITY 16 /* c-ares has two sockets for each server at most */
#define TRIES 3
#define DEFAULT_TIMEOUT_MS 2000
#define MAX_TIMEOUT_MS 60000
#define MILLISECOND_NS INT64_C(1000000)

struct resolver {
    mio_poll *poll;
    mio_registry *registry;
    ares_channel channel;
    int pending; /* names without an answer */
    int failed;
    int watch_error; /* of a socket that could not be watched: its answer would never be seen */
};

struct query {
    struct resolver *resolver;
    const char *name;
};

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "cares_resolve: %s: %s\n", what, why);
    return -1;
}

/* ---- what c-ares calls ---- */

/* The registry knows which descriptors are new to it, so no table is kept of them. */
static int watch(mio_registry *registry, ares_socket_t fd, uint32_t interest)
{
    int result = mio_registry_reregister_handle(registry, fd, (uintptr_t)fd, interest);
    return result == -ENOENT ? mio_registry_register_handle(registry, fd, (uintptr_t)fd, interest) : result;
}

/* Neither readable nor writable: it is about to be closed. */
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
    if (result < 0) resolver->watch_error = result; /* there is no way to tell c-ares: the loop looks at it */
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

/* When c-ares wants to be called without an event, on the clock of mio_clock_now. */
static int64_t due(const struct resolver *resolver)
{
    struct timeval left;
    if (ares_timeout(resolver->channel, NULL, &left) == NULL) return INT64_MAX; /* nothing is asked */
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
        /* Timeouts are looked at by every call; this one is for a round that had no event of c-ares. */
        ares_process_fd(resolver->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }
    return 0;
}

/* ---- start and end ---- */

static void ask(struct resolver *resolver, struct query *query)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    resolver->pending++; /* before the call, which can call back */
    ares_getaddrinfo(resolver->channel, query->name, NULL, &hints, on_answer, query);
}

static int open_resolver(struct resolver *resolver, const char *servers, int timeout_ms)
{
    struct ares_options options = {.ndomains = 0, /* names are complete: no domain is tried behind them */
                                   .timeout = timeout_ms,
                                   .tries = TRIES,
                                   .sock_state_cb = on_socket,
                                   .sock_state_cb_data = resolver};
    int result = mio_poll_new(&resolver->poll, NULL);
    if (result < 0) return fail("cannot make a poll object", strerror(-result));
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
    if (resolver.channel != NULL) ares_destroy(resolver.channel); /* calls back for what is pending */
    mio_poll_free(resolver.poll);
    free(queries);
    return result == 0 && resolver.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Milliseconds from 1 on; 0 if the text is nothing such. */
static int parse_timeout(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    return *end == '\0' && value > 0 && value <= MAX_TIMEOUT_MS ? (int)value : 0;
}

int main(int argc, char **argv)
{
    const char *servers = NULL;
    int timeout_ms = DEFAULT_TIMEOUT_MS;
    int first = 1;
    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "--server") == 0)
            servers = argv[first + 1];
        else
            timeout_ms = strcmp(argv[first], "--timeout") == 0 ? parse_timeout(argv[first + 1]) : 0;
    }
    if (first >= argc || argv[first][0] == '-' || timeout_ms == 0) {
        fprintf(stderr, "usage: cares_resolve [--server ADDRESS:PORT] [--timeout MILLISECONDS] NAME...\n");
        return 2;
    }
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) return EXIT_FAILURE;
    int status = resolve(argv + first, argc - first, servers, timeout_ms);
    ares_library_cleanup();
    return status;
}
