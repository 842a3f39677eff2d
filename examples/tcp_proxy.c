/* SPDX-License-Identifier: MIT */
/*
 * A TCP proxy, a complete program to copy. The proxy connects each client to the target, and moves bytes in both
 * directions. The functions from flush() to pair_limit() are those of mio_proxy(7), which explains the rules:
 * back-pressure, half-close, remembered readiness, turns, and a limit for the number of pairs. Clients above this limit
 * wait in the backlog until another pair ends.
 *
 * On SIGTERM or SIGINT the proxy accepts the waiting clients up to its limit, and closes its listener. The proxy then
 * serves its clients until they leave, for at most 10 s, and ends.
 *
 * The proxy limits neither the time to connect nor the time that a pair is idle. While the target does not answer, a
 * connect occupies its pair for minutes. mio_timers(7) shows how to set such limits. The proxy tries only one address
 * of the target; see mio_connecting(7).
 */
#define _POSIX_C_SOURCE 200809L /* for getrlimit in a strict C11 compilation */
#include <errno.h>
#include <fcntl.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define EVENT_CAPACITY 64
#define STEPS 16                      /* the number of reads and writes of a direction in one turn */
#define LOST_MAX (16 << 20)           /* a side may send so many bytes to a side that takes no more */
#define GRACE_NS INT64_C(10000000000) /* clients have this time to finish when the proxy stops */
#define RETRY_NS INT64_C(100000000)   /* the pause when descriptors or memory have run out */

/* A token is one of these constants, or belongs to a pair: the client has the address of the pair as its token, and the
 * target has this address plus 1. */
enum { TOKEN_LISTENER, TOKEN_SIGNALS };

/* One connection of a pair, and the bytes that the proxy has read from this connection and must still write to the
 * other connection. */
struct side {
    mio_tcp_stream stream;
    uint32_t ready; /* a readiness word */
    int ended;      /* it sends no more */
    int told;       /* the proxy has shut down the other side, because this side has ended */
    int broken;     /* it takes no more bytes */
    size_t lost;    /* the bytes that the other side did not take */
    size_t begin, end;
    char bytes[16384];
};

struct pair {
    struct side sides[2]; /* the client and the target */
    bool connected;       /* the target is connected */
    bool listed;          /* the list of ready pairs has this pair */
    struct pair *next;    /* in this list */
};

struct proxy {
    mio_poll *poll;
    mio_tcp_listener listener;
    mio_addr target;
    mio_signals signals;
    struct pair *ready; /* pairs with an event, or with work left from their last turn */
    int open, open_max; /* the number of pairs, and its limit */
    bool can_accept;
    int64_t retry_at; /* accept no client before this time */
    bool stopping;
    int64_t give_up_at;
};

static const char usage[] = "usage: tcp_proxy ADDRESS:PORT TARGET-ADDRESS:PORT\n"
                            "Relays each client of the first address to the second, until SIGTERM or SIGINT. Shows "
                            "back-pressure, half-close\n"
                            "and a graceful end.\n";

/* Prints an error, and returns the error. */
static int fail(int error, const char *what)
{
    fprintf(stderr, "tcp_proxy: %s: %s\n", what, strerror(-error));
    return error;
}

static int watch(struct proxy *proxy, mio_source *source, uintptr_t token, uint32_t interest)
{
    return mio_registry_register(mio_poll_registry(proxy->poll), source, token, interest);
}

/* ---- the recipe of mio_proxy(7) ---- */

/* Writes what `from` has sent, or discards these bytes if `to` takes no more. Returns 0 if nothing is left, or -EAGAIN to
 * wait for an event of `to`. */
static int64_t flush(struct side *from, struct side *to)
{
    while (from->begin < from->end && !to->broken) {
        if (!(to->ready & MIO_WRITABLE)) return -EAGAIN;
        int64_t n = mio_tcp_stream_write(&to->stream, from->bytes + from->begin, from->end - from->begin);
        n = mio_readiness_after(&to->ready, MIO_WRITABLE, n);
        if (n == -EAGAIN) return n;
        to->broken = n < 0;
        if (n > 0) from->begin += (size_t)n;
    }
    from->lost += from->end - from->begin;
    if (from->lost > LOST_MAX) from->ended = 1;
    from->begin = from->end = 0;
    return 0;
}

/* Reads once, and appends the bytes to the buffer, which must have space. Returns the number of bytes, 0 at the end
 * or after an error, or -EAGAIN to wait for an event. */
static int64_t fill(struct side *from)
{
    if (from->ended) return 0;
    if (!(from->ready & MIO_READABLE)) return -EAGAIN;
    int64_t n = mio_tcp_stream_read(&from->stream, from->bytes + from->end, sizeof from->bytes - from->end);
    n = mio_readiness_after(&from->ready, MIO_READABLE, n);
    if (n == -EAGAIN) return n;
    from->broken |= n < 0;
    from->ended = n <= 0;
    if (n <= 0) return 0;
    from->end += (size_t)n;
    return n;
}

/* Moves bytes until a call returns -EAGAIN or the turn is over. Passes on the end after the last byte. Reads only after
 * `to` has taken all bytes that were read before. Returns 0 when this direction is complete, 1 when the turn is over,
 * or -EAGAIN to wait for an event. */
static int64_t pump(struct side *from, struct side *to)
{
    for (int step = 0; step < STEPS; step++) {
        int64_t n = flush(from, to);
        if (n < 0) return n;
        if (from->ended) {
            if (!from->told && !to->broken) to->broken = mio_tcp_stream_shutdown(&to->stream, MIO_SHUTDOWN_WRITE) < 0;
            from->told = 1;
            return 0;
        }
        n = fill(from);
        if (n < 0) return n;
    }
    return 1;
}

/* The two directions are independent: one direction can end while the other direction is busy. Returns 0 when both
 * directions are complete, 1 when the turn is over, or -EAGAIN to wait for an event. */
static int64_t relay(struct side pair[2])
{
    int64_t there = pump(&pair[0], &pair[1]);
    int64_t back = pump(&pair[1], &pair[0]);
    if (there == 1 || back == 1) return 1;
    return there < 0 ? there : back;
}

/* Returns how many pairs may be open. Counts the descriptors that are open now, so call this function after the
 * program has opened everything that belongs to no pair. */
static int pair_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0) return -errno;
    int left = files.rlim_cur < 65536 ? (int)files.rlim_cur : 65536;
    for (int fd = left - 1; fd >= 0; fd--)
        if (fcntl(fd, F_GETFD) >= 0) left--;
    return left / 2;
}

/* ---- pairs ---- */

static void close_pair(struct proxy *proxy, struct pair *pair)
{
    mio_tcp_stream_close(&pair->sides[0].stream);
    mio_tcp_stream_close(&pair->sides[1].stream);
    free(pair);
    proxy->open--;
}

static int watch_side(struct proxy *proxy, struct pair *pair, uintptr_t index)
{
    return watch(proxy, &pair->sides[index].stream.source, (uintptr_t)pair + index, MIO_READABLE | MIO_WRITABLE);
}

static void add_pair(struct proxy *proxy, mio_tcp_stream client)
{
    struct pair *pair = calloc(1, sizeof *pair);
    if (pair == NULL) {
        fail(-ENOMEM, "cannot serve a client");
        mio_tcp_stream_close(&client);
        return;
    }
    proxy->open++;
    pair->sides[0].stream = client;
    int result = mio_tcp_stream_connect(&pair->sides[1].stream, &proxy->target);
    if (result == 0) result = watch_side(proxy, pair, 0);
    if (result == 0) result = watch_side(proxy, pair, 1);
    if (result == 0) return;
    fail(result, "cannot connect to the target");
    close_pair(proxy, pair);
}

/* Completes the connect to the target, and then relays bytes. Only an event of the target reports that the connect has
 * ended. The result is that of relay(). */
static int64_t serve(struct pair *pair)
{
    if (!pair->connected && (pair->sides[1].ready & MIO_WRITABLE) != 0) {
        mio_tcp_stream *target = &pair->sides[1].stream;
        int result = mio_tcp_stream_connect_finish(target);
        if (result == 0) result = mio_source_set_option(&target->source, MIO_OPTION_NODELAY, 1);
        if (result < 0 && result != -EINPROGRESS) return fail(result, "cannot connect to the target");
        pair->connected = result == 0;
    }
    return pair->connected ? relay(pair->sides) : -EAGAIN;
}

static void list(struct proxy *proxy, struct pair *pair)
{
    if (pair->listed) return;
    pair->listed = true;
    pair->next = proxy->ready;
    proxy->ready = pair;
}

/* Gives each pair in the list a turn. The events of the batch have been handled, so no event names a freed pair. */
static void serve_listed(struct proxy *proxy)
{
    struct pair *pair = proxy->ready;
    proxy->ready = NULL;
    while (pair != NULL) {
        struct pair *next = pair->next;
        pair->listed = false;
        int64_t result = serve(pair);
        if (result == 1)
            list(proxy, pair);
        else if (result != -EAGAIN)
            close_pair(proxy, pair);
        pair = next;
    }
}

/* ---- the loop ---- */

/* Limits the number of pairs. Without the limit, waiting clients could take all descriptors, and the proxy could
 * connect no client to the target. */
static int limit_pairs(struct proxy *proxy)
{
    proxy->open_max = pair_limit();
    return proxy->open_max > 0 ? 0 : proxy->open_max < 0 ? proxy->open_max : -EMFILE;
}

static bool may_accept(const struct proxy *proxy)
{
    return proxy->can_accept && proxy->open < proxy->open_max;
}

static void accept_clients(struct proxy *proxy)
{
    while (may_accept(proxy)) {
        mio_tcp_stream client;
        int result = mio_tcp_listener_accept(&proxy->listener, &client, NULL);
        if (result == 0) {
            add_pair(proxy, client);
        } else if (result == -EAGAIN) {
            proxy->can_accept = false;
        } else if (!mio_accept_is_transient(result)) {
            fail(result, "cannot accept connections for now");
            proxy->retry_at = mio_clock_now() + RETRY_NS;
            return;
        }
    }
}

/* Closes the listener. Closing would reset the connections in the backlog, so the function accepts these connections
 * first. */
static void stop_accepting(struct proxy *proxy)
{
    if (proxy->stopping) return;
    proxy->stopping = proxy->can_accept = true;
    proxy->give_up_at = mio_clock_now() + GRACE_NS;
    accept_clients(proxy);
    proxy->can_accept = false;
    mio_tcp_listener_close(&proxy->listener);
}

static void take_event(struct proxy *proxy, const mio_event *event)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    struct pair *pair = (struct pair *)(event->token & ~(uintptr_t)1);
    switch (event->token) {
    case TOKEN_LISTENER:
        proxy->can_accept = !proxy->stopping;
        break;
    case TOKEN_SIGNALS:
        while (mio_signals_recv(&proxy->signals, &info) == 1)
            stop_accepting(proxy);
        break;
    default:
        mio_readiness_add(&pair->sides[event->token & 1].ready, event);
        list(proxy, pair);
    }
}

static int64_t next_deadline(const struct proxy *proxy)
{
    if (proxy->ready != NULL) return 0;
    if (proxy->stopping) return proxy->give_up_at;
    return may_accept(proxy) ? proxy->retry_at : INT64_MAX;
}

static int proxy_run(struct proxy *proxy)
{
    mio_event events[EVENT_CAPACITY];
    while (!proxy->stopping || (proxy->open > 0 && mio_clock_now() < proxy->give_up_at)) {
        int count = mio_poll_wait_until(proxy->poll, events, EVENT_CAPACITY, next_deadline(proxy));
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events");
        for (int i = 0; i < count; i++)
            take_event(proxy, &events[i]);
        serve_listed(proxy);
        if (proxy->retry_at <= mio_clock_now()) accept_clients(proxy);
    }
    return 0;
}

static int proxy_open(struct proxy *proxy, const char *address)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr addr;
    int result = mio_addr_parse(&addr, address);
    if (result == 0) result = mio_tcp_listener_bind(&proxy->listener, &addr, MIO_BACKLOG_MAX);
    if (result == 0) /* accepted clients inherit the option */
        result = mio_source_set_option(&proxy->listener.source, MIO_OPTION_NODELAY, 1);
    if (result == 0) result = mio_tcp_listener_local_addr(&proxy->listener, &addr);
    if (result < 0) {
        fprintf(stderr, "tcp_proxy: cannot listen on %s: %s\n", address, strerror(-result));
        return result;
    }
    result = mio_poll_new(&proxy->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    result = mio_signals_open(&proxy->signals, numbers, 2, 0);
    if (result == 0) result = watch(proxy, &proxy->signals.source, TOKEN_SIGNALS, MIO_READABLE);
    if (result == 0) result = watch(proxy, &proxy->listener.source, TOKEN_LISTENER, MIO_READABLE);
    if (result == 0) result = limit_pairs(proxy); /* everything else is open */
    if (result == 0) result = mio_addr_format(&addr, text, sizeof text);
    if (result < 0) return fail(result, "cannot start");
    printf("listening on %s\n", text);
    return fflush(stdout) == 0 ? 0 : fail(-errno, "cannot say the address");
}

int main(int argc, char **argv)
{
    static struct proxy proxy;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    if (argc != 3) {
        fputs(usage, stderr);
        return 2;
    }
    for (int i = 1; i < 3; i++) { /* checks both addresses; the second is the target */
        int parsed = mio_addr_parse(&proxy.target, argv[i]);
        if (parsed == 0) continue;
        fprintf(stderr, "tcp_proxy: not an ADDRESS:PORT: %s: %s\n", argv[i], mio_error_name(parsed));
        return 2;
    }

    /* From here on, a signal stays pending until the proxy receives the signal. */
    mio_signal_mask mask;
    static const int numbers[] = {SIGTERM, SIGINT};
    int result = mio_signal_mask_block(&mask, numbers, 2);
    if (result < 0) return fail(result, "cannot block signals") < 0;
    result = proxy_open(&proxy, argv[1]);
    if (result == 0) result = proxy_run(&proxy);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
