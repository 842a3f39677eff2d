/* SPDX-License-Identifier: MIT */
/* The server: one thread, one poll object, and the memory for all clients, taken at start-up. */
#ifndef SERVER_H
#define SERVER_H

#include "client.h"
#include "listeners.h"

struct server_limits {
    uint32_t connections;
    int64_t idle;  /* nanoseconds that a client may take for a request and its answer */
    int64_t drain; /* and all of them together, when the server stops */
};

/* All zero is closed. */
struct server {
    struct server_limits limits;
    mio_poll *poll;
    mio_signals stop_signals;
    mio_signals reload_signals;
    mio_accept_reserve reserve; /* to turn clients away */
    mio_accept_reserve spare;   /* lent to the server itself */
    struct listeners listeners; /* opened by the caller before server_run */
    size_t next_listener;       /* whose turn it is to accept */
    struct client *clients;
    struct client_list lists[CLIENT_STATES]; /* the waiting ones by their deadlines */
    uint32_t client_count;
    const char *table_path;
    struct table table;
    int64_t now;         /* when the last wait ended */
    int64_t accept_at;   /* not to accept before */
    int64_t complain_at; /* not to say again before that there is no room */
    int64_t watchdog_interval;
    int64_t watchdog_at; /* when to tell the service manager again that the loop runs */
    bool stop_due;       /* such a signal waits to be received */
    bool reload_due;
    bool stopping;
    int64_t give_up_at; /* when it is stopping */
};

/* Each returns 0, or a negative errno value that is said already. */
int server_open(struct server *server, const struct server_limits *limits);
int server_load(struct server *server, const char *table_path);
int server_run(struct server *server);

/* Also for a server that was opened only in part. */
void server_close(struct server *server);

#endif /* SERVER_H */
