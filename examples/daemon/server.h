/* SPDX-License-Identifier: MIT */
/* The server of lookupd. It has one thread and one poll object, and allocates the memory for all clients at
 * start-up. */
#ifndef SERVER_H
#define SERVER_H

#include "client.h"
#include "listeners.h"

struct server_limits {
    uint32_t connections;
    int64_t idle;  /* how long a client may take for a request and its answer, in nanoseconds */
    int64_t drain; /* how long the server answers the last requests after a stop signal, in nanoseconds */
};

/* A server whose bytes are all zero is not open. */
struct server {
    struct server_limits limits;
    mio_poll *poll;
    mio_signals stop_signals;
    mio_signals reload_signals;
    mio_accept_reserve reserve; /* lets the server accept and close a connection when descriptors have run out */
    mio_accept_reserve spare;   /* closed while the server itself needs a descriptor */
    struct listeners listeners; /* the caller opens them before server_run */
    size_t next_listener;       /* index of the next listener to accept from, modulo the number of listeners */
    struct client *clients;
    struct client_list lists[CLIENT_STATES]; /* one list for each state; the waiting clients are ordered by deadline */
    uint32_t client_count;
    const char *table_path;
    struct table table;
    int64_t now;         /* the time when the last wait or reload ended, used as the current time */
    int64_t accept_at;   /* the server accepts no client before this time */
    int64_t complain_at; /* complain() logs no error before this time */
    int64_t watchdog_interval;
    int64_t watchdog_at; /* when the server must next notify the watchdog */
    int64_t ready_at;    /* when to send READY=1 again, if the manager's socket buffer was full */
    bool stop_due;       /* an event has reported a stop signal */
    bool reload_due;
    bool stopping;
    int64_t give_up_at; /* when a stopping server drops its last clients */
};

/* Call these functions in this order. server_load reads the table from a file, and server_run runs until a stop signal.
 * Each function returns 0, or prints an error and returns a negative errno value. */
int server_open(struct server *server, const struct server_limits *limits);
int server_load(struct server *server, const char *table_path);
int server_run(struct server *server);

/* Closes a server. The caller must call this function even if server_open failed, because the server is then partly
 * open. */
void server_close(struct server *server);

#endif /* SERVER_H */
