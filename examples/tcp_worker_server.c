/* SPDX-License-Identifier: MIT */
/*
 * A TCP echo server with several worker processes. You can copy the whole program. The workers can get their clients in
 * two ways:
 *
 *  - Without --reuse-port, all workers share one listener. Each worker registers the listener with MIO_EXCLUSIVE, so
 *    that a new connection wakes one worker instead of all workers. The system wakes only a worker that is waiting for
 *    events. So a busy worker gets fewer clients than an idle worker, and a worker that hangs gets none. If the backend
 *    lacks MIO_EXCLUSIVE, a connection wakes all workers. One worker accepts the connection. The other workers get
 *    -EAGAIN.
 *  - With --reuse-port, each worker has its own listener with MIO_OPTION_REUSE_PORT, and all listeners have the same
 *    port. The system distributes the connections among the listeners. The workers share no object, so no worker waits
 *    for another worker. But the system chooses a listener by a hash of the addresses, and ignores how busy each worker
 *    is. You can replace the program without a pause: start the new program as the same user on the same port, and then
 *    stop the old program.
 *
 * After SIGTERM or SIGINT, each worker accepts the clients in the backlog, and closes its listener. Each worker then
 * serves its clients until they disconnect, but at most for 10 s. Then the worker ends. The parent process waits for
 * all workers. With --reuse-port, a connection is lost if it arrives after the last accept and before the listener is
 * closed. To prevent this on Linux 5.14 or later, set net.ipv4.tcp_migrate_req to 1. The system then moves the
 * connection to another listener of the port.
 *
 * If a worker has no free descriptor, the worker closes new connections at once. A client that sends without a pause
 * can delay other clients, because a worker serves a client until -EAGAIN. This program does not limit the number of
 * clients, and so does not limit its memory. tcp_echo_server.c lets busy clients take turns, and limits the number of
 * clients.
 */
#define _POSIX_C_SOURCE 200809L /* for kill in a strict C11 compilation */
#include <errno.h>
#include <mio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORKERS 64
#define EVENT_CAPACITY 64
#define GRACE_NS INT64_C(10000000000) /* how long clients are served after a stop signal */
#define RETRY_NS INT64_C(100000000)   /* how long to wait after a failed accept */

/* The tokens of the listener and of the signals. The token of a connection is the address of its struct connection. */
enum { TOKEN_LISTENER, TOKEN_SIGNALS };

struct connection {
    mio_tcp_stream stream;
    size_t begin; /* buffer[begin..end) must still be sent back */
    size_t end;
    char buffer[4096];
};

struct worker {
    mio_poll *poll;
    mio_tcp_listener listener;
    mio_accept_reserve reserve;
    mio_signals signals;
    int open; /* the number of connections */
    bool can_accept;
    int64_t retry_at; /* the worker accepts no client before this time */
    bool stopping;
    int64_t give_up_at;
};

static const char usage[] = "usage: tcp_worker_server [--reuse-port] [ADDRESS:PORT [WORKERS]]\n"
                            "Sends every byte back to the client that it came from, until SIGTERM or SIGINT. Shows how "
                            "several processes share\n"
                            "a listener, or with --reuse-port have one each.\n";

/* Prints the process ID, `what` and the text for `error`. `error` is a negative errno value. Returns `error`. */
static int fail(int error, const char *what)
{
    fprintf(stderr, "tcp_worker_server[%ld]: %s: %s\n", (long)getpid(), what, strerror(-error));
    return error;
}

static int watch(mio_poll *poll, mio_source *source, uintptr_t token, uint32_t interest)
{
    return mio_registry_register(mio_poll_registry(poll), source, token, interest);
}

/* ---- connections ---- */

static void add_connection(struct worker *worker, mio_tcp_stream stream)
{
    struct connection *connection = calloc(1, sizeof *connection);
    int result = -ENOMEM;
    if (connection) {
        connection->stream = stream;
        result = watch(worker->poll, &connection->stream.source, (uintptr_t)connection, MIO_READABLE | MIO_WRITABLE);
    }
    if (result < 0) {
        fail(result, "cannot serve a connection");
        mio_tcp_stream_close(&stream);
        free(connection);
        return;
    }
    worker->open++;
}

/* Reads bytes and sends them back, until reading or writing fails with -EAGAIN. The function does not read while the
 * buffer contains unsent bytes. So a client that does not read its answers delays only itself. Returns 0 at the end of
 * the connection, or a negative errno value, such as -EAGAIN. */
static int64_t echo(struct connection *connection)
{
    for (;;) {
        char *rest = connection->buffer + connection->begin;
        size_t length = connection->end - connection->begin;
        int64_t count = length > 0
                            ? mio_tcp_stream_write(&connection->stream, rest, length)
                            : mio_tcp_stream_read(&connection->stream, connection->buffer, sizeof connection->buffer);
        if (count <= 0) return count;
        connection->begin = length > 0 ? connection->begin + (size_t)count : 0;
        connection->end = length > 0 ? connection->end : (size_t)count;
    }
}

static void serve(struct worker *worker, struct connection *connection)
{
    if (echo(connection) == -EAGAIN) return;
    mio_tcp_stream_close(&connection->stream);
    free(connection);
    worker->open--;
}

/* ---- a worker ---- */

static void accept_clients(struct worker *worker)
{
    while (worker->can_accept) {
        mio_tcp_stream stream;
        int result = mio_tcp_listener_accept_or_shed(&worker->listener, &worker->reserve, &stream, NULL);
        if (result == 0) {
            add_connection(worker, stream);
        } else if (result == -EAGAIN) {
            worker->can_accept = false;
        } else if (!mio_accept_is_transient(result)) {
            fail(result, "cannot accept connections for now");
            worker->retry_at = mio_clock_now() + RETRY_NS;
            return;
        }
    }
}

/* Handles a stop signal. Accepts the connections in the backlog, because closing the worker's own listener would reset
 * these connections. Then closes the listener. If the workers share the listener, other processes still have it open,
 * and its registration would survive the close. So the function first deregisters the listener. */
static void stop_accepting(struct worker *worker)
{
    if (worker->stopping) return;
    worker->stopping = worker->can_accept = true;
    worker->give_up_at = mio_clock_now() + GRACE_NS;
    accept_clients(worker);
    worker->can_accept = false;
    mio_registry_deregister(mio_poll_registry(worker->poll), &worker->listener.source);
    mio_tcp_listener_close(&worker->listener);
}

static void take_event(struct worker *worker, const mio_event *event)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    switch (event->token) {
    case TOKEN_LISTENER:
        worker->can_accept = !worker->stopping;
        break;
    case TOKEN_SIGNALS:
        while (mio_signals_recv(&worker->signals, &info) == 1)
            stop_accepting(worker);
        break;
    default:
        serve(worker, (struct connection *)event->token);
    }
}

static int worker_run(struct worker *worker)
{
    mio_event events[EVENT_CAPACITY];
    while (!worker->stopping || (worker->open > 0 && mio_clock_now() < worker->give_up_at)) {
        int64_t until = worker->stopping ? worker->give_up_at : worker->can_accept ? worker->retry_at : INT64_MAX;
        int count = mio_poll_wait_until(worker->poll, events, EVENT_CAPACITY, until);
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events");
        for (int i = 0; i < count; i++)
            take_event(worker, &events[i]);
        if (worker->retry_at <= mio_clock_now()) accept_clients(worker);
    }
    return 0;
}

/* Opens the objects of a worker. The worker calls this function after the fork, because a child process cannot use a
 * poll object of its parent. */
static int worker_open(struct worker *worker)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    int result = mio_poll_new(&worker->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    result = mio_accept_reserve_open(&worker->reserve);
    if (result == 0) result = mio_signals_open(&worker->signals, numbers, 2, 0);
    if (result == 0) result = watch(worker->poll, &worker->signals.source, TOKEN_SIGNALS, MIO_READABLE);
    bool exclusive = result == 0 && (mio_poll_capabilities(worker->poll) & MIO_CAN_EXCLUSIVE) != 0;
    uint32_t interest = MIO_READABLE | (exclusive ? MIO_EXCLUSIVE : 0);
    if (result == 0) result = watch(worker->poll, &worker->listener.source, TOKEN_LISTENER, interest);
    return result < 0 ? fail(result, "cannot start") : 0;
}

static int worker_main(mio_tcp_listener listener)
{
    struct worker worker = {.listener = listener};
    int result = worker_open(&worker);
    if (result == 0) result = worker_run(&worker);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the parent ---- */

struct parent {
    mio_poll *poll;
    mio_signals signals;
    pid_t workers[MAX_WORKERS]; /* process IDs; 0 before the worker starts and after it has ended */
    int running;
    bool stopping;
    bool failed;
};

static int start_worker(struct parent *parent, mio_tcp_listener listener)
{
    pid_t pid = fork();
    if (pid < 0) return fail(-errno, "cannot start a worker");
    if (pid == 0) _exit(worker_main(listener)); /* _exit also closes all descriptors of the worker */
    parent->workers[parent->running++] = pid;
    return 0;
}

static void stop_workers(struct parent *parent)
{
    parent->stopping = true;
    for (int i = 0; i < MAX_WORKERS; i++) {
        if (parent->workers[i] != 0) kill(parent->workers[i], SIGTERM);
    }
}

/* Collects the exit status of each worker that has ended. If a worker fails, or ends before the parent has stopped the
 * workers, the parent stops all other workers. So the administrator notices the failure. */
static void reap_workers(struct parent *parent)
{
    for (int i = 0; i < MAX_WORKERS; i++) {
        int status = 0;
        if (parent->workers[i] == 0 || waitpid(parent->workers[i], &status, WNOHANG) <= 0) continue;
        parent->workers[i] = 0;
        parent->running--;
        if (parent->stopping && status == 0) continue;
        fprintf(stderr, "tcp_worker_server: a worker has failed\n");
        parent->failed = true;
        stop_workers(parent);
    }
}

/* Waits until all workers have ended. After SIGTERM or SIGINT, sends SIGTERM to all workers. */
static int parent_run(struct parent *parent)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGCHLD};
    mio_event event;
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    int result = mio_poll_new(&parent->poll, NULL);
    if (result < 0) return fail(result, "cannot make a poll object, of MIO_BACKEND if set");
    result = mio_signals_open(&parent->signals, numbers, 3, 0);
    if (result == 0) result = watch(parent->poll, &parent->signals.source, TOKEN_SIGNALS, MIO_READABLE);
    if (result < 0) return fail(result, "cannot take signals");
    while (parent->running > 0) {
        int count = mio_poll_wait(parent->poll, &event, 1, -1);
        if (count < 0 && count != -EINTR) return fail(count, "cannot wait for events");
        while (mio_signals_recv(&parent->signals, &info) == 1) {
            if (info.number == SIGCHLD)
                reap_workers(parent);
            else
                stop_workers(parent);
        }
    }
    return parent->failed ? -ECHILD : 0;
}

static void print_address(const mio_addr *addr)
{
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr_format(addr, text, sizeof text);
    printf("listening on %s\n", text);
    fflush(stdout);
}

static int cannot_listen(int error, const mio_addr *addr)
{
    char text[MIO_ADDR_TEXT_SIZE];
    mio_addr_format(addr, text, sizeof text);
    fprintf(stderr, "tcp_worker_server: cannot listen on %s: %s\n", text, strerror(-error));
    return error;
}

/* Opens a listener at *addr. If the port is 0, the system chooses a port. The function then stores this port in *addr,
 * so that the next listener gets the same port. */
static int open_listener(mio_tcp_listener *listener, mio_addr *addr, bool reuse_port)
{
    mio_tcp_socket socket;
    int result = mio_tcp_socket_open(&socket, mio_addr_family(addr));
    if (result < 0) return result;
    result = mio_source_set_option(&socket.source, MIO_OPTION_REUSE_ADDR, 1);
    if (result == 0 && reuse_port) result = mio_source_set_option(&socket.source, MIO_OPTION_REUSE_PORT, 1);
    if (result == 0) result = mio_tcp_socket_bind(&socket, addr);
    if (result == 0) result = mio_tcp_socket_local_addr(&socket, addr);
    if (result == 0) result = mio_tcp_socket_listen(&socket, MIO_BACKLOG_MAX, listener);
    mio_tcp_socket_close(&socket); /* does nothing after a success, when the listener owns the socket */
    return result;
}

/* Opens the listeners, starts the workers, and then prints the address. The parent closes its own copies of the
 * listeners. With --reuse-port, an open listener in the parent would get connections that nobody accepts. */
static int start_workers(struct parent *parent, mio_addr *addr, int count, bool reuse_port)
{
    mio_tcp_listener listener = {0};
    int result = 0;
    for (int i = 0; i < count && result == 0; i++) {
        if (i == 0 || reuse_port) {
            mio_tcp_listener_close(&listener);
            result = open_listener(&listener, addr, reuse_port);
            if (result < 0) return cannot_listen(result, addr);
        }
        result = start_worker(parent, listener);
    }
    mio_tcp_listener_close(&listener);
    if (result == 0) print_address(addr);
    return result;
}

int main(int argc, char **argv)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGCHLD};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return fputs(usage, stdout) < 0;
    bool reuse_port = argc > 1 && strcmp(argv[1], "--reuse-port") == 0;
    argc -= reuse_port;
    argv += reuse_port;
    mio_addr addr;
    const char *address = argc > 1 ? argv[1] : "127.0.0.1:13265";
    const char *workers = argc > 2 ? argv[2] : "2";
    char *rest;
    long count = strtol(workers, &rest, 10);
    bool wrong = *rest != '\0' || count < 1 || count > MAX_WORKERS;
    if (wrong) fprintf(stderr, "tcp_worker_server: not a number from 1 to %d: %s\n", MAX_WORKERS, workers);
    int parsed = mio_addr_parse(&addr, address);
    if (parsed < 0)
        fprintf(stderr, "tcp_worker_server: not an ADDRESS:PORT: %s: %s\n", address, mio_error_name(parsed));
    if (wrong || parsed < 0 || argc > 3) {
        fputs(usage, stderr);
        return 2;
    }

    /* Blocks the signals first, so that a signal stays pending until the loop of the parent or of a worker receives
     * it. A program can inherit that SIGCHLD is ignored. The system would then send no SIGCHLD. */
    mio_signal_mask mask;
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN); /* standard error can be a pipe without a reader */
    int result = mio_signal_mask_block(&mask, numbers, 3);
    if (result < 0) return fail(result, "cannot block signals") < 0;

    struct parent parent = {0};
    result = start_workers(&parent, &addr, (int)count, reuse_port);
    if (result < 0) stop_workers(&parent);
    int ended = parent_run(&parent);
    if (ended < 0) stop_workers(&parent);
    /* The signals stay blocked until the process ends, so that another signal cannot change the exit status. */
    mio_poll_free(parent.poll);
    return result == 0 && ended == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
