/* SPDX-License-Identifier: MIT */
/*
 * A TCP proxy. You can copy the whole program. For each client, the proxy opens a connection to the target. The two
 * connections form a pair, and the proxy copies bytes between them in both directions. The functions from flush() to
 * pair_limit() are copies from mio_proxy(7). That page explains back-pressure, half-close, stored readiness, turns, and
 * the limit for the number of pairs. If the limit is reached, further clients wait in the backlog until a pair ends.
 *
 * After SIGTERM or SIGINT, the proxy accepts clients from the backlog, until the backlog is empty or the limit is
 * reached. Then the proxy closes its listener. The proxy serves its clients until they disconnect, but not for longer
 * than 10 s. Then the proxy ends.
 *
 * The proxy has no timeouts. If the target does not answer, a client can wait for minutes. A connected pair can be idle
 * for any time. mio_timers(7) shows how to add timeouts. The proxy connects to a single address of the target.
 * mio_connecting(7) shows how to try several addresses.
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
#define STEPS 16                      /* how many times pump() reads and writes in one turn */
#define LOST_MAX (16 << 20)           /* if one side breaks, discard at most this many bytes of the other side */
#define GRACE_NS INT64_C(10000000000) /* how long clients are served after a stop signal */
#define RETRY_NS INT64_C(100000000)   /* how long to wait after a failed accept */

/* The tokens of the listener and of the signals. The token of the connection to a client is the address of the struct
 * pair of this connection. The token of the connection to the target is this address plus 1. */
enum { TOKEN_LISTENER, TOKEN_SIGNALS };

/* One connection of a pair. The proxy has read bytes[begin..end) from this connection, and must still write these bytes
 * to the other connection. */
struct side {
    mio_tcp_stream stream;
    uint32_t ready; /* a readiness word */
    int ended;      /* the proxy reads no more bytes from this side */
    int told;       /* the proxy has told the other side that this side has ended */
    int broken;     /* this side accepts no more bytes */
    size_t lost;    /* number of bytes that the proxy discarded, because the other side is broken */
    size_t begin, end;
    char bytes[16384];
};

struct pair {
    struct side sides[2]; /* the client and the target */
    bool connected;       /* the target is connected */
    bool listed;          /* whether the pair is in the list of ready pairs */
    struct pair *next;    /* the next pair in the list of ready pairs */
};

struct proxy {
    mio_poll *poll;
    mio_tcp_listener listener;
    mio_addr target;
    mio_signals signals;
    struct pair *ready; /* list of ready pairs: pairs that have a new event, or more work after their last turn */
    int open, open_max; /* the number of pairs, and its maximum */
    bool can_accept;
    int64_t retry_at; /* the proxy accepts no client before this time */
    bool stopping;
    int64_t give_up_at;
};

static const char usage[] = "usage: tcp_proxy ADDRESS:PORT TARGET-ADDRESS:PORT\n"
                            "Relays each client of the first address to the second, until SIGTERM or SIGINT. Shows "
                            "back-pressure, half-close\n"
                            "and a graceful end.\n";

/* Prints `what` and the text for `error`. `error` is a negative errno value. Returns `error`. */
static int fail(int error, const char *what)
{
    fprintf(stderr, "tcp_proxy: %s: %s\n", what, strerror(-error));
    return error;
}

static int watch(struct proxy *proxy, mio_source *source, uintptr_t token, uint32_t interest)
{
    return mio_registry_register(mio_poll_registry(proxy->poll), source, token, interest);
}

/* ---- copied from mio_proxy(7) ---- */

/* Writes the bytes in the buffer of `from` to the other side, `to`. If `to` is broken, discards the bytes. Returns 0
 * when the buffer is empty, or -EAGAIN if the caller must wait for an event of `to`. */
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

/* Reads once from `from`, and appends the bytes to its buffer, which must have space. Returns the number of bytes, 0 at
 * the end of the stream or after an error, or -EAGAIN if the caller must wait for an event of `from`. */
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

/* Copies bytes from `from` to `to`, until a call returns -EAGAIN or the turn is over. Reads only when the buffer is
 * empty. When `from` has ended and `to` has all its bytes, shuts down `to` for writing. Returns 0 when this direction
 * is complete, 1 when the turn is over, or -EAGAIN if the caller must wait for an event. */
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

/* Copies bytes in both directions. One direction can end before the other direction. Returns 0 when both directions are
 * complete, 1 when the turn is over, or -EAGAIN if the caller must wait for an event. */
static int64_t relay(struct side pair[2])
{
    int64_t there = pump(&pair[0], &pair[1]);
    int64_t back = pump(&pair[1], &pair[0]);
    if (there == 1 || back == 1) return 1;
    return there < 0 ? there : back;
}

/* Returns how many pairs the process can open, or a negative errno value. The function counts the descriptors that are
 * still free, and a pair needs two. So call the function after the program has opened all its other descriptors. */
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

/* Completes the connection to the target, and then copies bytes. Until an event of the target reports that the
 * connection is established, returns -EAGAIN. Otherwise returns the result of relay(), or a negative errno value if the
 * connection failed. */
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

/* Serves each pair in the list of ready pairs for one turn, and frees the pairs that have ended. The loop calls this
 * function after it has handled all events of a wait, so no event can contain the address of a freed pair. */
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

/* Sets the maximal number of pairs. Without this limit, accepted clients could use all descriptors, and the proxy would
 * have no descriptor to connect to the target. */
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

/* Handles a stop signal. Accepts the connections in the backlog, because closing the listener would reset them. Then
 * closes the listener. */
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
    if (result == 0) /* accepted connections inherit MIO_OPTION_NODELAY */
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
    if (result == 0) result = limit_pairs(proxy); /* last, because limit_pairs counts the free descriptors */
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
    for (int i = 1; i < 3; i++) { /* checks both addresses, and stores the second address as the target */
        int parsed = mio_addr_parse(&proxy.target, argv[i]);
        if (parsed == 0) continue;
        fprintf(stderr, "tcp_proxy: not an ADDRESS:PORT: %s: %s\n", argv[i], mio_error_name(parsed));
        return 2;
    }

    /* Blocks the signals first, so that a signal stays pending until the loop receives it. */
    mio_signal_mask mask;
    static const int numbers[] = {SIGTERM, SIGINT};
    signal(SIGPIPE, SIG_IGN); /* standard error can be a pipe without a reader */
    int result = mio_signal_mask_block(&mask, numbers, 2);
    if (result < 0) return fail(result, "cannot block signals") < 0;
    result = proxy_open(&proxy, argv[1]);
    if (result == 0) result = proxy_run(&proxy);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
