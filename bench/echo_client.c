/* SPDX-License-Identifier: MIT */
/* The client of the echo servers that count.sh measures; see echo_client.h. */
#include "echo_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void fill(char *message, unsigned long round, int connection)
{
    for (int i = 0; i < ECHO_MESSAGE_SIZE; i++)
        message[i] = (char)(round * 31 + (unsigned long)connection * 7 + (unsigned long)i);
}

/* Moves one byte through a pipe. `call` is readv or writev. Returns 1, or 0 if the other process has ended. */
static int pass_byte(int pipe_end, ssize_t (*call)(int, const struct iovec *, int))
{
    char byte = 0;
    struct iovec piece = {&byte, 1};
    return call(pipe_end, &piece, 1) == 1;
}

static int open_connections(int *sockets, uint16_t port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < ECHO_CONNECTIONS; i++) {
        int on = 1;
        sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (sockets[i] < 0 || connect(sockets[i], (struct sockaddr *)&addr, sizeof addr) < 0 ||
            setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
            return -1;
    }
    return 0;
}

/* Sends one message on each connection. Then writes a byte to the pipe `go`, so that the server continues, and reads
 * the answers. */
static int run_round(const int *sockets, unsigned long round, int go)
{
    char message[ECHO_MESSAGE_SIZE];
    char answer[ECHO_MESSAGE_SIZE];
    for (int i = 0; i < ECHO_CONNECTIONS; i++) {
        fill(message, round, i);
        if (send(sockets[i], message, sizeof message, MSG_NOSIGNAL) != (ssize_t)sizeof message) return -1;
    }
    if (!pass_byte(go, writev)) return -1;
    for (int i = 0; i < ECHO_CONNECTIONS; i++) {
        fill(message, round, i);
        if (recv(sockets[i], answer, sizeof answer, MSG_WAITALL) != (ssize_t)sizeof answer) return -1;
        if (memcmp(message, answer, sizeof answer) != 0) {
            fprintf(stderr, "echo_client: connection %d, message %lu: the answer is not what was sent\n", i, round);
            return -1;
        }
    }
    return 0;
}

/* Runs in the child. When the child exits, the system closes its sockets, so the server detects the end of the run. */
static int run_client(uint16_t port, unsigned long rounds, int ready, int go)
{
    int sockets[ECHO_CONNECTIONS];
    if (!pass_byte(ready, readv) || open_connections(sockets, port) < 0 || !pass_byte(go, writev)) return EXIT_FAILURE;
    for (unsigned long round = 0; round < rounds; round++) {
        if (!pass_byte(ready, readv) || run_round(sockets, round, go) < 0) return EXIT_FAILURE;
    }
    return pass_byte(ready, readv) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int echo_client_start(struct echo_client *client, uint16_t port, unsigned long rounds)
{
    int ready[2];
    int go[2];
    if (pipe(ready) < 0 || pipe(go) < 0) return -1;
    pid_t process = fork();
    if (process < 0) return -1;
    if (process == 0) {
        close(ready[1]);
        close(go[0]);
        _exit(run_client(port, rounds, ready[0], go[1]));
    }
    close(ready[0]);
    close(go[1]);
    *client = (struct echo_client){.process = process, .ready = ready[1], .go = go[0]};
    return 0;
}

__attribute__((noinline)) void echo_client_gate(struct echo_client *client, uint64_t answered)
{
    if (answered < client->sent || client->go < 0) return;
    if (pass_byte(client->ready, writev) && pass_byte(client->go, readv)) {
        client->sent += client->message;
        client->message = ECHO_CONNECTIONS * ECHO_MESSAGE_SIZE; /* the first call only opens the connections */
        return;
    }
    close(client->go);
    client->go = -1;
}

int echo_client_end(struct echo_client *client)
{
    int status;
    close(client->ready);
    if (client->go >= 0) close(client->go);
    return waitpid(client->process, &status, 0) == client->process && status == 0 ? 0 : -1;
}

unsigned long echo_client_rounds(int argc, char **argv)
{
    unsigned long rounds = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (rounds == 0) {
        fprintf(stderr, "usage: %s ROUNDS\n", argv[0]);
        exit(2);
    }
    return rounds;
}
