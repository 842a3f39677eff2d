/* SPDX-License-Identifier: MIT */
/*
 * Sends commands to a Redis server with hiredis and mio. When hiredis starts or stops waiting for an event of its
 * socket, hiredis calls a hook of the program. You can copy the whole program. Usage:
 *
 *     redis_client [--port N] [--timeout MILLISECONDS] SERVER COMMAND [ARGUMENT]... [, COMMAND [ARGUMENT]...]...
 *
 * If SERVER contains a slash, it is the path of a Unix socket. Otherwise it is an IP address. The program sends all
 * commands at once, prints each answer as it arrives, and ends after the last answer. If the last command is SUBSCRIBE
 * or PSUBSCRIBE, the program prints messages until SIGINT or SIGTERM. The exit status is 1 if an answer is an error, if
 * the server ends the connection, or if no answer arrives within the timeout.
 *
 * Rules for using hiredis with mio:
 *
 *  - Register the socket with MIO_LEVEL, because hiredis reads at most 16 KiB for an event, even if more bytes have
 *    arrived.
 *  - The program has a pointer to the context. In the cleanup hook, deregister the descriptor, and set this pointer to
 *    null. hiredis calls this hook before it closes the socket and frees the context. Each call of redisAsyncHandleRead
 *    or redisAsyncHandleWrite can run this hook, because the connection can fail, or redisAsyncDisconnect can complete.
 *    So test the pointer after each of these calls. Store the pointer in a structure that lives longer than the
 *    context, and pass this structure to the hooks.
 *  - Pass an event to hiredis only if hiredis has asked for this kind of event, because hiredis takes the first
 *    writable event to mean "connected". If the socket has an error, mio reports the socket as readable and writable,
 *    so hiredis also learns of errors. Before you connect again, handle all events of the wait. Otherwise an event of
 *    the old socket would look like an event of the new socket.
 *  - In the hooks for reading and writing, change the registration only if the interest changes, because hiredis often
 *    calls such a hook when nothing has changed. The hooks cannot return an error, so store the error where the
 *    loop can find it.
 *  - hiredis 0.14 has some gaps. hiredis has no timeouts, so the loop has a deadline. hiredis resolves a name with
 *    getaddrinfo, which blocks, so this program accepts only addresses. hiredis writes without MSG_NOSIGNAL, so the
 *    program ignores SIGPIPE. hiredis opens sockets that are not close-on-exec, so the program sets this flag.
 *  - Turn on TCP keep-alive. Without keep-alive, a client that only receives messages would not notice that the
 *    server's host has disappeared.
 */
#define _POSIX_C_SOURCE 200809L /* for sigaction and other functions in a strict C11 compilation */
#include <errno.h>
#include <fcntl.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVENT_CAPACITY 8
#define DEFAULT_PORT 6379
#define DEFAULT_TIMEOUT_MS 5000
#define MAX_TIMEOUT_MS 86400000

enum { TOKEN_SIGNALS, TOKEN_REDIS };

struct client {
    const char *server;
    mio_poll *poll;
    mio_signals signals;
    redisAsyncContext *context; /* null when hiredis has freed the context */
    uint32_t interest;          /* the registered interest, or 0 if the socket is not registered */
    int watch_error;            /* the error of a registration that failed in a hook, or 0 */
    int pending;                /* number of commands without an answer; a subscription does not count */
    bool listening;             /* the last command was a subscription, so messages follow the last answer */
    int64_t timeout_ns;
    int64_t due; /* deadline of the next answer, on the clock of mio_clock_now */
    bool failed;
};

static const char usage[] =
    "usage: redis_client [--port N] [--timeout MILLISECONDS] SERVER COMMAND [ARGUMENT]...\n"
    "           [, COMMAND [ARGUMENT]...]...\n"
    "Sends the commands to a Redis server and prints the answers. Shows how mio drives hiredis.\n";

static int fail(struct client *client, const char *what, const char *why)
{
    fprintf(stderr, "redis_client: %s: %s\n", what, why);
    client->failed = true;
    return -1;
}

/* ---- hooks ---- */

static void set_interest(struct client *client, uint32_t interest)
{
    mio_registry *registry = mio_poll_registry(client->poll);
    int fd = client->context->c.fd;
    int result;
    if (interest == client->interest) return;
    if (interest == 0)
        result = mio_registry_deregister_handle(registry, fd);
    else if (client->interest == 0)
        result = mio_registry_register_handle(registry, fd, TOKEN_REDIS, interest | MIO_LEVEL);
    else
        result = mio_registry_reregister_handle(registry, fd, TOKEN_REDIS, interest | MIO_LEVEL);
    if (result < 0)
        client->watch_error = result;
    else
        client->interest = interest;
}

static void add_read(void *context)
{
    struct client *client = context;
    set_interest(client, client->interest | MIO_READABLE);
}

static void delete_read(void *context)
{
    struct client *client = context;
    set_interest(client, client->interest & ~MIO_READABLE);
}

static void add_write(void *context)
{
    struct client *client = context;
    set_interest(client, client->interest | MIO_WRITABLE);
}

static void delete_write(void *context)
{
    struct client *client = context;
    set_interest(client, client->interest & ~MIO_WRITABLE);
}

/* The cleanup hook, which hiredis calls before it frees the context. hiredis stores an error first in c.err, and only
 * later in the member `err` of the context. So clean_up reads c.err. */
static void clean_up(void *context)
{
    struct client *client = context;
    set_interest(client, 0);
    if (client->context->c.err != 0) fail(client, client->server, client->context->c.errstr);
    client->context = NULL;
}

/* ---- answers ---- */

static void print_reply(const redisReply *reply)
{
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        printf("%lld", reply->integer);
        break;
    case REDIS_REPLY_NIL:
        printf("(nil)");
        break;
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < reply->elements; i++) {
            if (i > 0) putchar(' ');
            print_reply(reply->element[i]);
        }
        break;
    default:
        fwrite(reply->str, 1, reply->len, stdout); /* a reply can contain null bytes */
    }
}

/* hiredis calls this function for each message of a subscription. `reply` is null if the connection has ended. Then
 * clean_up prints the reason. */
static void on_message(redisAsyncContext *context, void *reply, void *unused)
{
    struct client *client = context->data;
    (void)unused;
    if (reply == NULL) return;
    print_reply(reply);
    putchar('\n');
    fflush(stdout);
    client->due = client->pending > 0 ? mio_clock_now() + client->timeout_ns : INT64_MAX;
}

/* hiredis calls this function for the answer to a command. After the last answer, the function asks hiredis to
 * disconnect, and hiredis does so when the function has returned. */
static void on_answer(redisAsyncContext *context, void *reply, void *unused)
{
    struct client *client = context->data;
    const redisReply *answer = reply;
    client->pending--;
    if (answer == NULL || answer->type == REDIS_REPLY_ERROR) client->failed = true;
    on_message(context, reply, unused);
    if (answer != NULL && client->pending == 0 && !client->listening) redisAsyncDisconnect(context);
}

/* ---- the loop ---- */

/* If SIGINT or SIGTERM has arrived, frees the context, so that the program ends without waiting for answers. */
static void take_signals(struct client *client)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    bool stopped = false;
    while (mio_signals_recv(&client->signals, &info) == 1)
        stopped = true;
    if (stopped && client->context != NULL) redisAsyncFree(client->context);
}

static void take_event(struct client *client, const mio_event *event)
{
    if (event->token == TOKEN_SIGNALS) take_signals(client);
    if (event->token != TOKEN_REDIS || client->context == NULL) return;
    uint32_t ready = event->readiness & client->interest;
    if ((ready & MIO_READABLE) != 0) redisAsyncHandleRead(client->context);
    if ((ready & MIO_WRITABLE) != 0 && client->context != NULL) redisAsyncHandleWrite(client->context);
}

/* Waits once, and handles the events. Checks the deadline after the events, so that an answer that has already arrived
 * is not treated as late. */
static int turn(struct client *client)
{
    mio_event events[EVENT_CAPACITY];
    if (client->watch_error < 0) return client->watch_error;
    int count = mio_poll_wait_until(client->poll, events, EVENT_CAPACITY, client->due);
    if (count < 0) return count == -EINTR ? 0 : count;
    for (int i = 0; i < count; i++)
        take_event(client, &events[i]);
    return client->due <= mio_clock_now() ? -ETIMEDOUT : 0;
}

/* Handles events until hiredis has freed the context. On an error or a timeout, the function frees the context. */
static void run(struct client *client)
{
    while (client->context != NULL) {
        int result = turn(client);
        if (result == 0 || client->context == NULL) continue;
        fail(client, "gives up", strerror(-result));
        redisAsyncFree(client->context);
    }
}

/* ---- start and end ---- */

/* Sends one command. The function does not count a subscription as a pending command, because a subscription has no
 * last answer. */
static int send_command(struct client *client, int count, const char **words)
{
    if (count == 0) return fail(client, "cannot send", "an empty command");
    if (client->listening) return fail(client, words[0], "a subscription takes no more commands");
    client->listening = strcasecmp(words[0], "subscribe") == 0 || strcasecmp(words[0], "psubscribe") == 0;
    if (!client->listening) client->pending++;
    redisCallbackFn *callback = client->listening ? on_message : on_answer;
    int status = redisAsyncCommandArgv(client->context, callback, NULL, count, words, NULL);
    return status == REDIS_OK ? 0 : fail(client, words[0], "hiredis rejects the command");
}

static int send_commands(struct client *client, int count, const char **words)
{
    int result = 0;
    for (int first = 0; first <= count && result == 0;) {
        int end = first;
        while (end < count && strcmp(words[end], ",") != 0)
            end++;
        result = send_command(client, end - first, words + first);
        first = end + 1;
    }
    return result;
}

/* Starts to connect. Often the connection is established only after the function has returned. */
static int connect_to(struct client *client, int port)
{
    const char *server = client->server;
    mio_addr addr;
    bool is_path = strchr(server, '/') != NULL;
    if (!is_path && mio_addr_parse_ip(&addr, server, (uint16_t)port) < 0) return fail(client, server, "not an address");
    redisAsyncContext *context = is_path ? redisAsyncConnectUnix(server) : redisAsyncConnect(server, port);
    if (context == NULL) return fail(client, server, strerror(ENOMEM));
    client->context = context;
    if (context->err != 0) return fail(client, server, context->errstr);
    if (!is_path && redisEnableKeepAlive(&context->c) != REDIS_OK) return fail(client, server, context->c.errstr);
    if (fcntl(context->c.fd, F_SETFD, FD_CLOEXEC) < 0) return fail(client, server, strerror(errno));
    context->data = context->ev.data = client;
    context->ev.addRead = add_read;
    context->ev.delRead = delete_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = delete_write;
    context->ev.cleanup = clean_up;
    client->due = mio_clock_now() + client->timeout_ns;
    return 0;
}

static int open_client(struct client *client)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    int result = mio_signals_open(&client->signals, numbers, 2, 0);
    if (result < 0) return fail(client, "cannot take signals", strerror(-result));
    result = mio_poll_new(&client->poll, NULL);
    if (result < 0) return fail(client, "cannot make a poll object, of MIO_BACKEND if set", strerror(-result));
    result =
        mio_registry_register(mio_poll_registry(client->poll), &client->signals.source, TOKEN_SIGNALS, MIO_READABLE);
    return result < 0 ? fail(client, "cannot start", strerror(-result)) : 0;
}

/* Frees the context before the poll object, because the hooks of the context use the poll object. The signals stay
 * blocked until the process ends, so that another signal cannot change the exit status. */
static void close_client(struct client *client)
{
    if (client->context != NULL) redisAsyncFree(client->context);
    if (client->poll != NULL) mio_registry_deregister(mio_poll_registry(client->poll), &client->signals.source);
    mio_poll_free(client->poll);
}

/* Returns the number in `text`. If the text is not a number from 1 to `maximum`, prints an error and returns 0. */
static int parse_number(const char *text, long maximum)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end == '\0' && value > 0 && value <= maximum) return (int)value;
    fprintf(stderr, "redis_client: not a number from 1 to %ld: %s\n", maximum, text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    int port = DEFAULT_PORT;
    int timeout_ms = DEFAULT_TIMEOUT_MS;
    int first = 1;
    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "--port") == 0)
            port = parse_number(argv[first + 1], UINT16_MAX);
        else if (strcmp(argv[first], "--timeout") == 0)
            timeout_ms = parse_number(argv[first + 1], MAX_TIMEOUT_MS);
        else
            break;
    }
    bool wrong = first < argc && argv[first][0] == '-';
    if (wrong) fprintf(stderr, "redis_client: not an option with a value: %s\n", argv[first]);
    if (wrong || first + 1 >= argc || port == 0 || timeout_ms == 0) {
        fputs(usage, stderr);
        return 2;
    }
    struct client client = {.server = argv[first], .timeout_ns = timeout_ms * INT64_C(1000000)};
    signal(SIGPIPE, SIG_IGN);
    int result = open_client(&client);
    if (result == 0) result = connect_to(&client, port);
    if (result == 0) result = send_commands(&client, argc - first - 1, (void *)(argv + first + 1));
    if (result == 0) run(&client);
    close_client(&client);
    return client.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
