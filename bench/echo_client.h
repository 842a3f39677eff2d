/* SPDX-License-Identifier: MIT */
/*
 * The client of the counted echo servers, in a process of its own that the counting tools do not follow.
 *
 * It works in lock step with the server, so that every run does exactly the same: when the server has answered all that
 * it was sent and stands at the gate, the client sends one message on each connection, opens the gate and reads the
 * answers. Thus each wait of the server returns one event of each connection, and each read finds one message.
 */
#ifndef ECHO_CLIENT_H
#define ECHO_CLIENT_H

#include <stdint.h>
#include <sys/types.h>

#define ECHO_CONNECTIONS 16
#define ECHO_MESSAGE_SIZE 64

struct echo_client {
    pid_t process;
    int ready;        /* the server writes a byte: it stands at the gate */
    int go;           /* the client writes a byte: all is sent */
    uint64_t sent;    /* bytes for the server to answer, up to now */
    uint64_t message; /* bytes that each opening of the gate adds to them */
};

/* Starts the client of the server on a port of 127.0.0.1: `rounds` messages on each connection. 0, or -1 with errno. */
int echo_client_start(struct echo_client *client, uint16_t port, unsigned long rounds);

/*
 * Call it before each wait with the number of bytes answered up to now. While answers are outstanding it returns at
 * once; otherwise it returns when there is something new to wait for. The counting tools leave out what happens in it:
 * its name and its two system calls, readv and writev, which the servers do not use, are known to count.sh.
 */
void echo_client_gate(struct echo_client *client, uint64_t answered);

/* Waits for the end of the client. 0 when every answer was right. */
int echo_client_end(struct echo_client *client);

/* The number of rounds on the command line. Ends the program if there is none. */
unsigned long echo_client_rounds(int argc, char **argv);

#endif
