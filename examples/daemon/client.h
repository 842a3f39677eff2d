/* SPDX-License-Identifier: MIT */
/* A client: its connection, what it has asked, and what it is still to be told. */
#ifndef CLIENT_H
#define CLIENT_H

#include "protocol.h"

#include <mio.h>
#include <stdbool.h>
#include <sys/queue.h>

/* Each client is in one of these states, and in the list of the server that goes with it. */
enum client_state {
    CLIENT_FREE,    /* no client, but a place for one */
    CLIENT_WAITING, /* until an event comes, or its deadline */
    CLIENT_BUSY,    /* its turn was over before its work was */
    CLIENT_STATES
};

struct client {
    TAILQ_ENTRY(client) neighbours;
    enum client_state state;
    mio_source stream; /* of TCP or Unix sockets: only who made it knows */
    int64_t deadline;  /* of a waiting one */
    bool can_read;     /* what the system has said, until a call returns -EAGAIN */
    bool can_write;
    bool answered;    /* all answers were taken: set here, cleared by the server */
    bool ending;      /* nothing more will be answered */
    size_t discarded; /* bytes that came after that */
    size_t request;   /* requests[request..filled) is still to be answered */
    size_t filled;    /* of requests */
    size_t begin;     /* answers[begin..end) is still to be sent */
    size_t end;
    char requests[PROTOCOL_LINE_MAX];
    char answers[4 * PROTOCOL_LINE_MAX]; /* those of one read, mostly, for one write */
};

TAILQ_HEAD(client_list, client);

void client_open(struct client *client, mio_source stream);

/* Serves it until there is nothing to be done now, or its turn is over. 1: its turn is over; -EAGAIN: it waits for an
 * event; 0: it has ended; anything else: an error. */
int client_serve(struct client *client, const struct table *table);

/* Whether nothing of a request has come that is not answered yet. */
bool client_is_idle(const struct client *client);

#endif /* CLIENT_H */
