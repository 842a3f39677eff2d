/* SPDX-License-Identifier: MIT */
/* A client: its connection, its requests, and the answers that must still be sent. */
#ifndef CLIENT_H
#define CLIENT_H

#include "../lines.h"
#include "protocol.h"

#include <mio.h>
#include <stdbool.h>
#include <sys/queue.h>

/* The state of a client. For each state, the server has a list of the clients in this state. */
enum client_state {
    CLIENT_FREE,    /* not in use: no client is connected */
    CLIENT_WAITING, /* the server waits for an event of the client, and drops the client at `deadline` */
    CLIENT_BUSY,    /* client_serve returned 1: the client still had work when its turn was over */
    CLIENT_STATES
};

struct client {
    TAILQ_ENTRY(client) neighbours;
    enum client_state state;
    mio_source stream; /* a TCP stream or a Unix stream; the mio_source contains the type */
    int64_t deadline;  /* when the server closes the connection of a waiting client */
    uint32_t ready;    /* a readiness word */
    bool answered;     /* set when all answers have been sent; the server clears the flag after each turn */
    bool ending;       /* the server answers no more requests */
    size_t discarded;  /* number of bytes that the server discarded after the last answer */
    struct lines requests;
    size_t begin; /* answers[begin..end) must still be sent */
    size_t end;
    char bytes[PROTOCOL_LINE_MAX + 1];   /* bytes from the client; holds the longest request and a null */
    char answers[4 * PROTOCOL_LINE_MAX]; /* usually large enough for the answers to all requests that a read returns */
};

TAILQ_HEAD(client_list, client);

void client_open(struct client *client, mio_source stream);

/* Reads requests and sends answers until the client must wait for an event, or until the client's turn is over. Returns
 * 1 if the turn is over, -EAGAIN if the client must wait for an event, 0 if the connection has ended, or another
 * negative errno value. */
int client_serve(struct client *client, const struct table *table);

/* Returns whether the client is idle: all its requests are answered, all answers are sent, and no part of another
 * request has arrived. */
bool client_is_idle(const struct client *client);

#endif /* CLIENT_H */
