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
#define RETRY_TIME (SECOND / 10)     /* how long to wait after an error before the next attempt */
#define COMPLAINT_TIME (10 * SECOND) /* minimal time between two messages of complain() */

enum { TOKEN_STOP, TOKEN_RELOAD, TOKEN_LISTENER, TOKEN_CLIENT = TOKEN_LISTENER + LISTENERS_MAX };

static struct client *first(const struct server *server, enum client_state state)
{
    return TAILQ_FIRST(&server->lists[state]);
}

/* Logs at most one error in ten seconds. While no descriptor is free, each new client can cause an error. Without the
 * limit, the log might then fill the disk. */
static void complain(struct server *server, int error, const char *what)
{
    if (server->now < server->complain_at) return;
    server->complain_at = server->now + COMPLAINT_TIME;
    log_error(error, "%s", what);
}

/* Closes the spare descriptor, so that the server can open a file or a socket even if clients use all other
 * descriptors. The server calls this function before it opens the table, and before it notifies the service manager. A
 * notification needs a new socket. Without notifications, the service manager would assume that the server is dead. */
static void lend_spare(struct server *server)
{
    mio_accept_reserve_close(&server->spare);
}

static void take_back_spare(struct server *server)
{
    int result = mio_accept_reserve_open(&server->spare);
    if (result < 0) complain(server, result, "cannot keep a spare descriptor"); /* the next call tries again */
}

/* ---- messages to the service manager ---- */

/* If no service manager started the program, the functions of this section do nothing. */

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

/* Sends `state` to the service manager. If the manager's socket buffer is full, returns the time when the caller should
 * send the state again. Otherwise returns INT64_MAX. */
static int64_t say(struct server *server, const char *state)
{
    char message[128];
    snprintf(message, sizeof message, "%s=1\nSTATUS=%zu entries, %" PRIu32 " clients", state, server->table.count,
             server->client_count);
    return notify(server, message) == -EAGAIN ? server->now + RETRY_TIME : INT64_MAX;
}

/* Sends READY=1, which tells the service manager that the start or the reload is complete. Without this message, the
 * manager treats the start or the reload as failed. */
static void say_ready(struct server *server)
{
    server->ready_at = say(server, "READY");
}

static void feed_watchdog(struct server *server)
{
    if (server->now < server->watchdog_at) return;
    server->watchdog_at = earlier(server->now + server->watchdog_interval, say(server, "WATCHDOG"));
}

/* Gets the interval of the service manager's watchdog. The watchdog expects a message in each interval, and the server
 * sends two. */
static void find_watchdog(struct server *server)
{
    server->watchdog_at = server->ready_at = INT64_MAX;
    int result = mio_service_watchdog(&server->watchdog_interval);
    if (result < 0) complain(server, result, "cannot tell how often to notify the service manager");
    server->watchdog_interval /= 2;
    if (result == 1) server->watchdog_at = server->now;
}

/* ---- clients ---- */

/* Moves a client to the end of the list for `state`, and gives the client a new deadline. All clients have the same
 * timeout, so the list of waiting clients is ordered by deadline. */
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
    server->accept_at = server->now; /* accepting may work again, because a descriptor is free */
}

/* Serves a client for one turn, and then puts the client into the list of its new state, with a new deadline. But if
 * the client was waiting and must wait again, the deadline changes only if the server has sent all answers to the
 * client in this turn. */
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

/* Serves each busy client for one turn. If a client is still busy after its turn, its next turn comes in the next round
 * of the loop. So the loop can handle new events first. */
static void serve_busy(struct server *server)
{
    const struct client *last = TAILQ_LAST(&server->lists[CLIENT_BUSY], client_list);
    for (struct client *client = NULL; client != last;) {
        client = first(server, CLIENT_BUSY);
        serve(server, client);
    }
}

/* Drops the waiting clients whose deadline has passed. The list of waiting clients is ordered by deadline, so the
 * server needs no timer for each client. */
static void drop_late(struct server *server)
{
    struct client *client;
    while ((client = first(server, CLIENT_WAITING)) != NULL && client->deadline <= server->now)
        drop(server, client);
}

/* Adds a client, and registers its socket for edge-triggered events, readable and writable. The server never changes
 * this interest. Events are edge-triggered, so a socket that stays writable causes no further events. The first event
 * of the socket arrives at once. */
static void add_client(struct server *server, mio_source stream, enum transport transport)
{
    struct client *client = first(server, CLIENT_FREE);
    uintptr_t token = TOKEN_CLIENT + (uintptr_t)(client - server->clients);
    client_open(client, stream);
    move(server, client, CLIENT_WAITING);
    server->client_count++;
    int result = 0;
    /* Sets TCP_NODELAY, so that the system sends each answer at once. Setting the option on the listener is not enough:
     * the service manager listens before the daemon starts, so some clients connect before the daemon can set the
     * option. */
    if (transport == TRANSPORT_TCP) result = mio_source_set_option(&client->stream, MIO_OPTION_NODELAY, 1);
    if (result == 0)
        result =
            mio_registry_register(mio_poll_registry(server->poll), &client->stream, token, MIO_READABLE | MIO_WRITABLE);
    if (result == 0) return;
    complain(server, result, "cannot serve a client");
    drop(server, client);
}

/* ---- listeners ---- */

/* Returns the next listener whose backlog can contain a client, or null. The listeners take turns, so that the clients
 * of one listener cannot take all connections. */
static struct listener *next_listener(struct server *server)
{
    struct listeners *listeners = &server->listeners;
    for (size_t i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->list[server->next_listener++ % listeners->count];
        if (listener->can_accept) return listener;
    }
    return NULL;
}

/* Accepts one client. If the process has no free descriptor, the server closes the new connection at once, so that the
 * client does not wait. */
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
        complain(server, result, "cannot accept clients for now"); /* no event will report the waiting clients again */
        server->accept_at = server->now + RETRY_TIME;
    }
}

/* Tries at most `limit` times to accept a client. While the maximal number of clients is connected, further clients
 * wait in the backlog. */
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

/* Reads the table again. Meanwhile the server serves no client. This is acceptable, because reading a typical table
 * takes milliseconds. For a very large table, use a second thread, which reads the file and then wakes the loop. */
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
    server->now = mio_clock_now(); /* so that the time of the reload does not shorten the deadlines of new clients */
    say_ready(server);
}

/* Stops listening. If this process opened a listener, closing the listener drops the clients in its backlog. So the
 * function first accepts these clients. The service manager keeps each inherited listener open, so the next process
 * accepts the clients of this listener. Closing an inherited listener does not end its events, so the function
 * deregisters all listeners. No later call can accept the clients, so the function does not wait for `accept_at`. The
 * last attempt on each listener only finds that no client is left. */
static void stop_listening(struct server *server)
{
    listeners_unlink(&server->listeners);
    for (size_t i = 0; i < server->listeners.count; i++) {
        struct listener *listener = &server->listeners.list[i];
        listener->can_accept = !listener->inherited;
        mio_registry_deregister(mio_poll_registry(server->poll), &listener->source);
    }
    server->accept_at = server->now;
    accept_clients(server, server->limits.connections + (uint32_t)server->listeners.count);
    listeners_close(&server->listeners);
}

/* Handles SIGTERM or SIGINT. After the first signal, the server answers the requests that have arrived, and then ends.
 * After a second signal, the server ends at once. */
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
        client->ready |= MIO_READABLE | MIO_WRITABLE; /* so that serve reads the last requests */
        serve(server, client);
    }
}

/* In each round of the loop, handles at most one stop signal and one reload signal. A long series of signals therefore
 * does not block the loop. The signals are registered level-triggered, so an event reports the next signal in the next
 * round. Stop signals and reload signals have separate sets. From a single set, the system would deliver SIGHUP first,
 * because SIGHUP has the lowest number. Then many SIGHUPs could delay a stop. */
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

/* Returns the time until which the loop waits if no event arrives. */
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

/* Runs the event loop. The order of the steps in each round matters. The server first handles all events of a wait.
 * While the server handles an event, it can remove only the client of this event. Then the server handles deadlines and
 * signals, which can remove any client. At the end, the server accepts new clients. So the client of an event always
 * exists when the server handles the event. */
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

/* Opens the server without listeners and without a table. The function opens the signals first. So if a signal arrives
 * before the loop runs, the signal stays pending. */
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

/* Frees everything except the signal sources. The signals of these sources stay blocked, so that another signal cannot
 * change the exit status. */
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
