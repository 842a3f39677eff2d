/* SPDX-License-Identifier: MIT */
/*
 * A daemon that listens at a Unix socket. The daemon reads a greeting from a file, and answers each line of a client
 * with this greeting. You can copy the whole program. Usage:
 *
 *     unix_daemon SOCKET GREETING-FILE [IDLE-SECONDS]
 *
 *  - After SIGHUP, the daemon reads GREETING-FILE again. If reading fails, the daemon continues to use the old
 *    greeting.
 *  - After SIGTERM or SIGINT, the daemon removes the socket file, accepts the clients in the backlog, and closes its
 *    listener. Then the daemon serves its clients until they disconnect, but at most for 10 s, and ends.
 *  - lines.h splits the input into lines. If a line does not fit into the buffer, the daemon answers each part of the
 *    line.
 *  - The daemon disconnects a client that has been idle for IDLE-SECONDS, by default 60. timers.h keeps all timers in a
 *    heap, with one timer for each client. The earliest time in the heap is the deadline of the next wait.
 *  - If the socket file already exists, and a process listens at this file, the daemon does not start. If no process
 *    listens at the file, the daemon replaces the file.
 *  - The daemon stays in the foreground and writes to standard error, as a service manager expects.
 *  - If the process has no free descriptor, the daemon closes new connections at once.
 *  - The daemon serves a client until -EAGAIN, so a client that sends without a pause can delay other clients.
 *    tcp_echo_server.c shows how clients take turns.
 */
#define _POSIX_C_SOURCE 200809L /* for unlink in a strict C11 compilation */
#include "lines.h"
#include "timers.h"

#include <errno.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENT_CAPACITY 64
#define GREETING_SIZE 128
#define LINE_SIZE 256
#define GRACE_NS INT64_C(10000000000) /* how long clients are served after a stop signal */
#define RETRY_NS INT64_C(100000000)   /* how long to wait after a failed accept */

/* The tokens of the listener and of the signals. The token of a client is the address of its struct client. The timer
 * of the client has the same token. */
enum { TOKEN_LISTENER, TOKEN_SIGNALS };

struct client {
    mio_unix_stream stream;
    struct timer idle;
    size_t begin; /* answer[begin..end) must still be sent */
    size_t end;
    struct lines lines;
    char bytes[LINE_SIZE];
    char answer[GREETING_SIZE + LINE_SIZE + 4]; /* greeting and line, with a comma, a blank, a newline and a null */
    bool ended;                                 /* the client will send nothing more */
};

struct daemon {
    const char *path;
    const char *greeting_file;
    char greeting[GREETING_SIZE];
    mio_poll *poll;
    mio_unix_listener listener;
    mio_accept_reserve reserve;
    mio_signals signals;
    int64_t idle_ns;
    struct timers timers;
    struct timer retry; /* while this timer is set, the daemon accepts no clients */
    struct timer grace;
    int open; /* the number of clients */
    bool can_accept;
    bool stopping;
    bool gives_up;
};

static const char usage[] =
    "usage: unix_daemon SOCKET GREETING-FILE [IDLE-SECONDS]\n"
    "Answers each line of a client with the greeting in the file, until SIGTERM or SIGINT; SIGHUP reads the file "
    "again.\n"
    "Shows a whole daemon on a Unix socket: signals, reload, timers, a graceful end, and a socket file that was left "
    "behind.\n";

/* Prints `what`, `name` and the text for `error`. `error` is a negative errno value. Returns `error`. */
static int fail(int error, const char *what, const char *name)
{
    fprintf(stderr, "unix_daemon: %s%s: %s\n", what, name, strerror(-error));
    return error;
}

static int watch(const struct daemon *daemon, mio_source *source, uintptr_t token, uint32_t interest)
{
    return mio_registry_register(mio_poll_registry(daemon->poll), source, token, interest);
}

/* Reads the first line of the file, and stores it as the greeting. If reading fails, does not change the greeting. */
static int load_greeting(struct daemon *daemon)
{
    char line[GREETING_SIZE];
    errno = 0;
    FILE *file = fopen(daemon->greeting_file, "r");
    bool loaded = file != NULL && fgets(line, sizeof line, file) != NULL;
    int error = errno != 0 ? errno : ENODATA; /* errno is 0 if the file is empty */
    if (file != NULL) fclose(file);
    if (!loaded) return fail(-error, "cannot read ", daemon->greeting_file);
    line[strcspn(line, "\n")] = '\0';
    memcpy(daemon->greeting, line, sizeof line);
    return 0;
}

/* ---- clients ---- */

/* Stores the answer to the next line, and returns true. If no complete line has arrived, returns false. At the end of
 * the input, also answers a last line without a newline. If a line is too long for the buffer, each part of the line
 * gets its own answer. If a line contains a null byte, the answer contains only the text before the null byte. */
static bool answer_line(const struct daemon *daemon, struct client *client)
{
    struct line line;
    if (!lines_take(&client->lines, &line) && !(client->ended && lines_rest(&client->lines, &line))) return false;
    client->begin = 0;
    client->end = (size_t)snprintf(client->answer, sizeof client->answer, "%s, %s\n", daemon->greeting, line.text);
    return true;
}

/* Reads lines and sends answers, until reading or writing fails with -EAGAIN. The function does not read while an
 * answer is unsent. So a client that does not read its answers delays only itself. Returns 0 at the end of the
 * connection, or a negative errno value, such as -EAGAIN. */
static int64_t converse(const struct daemon *daemon, struct client *client)
{
    for (;;) {
        int64_t count;
        if (client->begin < client->end || answer_line(daemon, client)) {
            count = mio_unix_stream_write(&client->stream, client->answer + client->begin, client->end - client->begin);
            if (count > 0) client->begin += (size_t)count;
        } else if (client->ended) {
            return 0;
        } else {
            count = mio_unix_stream_read(&client->stream, lines_space(&client->lines), lines_room(&client->lines));
            if (count > 0) lines_add(&client->lines, (size_t)count);
            client->ended = count == 0;
        }
        if (count < 0) return count;
    }
}

static void remove_client(struct daemon *daemon, struct client *client)
{
    timers_cancel(&daemon->timers, &client->idle);
    mio_unix_stream_close(&client->stream);
    free(client);
    daemon->open--;
}

static void renew(struct daemon *daemon, struct client *client)
{
    timers_set(&daemon->timers, &client->idle, mio_clock_now() + daemon->idle_ns);
}

/* Answers the complete lines of a client. If the connection has ended, frees the client. The array of events contains
 * at most one event for each client, so no other event in the array has the token of the freed client. */
static void serve(struct daemon *daemon, struct client *client)
{
    if (converse(daemon, client) == -EAGAIN)
        renew(daemon, client);
    else
        remove_client(daemon, client);
}

static void add_client(struct daemon *daemon, mio_unix_stream stream)
{
    struct client *client = calloc(1, sizeof *client);
    int result = -ENOMEM;
    if (client != NULL) {
        client->stream = stream;
        lines_init(&client->lines, client->bytes, sizeof client->bytes);
        client->idle.token = (uintptr_t)client;
        result = watch(daemon, &client->stream.source, (uintptr_t)client, MIO_READABLE | MIO_WRITABLE);
    }
    if (result < 0) {
        fail(result, "cannot serve a client", "");
        mio_unix_stream_close(&stream);
        free(client);
        return;
    }
    daemon->open++;
    renew(daemon, client);
}

static void accept_clients(struct daemon *daemon)
{
    while (daemon->can_accept) {
        mio_unix_stream stream;
        int result = mio_unix_listener_accept_or_shed(&daemon->listener, &daemon->reserve, &stream, NULL);
        if (result == 0) {
            add_client(daemon, stream);
        } else if (result == -EAGAIN) {
            daemon->can_accept = false;
        } else if (!mio_accept_is_transient(result)) {
            fail(result, "cannot accept clients for now", "");
            timers_set(&daemon->timers, &daemon->retry, mio_clock_now() + RETRY_NS);
            return;
        }
    }
}

/* ---- signals ---- */

/* Handles a stop signal. Removes the socket file first, so that a new daemon can listen at the same path. Then accepts
 * the clients in the backlog, and closes the listener. */
static void stop(struct daemon *daemon)
{
    if (daemon->stopping) return;
    daemon->stopping = daemon->can_accept = true;
    timers_set(&daemon->timers, &daemon->grace, mio_clock_now() + GRACE_NS);
    unlink(daemon->path);
    accept_clients(daemon);
    daemon->can_accept = false;
    mio_unix_listener_close(&daemon->listener);
}

static void take_signals(struct daemon *daemon)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    while (mio_signals_recv(&daemon->signals, &info) == 1) {
        if (info.number != SIGHUP)
            stop(daemon);
        else if (load_greeting(daemon) == 0)
            fprintf(stderr, "unix_daemon: reloaded\n");
    }
}

/* ---- the loop ---- */

static void take_event(struct daemon *daemon, const mio_event *event)
{
    switch (event->token) {
    case TOKEN_LISTENER:
        daemon->can_accept = !daemon->stopping;
        break;
    case TOKEN_SIGNALS:
        take_signals(daemon);
        break;
    default:
        serve(daemon, (struct client *)event->token);
    }
}

static void take_timers(struct daemon *daemon)
{
    int64_t now = mio_clock_now();
    struct timer *timer;
    while ((timer = timers_take(&daemon->timers, now)) != NULL) {
        if (timer == &daemon->grace)
            daemon->gives_up = true;
        else if (timer != &daemon->retry)
            remove_client(daemon, (struct client *)timer->token);
    }
}

static int daemon_run(struct daemon *daemon)
{
    mio_event events[EVENT_CAPACITY];
    while (!daemon->stopping || (daemon->open > 0 && !daemon->gives_up)) {
        int count = mio_poll_wait_until(daemon->poll, events, EVENT_CAPACITY, timers_next(&daemon->timers));
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events", "");
        for (int i = 0; i < count; i++)
            take_event(daemon, &events[i]);
        take_timers(daemon);
        if (!timer_is_set(&daemon->retry)) accept_clients(daemon);
    }
    return 0;
}

/* Opens the signals first. So if a signal arrives before the loop runs, the signal stays pending. */
static int daemon_open(struct daemon *daemon)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    mio_addr addr;
    signal(SIGPIPE, SIG_IGN); /* standard error can be a pipe without a reader */
    int result = mio_signals_open(&daemon->signals, numbers, 3, 0);
    if (result < 0) return fail(result, "cannot take signals", "");
    result = mio_poll_new(&daemon->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set", "");
    if (load_greeting(daemon) < 0) return -1; /* load_greeting has printed the error */
    result = mio_addr_from_path(&addr, daemon->path, strlen(daemon->path));
    if (result == 0) result = mio_unix_listener_bind(&daemon->listener, &addr, MIO_BACKLOG_MAX, MIO_UNIX_REPLACE);
    if (result < 0) return fail(result, "cannot listen on ", daemon->path);
    result = mio_accept_reserve_open(&daemon->reserve);
    if (result == 0) result = watch(daemon, &daemon->signals.source, TOKEN_SIGNALS, MIO_READABLE);
    if (result == 0) result = watch(daemon, &daemon->listener.source, TOKEN_LISTENER, MIO_READABLE);
    if (result == 0) return 0;
    unlink(daemon->path);
    return fail(result, "cannot start", "");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    char *rest = "";
    long idle = argc == 4 ? strtol(argv[3], &rest, 10) : 60;
    bool wrong = *rest != '\0' || idle < 1 || idle > 1000000;
    if (wrong) fprintf(stderr, "unix_daemon: not a number of seconds: %s\n", argv[3]);
    if (wrong || argc < 3 || argc > 4) {
        fputs(usage, stderr);
        return 2;
    }
    struct daemon daemon = {.path = argv[1], .greeting_file = argv[2], .idle_ns = idle * INT64_C(1000000000)};
    int result = daemon_open(&daemon);
    if (result == 0) {
        printf("listening on %s\n", daemon.path);
        fflush(stdout);
        result = daemon_run(&daemon);
    }
    mio_unix_listener_close(&daemon.listener);
    mio_accept_reserve_close(&daemon.reserve);
    /* The signals stay blocked until the process ends, so that another signal cannot change the exit status. */
    mio_poll_free(daemon.poll);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
