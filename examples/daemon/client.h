/* SPDX-License-Identifier: MIT */
/* A client: its connection, its requests, and the answers that must still be sent. */
#ifndef CLIENT_H
#define CLIENT_H

#include "../lines.h"
#include "protocol.h"

#include <mio.h>
#include <stdbool.h>
#include <sys/queue.h>

/* Each client is in one of these states, and in the server's list of that state. */
enum client_state {
    CLIENT_FREE,    /* a place without a client */
    CLIENT_WAITING, /* waits for an event, or for its deadline */
    CLIENT_BUSY,    /* has work left after its turn */
    CLIENT_STATES
};

struct client {
    TAILQ_ENTRY(client) neighbours;
    enum client_state state;
    mio_source stream; /* TCP or Unix; the accepting function sets the kind */
    int64_t deadline;  /* the deadline of a waiting client */
    uint32_t ready;    /* a readiness word */
    bool answered;     /* all answers were sent; the server clears this flag */
    bool ending;       /* answers no more requests */
    size_t discarded;  /* bytes dropped after the last answer */
    struct lines requests;
    size_t begin; /* answers[begin..end) must still be sent */
    size_t end;
    char bytes[PROTOCOL_LINE_MAX + 1];   /* of requests: a line and a null */
    char answers[4 * PROTOCOL_LINE_MAX]; /* usually the answers to one read, sent with one write */
};

TAILQ_HEAD(client_list, client);

void client_open(struct client *client, mio_source stream);

/* Serves a client until it must wait for an event, or its turn is over. Returns 1 if the turn is over, -EAGAIN if the
 * client waits for an event, 0 if the connection has ended, or another error. */
int client_serve(struct client *client, const struct table *table);

/* Returns whether the client is idle: all its requests are answered, all answers are sent, and no part of another
 * request has arrived. */
bool client_is_idle(const struct client *client);

#endif /* CLIENT_H */
