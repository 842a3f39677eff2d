/* SPDX-License-Identifier: MIT */
#include "server.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#define EVENT_CAPACITY 256
#define ACCEPTS_PER_TURN 64
#define SECOND INT64_C(1000000000)
#define RETRY_TIME (SECOND / 10)     /* the pause when descriptors, memory or the manager's queue have run out */
#define COMPLAINT_TIME (10 * SECOND) /* the time between two reports that something has run out */

enum { TOKEN_STOP, TOKEN_RELOAD, TOKEN_LISTENER, TOKEN_CLIENT = TOKEN_LISTENER + LISTENERS_MAX };

static struct client *first(const struct server *server, enum client_state state)
{
    return TAILQ_FIRST(&server->lists[state]);
}

/* Limits messages about a lasting condition. Without a limit, each client would cause a message, and the log might fill
 * the disk. */
static void complain(struct server *server, int error, const char *what)
{
    if (server->now < server->complain_at) return;
    server->complain_at = server->now + COMPLAINT_TIME;
    log_error(error, "%s", what);
}

/* Frees the spare descriptor. The server calls this function before it opens the table, or a socket to notify the
 * service manager. Without the spare descriptor, clients could use all descriptors. Then opening would fail, and the
 * service manager would assume that the server is dead. */
static void lend_spare(struct server *server)
{
    mio_accept_reserve_close(&server->spare);
}

static void take_back_spare(struct server *server)
{
    int result = mio_accept_reserve_open(&server->spare);
    if (result < 0) complain(server, result, "cannot keep a spare descriptor"); /* the next call tries again */
}

/* ---- the service manager; without a manager these functions do nothing ---- */

static int notify(struct server *server, const char *message)
{
    lend_spare(server);
    int result = mio_service_notify(message, NULL, 0);
    take_back_spare(server);
    if (result < 0) complain(server, result, "cannot notify the service manager");
    return result;
}

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Sends `state` to the service manager. If the queue of the manager was full, returns the time to send the state again.
 * Otherwise returns INT64_MAX. */
static int64_t say(struct server *server, const char *state)
{
    char message[128];
    snprintf(message, sizeof message, "%s=1\nSTATUS=%zu entries, %" PRIu32 " clients", state, server->table.count,
             server->client_count);
    return notify(server, message) == -EAGAIN ? server->now + RETRY_TIME : INT64_MAX;
}

/* Sends READY=1. Without this message, the service manager treats a start or a reload as failed. */
static void say_ready(struct server *server)
{
    server->ready_at = say(server, "READY");
}

static void feed_watchdog(struct server *server)
{
    if (server->now < server->watchdog_at) return;
    server->watchdog_at = earlier(server->now + server->watchdog_interval, say(server, "WATCHDOG"));
}

/* Finds out how often to notify the service manager, and halves this interval. */
static void find_watchdog(struct server *server)
{
    server->watchdog_at = server->ready_at = INT64_MAX;
    int result = mio_service_watchdog(&server->watchdog_interval);
    if (result < 0) complain(server, result, "cannot tell how often to notify the service manager");
    server->watchdog_interval /= 2;
    if (result == 1) server->watchdog_at = server->now;
}

/* ---- clients ---- */

/* Moves a client to the end of a list. All timeouts are equal, so the waiting clients are in the order of deadlines. */
static void move(struct server *server, struct client *client, enum client_state state)
{
    TAILQ_REMOVE(&server->lists[client->state], client, neighbours);
    TAILQ_INSERT_TAIL(&server->lists[state], client, neighbours);
    client->state = state;
    client->deadline = server->now + server->limits.idle;
}

static void drop(struct server *server, struct client *client)
{
    mio_source_close(&client->stream);
    move(server, client, CLIENT_FREE);
    server->client_count--;
    server->accept_at = server->now; /* a descriptor is free again */
}

/* Gives a client a turn. The deadline of the client moves only if the client got an answer, or if its turn ended before
 * its work was done. */
static void serve(struct server *server, struct client *client)
{
    int result = client_serve(client, &server->table);
    if (result > 0) {
        move(server, client, CLIENT_BUSY);
    } else if (result != -EAGAIN || (server->stopping && client_is_idle(client))) {
        drop(server, client);
    } else if (client->answered || client->state == CLIENT_BUSY) {
        move(server, client, CLIENT_WAITING);
    }
    client->answered = false;
}

/* Gives one turn to each client that is busy when the function begins. Then the loop checks for events, so that no
 * client waits long. */
static void serve_busy(struct server *server)
{
    const struct client *last = TAILQ_LAST(&server->lists[CLIENT_BUSY], client_list);
    for (struct client *client = NULL; client != last;) {
        client = first(server, CLIENT_BUSY);
        serve(server, client);
    }
}

/* Drops the clients whose deadline has passed. The first client in the list has the next deadline, so the server needs
 * no timers and no search. */
static void drop_late(struct server *server)
{
    struct client *client;
    while ((client = first(server, CLIENT_WAITING)) != NULL && client->deadline <= server->now)
        drop(server, client);
}

/* Registers a client once, edge-triggered, as readable and writable, because an unused interest costs nothing. The
 * first event comes at once. */
static void add_client(struct server *server, mio_source stream, enum transport transport)
{
    struct client *client = first(server, CLIENT_FREE);
    uintptr_t token = TOKEN_CLIENT + (uintptr_t)(client - server->clients);
    client_open(client, stream);
    move(server, client, CLIENT_WAITING);
    server->client_count++;
    int result = 0;
    /* Sends each answer at once. The listener cannot pass on this option to a client that connected before the daemon
     * started. */
    if (transport == TRANSPORT_TCP) result = mio_source_set_option(&client->stream, MIO_OPTION_NODELAY, 1);
    if (result == 0)
        result =
            mio_registry_register(mio_poll_registry(server->poll), &client->stream, token, MIO_READABLE | MIO_WRITABLE);
    if (result == 0) return;
    complain(server, result, "cannot serve a client");
    drop(server, client);
}

/* ---- listeners ---- */

/* Returns the listener to accept from. The listeners take turns, so that the clients of one listener do not fill the
 * table. */
static struct listener *next_listener(struct server *server)
{
    struct listeners *listeners = &server->listeners;
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->list[server->next_listener++ % listeners->count];
        if (listener->can_accept) return listener;
    }
    return NULL;
}

/* Accepts one client. If descriptors have run out, the server turns the client away instead of waiting for a free
 * descriptor. */
static void accept_one(struct server *server, struct listener *listener)
{
    mio_source stream;
    int result = mio_listener_accept_or_shed(&listener->source, &server->reserve, &stream, NULL);
    if (result == 0) {
        add_client(server, stream, listener->transport);
    } else if (result == -EAGAIN) {
        listener->can_accept = false;
    } else if (result == -ECANCELED) {
        complain(server, -EMFILE, "a client was turned away");
    } else if (!mio_accept_is_transient(result)) {
        complain(server, result, "cannot accept clients for now"); /* no event reports the waiting clients */
        server->accept_at = server->now + RETRY_TIME;
    }
}

/* Accepts at most `limit` clients. While the table is full, clients wait in the backlog. */
static void accept_clients(struct server *server, uint32_t limit)
{
    struct listener *listener;
    for (uint32_t i = 0; i < limit; i++) {
        if (first(server, CLIENT_FREE) == NULL || server->now < server->accept_at) return;
        if ((listener = next_listener(server)) == NULL) return;
        accept_one(server, listener);
    }
}

/* ---- signals ---- */

/* Reads the table again, in the thread of the loop. For the files of this program, reading takes milliseconds. If your
 * file is larger, let a thread read the file and wake the loop at the end. */
static void reload(struct server *server)
{
    lend_spare(server);
    int result = mio_service_notify_reloading();
    if (result < 0) complain(server, result, "cannot notify the service manager");
    if (table_load(&server->table, server->table_path) == 0)
        log_line(LOG_INFO, "reloaded: %zu entries", server->table.count);
    else
        log_line(LOG_WARNING, "the table is unchanged: %zu entries", server->table.count);
    take_back_spare(server);
    server->now = mio_clock_now(); /* the reload does not shorten the deadlines of new clients */
    say_ready(server);
}

/* Accepts the clients in the backlog of each listener that ends with this process. Clients of an inherited listener
 * wait for the next process. The service manager also holds inherited listeners, so closing them here would not end
 * their events. */
static void stop_listening(struct server *server)
{
    listeners_unlink(&server->listeners);
    for (size_t i = 0; i < server->listeners.count; i++) {
        struct listener *listener = &server->listeners.list[i];
        listener->can_accept = !listener->inherited;
        mio_registry_deregister(mio_poll_registry(server->poll), &listener->source);
    }
    accept_clients(server, server->limits.connections);
    listeners_close(&server->listeners);
}

/* Handles a stop signal: the server answers the last requests and then ends. After a second signal, the server ends at
 * once. */
static void stop(struct server *server)
{
    log_line(LOG_INFO, server->stopping ? "stopping at once" : "stopping");
    server->give_up_at = server->now + (server->stopping ? 0 : server->limits.drain);
    if (server->stopping) return;
    server->stopping = true;
    notify(server, "STOPPING=1\nSTATUS=serving the last requests");
    server->ready_at = INT64_MAX;
    stop_listening(server);
    for (uint32_t i = 0; i < server->limits.connections; i++) {
        struct client *client = &server->clients[i];
        if (client->state != CLIENT_WAITING) continue;
        client->ready |= MIO_READABLE | MIO_WRITABLE; /* answer the requests that have arrived, and drop idle clients */
        serve(server, client);
    }
}

/* Receives one signal of each kind per turn, so that a stream of signals cannot block the loop. The registration is
 * level-triggered, so the next turn gets the next signal. Each kind has its own set, because from one set the system
 * delivers the lowest signal number first. */
static void take_signals(struct server *server)
{
    mio_signal_info info = MIO_SIGNAL_INFO_INIT;
    if (server->stop_due && mio_signals_recv(&server->stop_signals, &info) == 1) stop(server);
    if (server->reload_due && mio_signals_recv(&server->reload_signals, &info) == 1 && !server->stopping)
        reload(server);
    server->stop_due = server->reload_due = false;
}

/* ---- the loop ---- */

static void take_event(struct server *server, const mio_event *event)
{
    if (event->token == TOKEN_STOP) {
        server->stop_due = true;
    } else if (event->token == TOKEN_RELOAD) {
        server->reload_due = true;
    } else if (event->token < TOKEN_CLIENT) {
        server->listeners.list[event->token - TOKEN_LISTENER].can_accept = true;
    } else {
        struct client *client = &server->clients[event->token - TOKEN_CLIENT];
        mio_readiness_add(&client->ready, event);
        if (client->state == CLIENT_WAITING) serve(server, client);
    }
}

/* Returns the time when the loop must continue without an event. */
static int64_t next_deadline(const struct server *server)
{
    int64_t deadline = earlier(server->watchdog_at, server->ready_at);
    if (first(server, CLIENT_BUSY) != NULL) return server->now;
    if (first(server, CLIENT_WAITING) != NULL) deadline = earlier(deadline, first(server, CLIENT_WAITING)->deadline);
    if (server->stopping) deadline = earlier(deadline, server->give_up_at);
    for (size_t i = 0; i < server->listeners.count && first(server, CLIENT_FREE) != NULL; i++)
        if (server->listeners.list[i].can_accept) deadline = earlier(deadline, server->accept_at);
    return deadline;
}

/* The order of the steps matters. Handling an event can remove the client of this event, but no other client. The
 * server adds clients only after it has handled all events. So no event in the array is for a client that is gone. The
 * server also handles signals and deadlines after all events. */
static int loop(struct server *server)
{
    mio_event events[EVENT_CAPACITY];
    while (!server->stopping || (server->client_count > 0 && server->now < server->give_up_at)) {
        int count = mio_poll_wait_until(server->poll, events, EVENT_CAPACITY, next_deadline(server));
        if (count < 0 && count != -EINTR) return log_error(count, "cannot wait for events");
        server->now = mio_clock_now();
        for (int i = 0; i < count; i++)
            take_event(server, &events[i]);
        serve_busy(server);
        drop_late(server);
        take_signals(server);
        accept_clients(server, ACCEPTS_PER_TURN);
        feed_watchdog(server);
        if (server->now >= server->ready_at) say_ready(server);
    }
    if (server->client_count > 0) log_line(LOG_NOTICE, "gave up %" PRIu32 " clients", server->client_count);
    return 0;
}

int server_run(struct server *server)
{
    mio_registry *registry = mio_poll_registry(server->poll);
    uint32_t interest = MIO_READABLE | MIO_LEVEL;
    int result = mio_registry_register(registry, &server->stop_signals.source, TOKEN_STOP, interest);
    if (result == 0) result = mio_registry_register(registry, &server->reload_signals.source, TOKEN_RELOAD, interest);
    for (size_t i = 0; result == 0 && i < server->listeners.count; i++)
        result = mio_registry_register(registry, &server->listeners.list[i].source, TOKEN_LISTENER + i, MIO_READABLE);
    if (result < 0) return log_error(result, "cannot watch the listeners");
    server->now = mio_clock_now();
    find_watchdog(server);
    say_ready(server);
    return loop(server);
}

/* ---- start and end ---- */

/* Opens the signals first. A signal that arrives before the loop runs stays pending. */
int server_open(struct server *server, const struct server_limits *limits)
{
    static const int stop_numbers[] = {SIGTERM, SIGINT};
    static const int reload_numbers[] = {SIGHUP};
    for (int state = 0; state < CLIENT_STATES; state++)
        TAILQ_INIT(&server->lists[state]);
    server->limits = *limits;
    int result = mio_signals_open(&server->stop_signals, stop_numbers, 2, 0);
    if (result == 0) result = mio_signals_open(&server->reload_signals, reload_numbers, 1, 0);
    if (result < 0) return log_error(result, "cannot take signals");
    result = mio_poll_new(&server->poll, NULL);
    if (result < 0) return log_error(result, "cannot make a poll object, of MIO_BACKEND if set");
    result = mio_accept_reserve_open(&server->reserve);
    if (result == 0) result = mio_accept_reserve_open(&server->spare);
    if (result < 0) return log_error(result, "cannot start");
    server->clients = calloc(limits->connections, sizeof *server->clients);
    if (server->clients == NULL) return log_error(-ENOMEM, "cannot start");
    for (uint32_t i = 0; i < limits->connections; i++)
        TAILQ_INSERT_TAIL(&server->lists[CLIENT_FREE], &server->clients[i], neighbours);
    return 0;
}

int server_load(struct server *server, const char *table_path)
{
    server->table_path = table_path;
    return table_load(&server->table, table_path);
}

/* Frees everything except the signals. The signals stay blocked, because another signal must not change the exit
 * status. */
void server_close(struct server *server)
{
    for (uint32_t i = 0; server->clients != NULL && i < server->limits.connections; i++)
        mio_source_close(&server->clients[i].stream);
    listeners_unlink(&server->listeners);
    listeners_close(&server->listeners);
    table_free(&server->table);
    free(server->clients);
    mio_accept_reserve_close(&server->spare);
    mio_accept_reserve_close(&server->reserve);
    mio_poll_free(server->poll);
}
