/* SPDX-License-Identifier: MIT */
/*
 * The client of the echo servers echo_mio and echo_raw. count.sh counts the instructions and the system calls of the
 * servers. The client runs in a child process of the server, so count.sh does not count the client's instructions and
 * system calls.
 *
 * The client works in lock step with the server, so that every run makes the same calls. When the server has answered
 * all messages, the server waits in echo_client_gate. Then the client sends one message on each connection, lets the
 * server continue, and reads the answers. So each wait of the server returns one event for each connection, and each
 * read finds one message.
 */
#ifndef ECHO_CLIENT_H
#define ECHO_CLIENT_H

#include <stdint.h>
#include <sys/types.h>

#define ECHO_CONNECTIONS 16
#define ECHO_MESSAGE_SIZE 64

struct echo_client {
    pid_t process;
    int ready;        /* a pipe: the server writes a byte before it waits in echo_client_gate */
    int go;           /* a pipe: the client writes a byte when it has sent all messages of a round */
    uint64_t sent;    /* bytes that the client has sent, and that the server must answer */
    uint64_t message; /* bytes that the next return from echo_client_gate adds to `sent` */
};

/* Starts the client. The client connects to `port` of 127.0.0.1, and sends `rounds` messages on each connection.
   Returns 0, or -1 with errno. */
int echo_client_start(struct echo_client *client, uint16_t port, unsigned long rounds);

/*
 * The server calls this function before each wait. `answered` is the number of bytes that the server has answered up to
 * now. If the server has not answered all messages yet, the function returns at once. Otherwise the function returns
 * when the client has sent new messages. count.sh leaves this function out of its counts. The script recognises the
 * function by its name, and by its two system calls, readv and writev. The servers use neither call elsewhere.
 */
void echo_client_gate(struct echo_client *client, uint64_t answered);

/* Waits until the client has ended. Returns 0 if every answer was right, and otherwise -1. */
int echo_client_end(struct echo_client *client);

/* Returns the number of rounds from the command line. If the command line has no number,
   ends the program with a message. */
unsigned long echo_client_rounds(int argc, char **argv);

#endif
