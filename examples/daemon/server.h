/* SPDX-License-Identifier: MIT */
/* The server has one thread and one poll object, and allocates the memory for all clients at start-up. */
#ifndef SERVER_H
#define SERVER_H

#include "client.h"
#include "listeners.h"

struct server_limits {
    uint32_t connections;
    int64_t idle;  /* nanoseconds per request and answer */
    int64_t drain; /* nanoseconds for all clients when the server stops */
};

/* A server whose bytes are all zero is closed. */
struct server {
    struct server_limits limits;
    mio_poll *poll;
    mio_signals stop_signals;
    mio_signals reload_signals;
    mio_accept_reserve reserve; /* to turn clients away */
    mio_accept_reserve spare;   /* freed when the server itself needs a descriptor */
    struct listeners listeners; /* opened by the caller before server_run */
    size_t next_listener;       /* the next listener to accept from */
    struct client *clients;
    struct client_list lists[CLIENT_STATES]; /* the waiting clients in the order of deadlines */
    uint32_t client_count;
    const char *table_path;
    struct table table;
    int64_t now;         /* when the last wait ended */
    int64_t accept_at;   /* accept no client before this time */
    int64_t complain_at; /* do not report a lack of descriptors again before this time */
    int64_t watchdog_interval;
    int64_t watchdog_at; /* when to notify the watchdog again */
    int64_t ready_at;    /* when to send READY=1 again, after the queue of the manager was full */
    bool stop_due;       /* a stop signal is pending */
    bool reload_due;
    bool stopping;
    int64_t give_up_at; /* when a stopping server drops its clients */
};

/* Each function returns 0, or prints an error and returns a negative errno value. */
int server_open(struct server *server, const struct server_limits *limits);
int server_load(struct server *server, const char *table_path);
int server_run(struct server *server);

/* Also closes a server that is only partly open. */
void server_close(struct server *server);

#endif /* SERVER_H */
