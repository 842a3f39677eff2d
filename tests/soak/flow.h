/* SPDX-License-Identifier: MIT */
/*
 * A connection of the soak test. The client first sends a script for both ends. The script has a seed and the lengths
 * of two streams. Then each end computes its stream of bytes from the seed, and sends the stream. Each end also
 * computes the stream of its peer, and checks every received byte against the computed stream.
 */
#ifndef MIO_TESTS_SOAK_FLOW_H
#define MIO_TESTS_SOAK_FLOW_H

#include <mio.h>
#include <stdbool.h>
#include <stdint.h>

/* The script of a connection. A slow end reads one piece at each tick of the loop. When an aborting end has received
 * half of the bytes that its peer should send, the aborting end closes the connection. A connection has at most one
 * aborting end. */
enum { SLOW_CLIENT = 1, SLOW_SERVER = 2, ABORTING_CLIENT = 4, ABORTING_SERVER = 8 };
typedef struct script {
    uint32_t seed;
    uint32_t up;   /* bytes from the client to the server */
    uint32_t down; /* bytes from the server to the client */
    uint32_t flags;
} script;

/* Returns the script of connection `number`. The function derives all members of the script from a hash of the
 * number. */
script write_script(uint32_t number);

typedef struct flow {
    union {
        mio_tcp_stream tcp;
        mio_unix_stream local;
        mio_source source;
    } stream;
    script script;
    uint32_t header; /* number of bytes of `script` that the client has sent, or the server has received */
    uint32_t sent;
    uint32_t received;
    bool is_open;
    bool is_client;
    bool is_connected;
    bool has_shut_down;
    bool has_ended; /* the peer will send no more */
} flow;

/* Returns whether this end reads only at ticks. */
bool is_slow(const flow *f);

/*
 * Sends and receives until the connection would block. A slow end reads only one piece at each tick. For each byte that
 * the function sends or receives, it adds 1 to *moved. If the connection is complete or aborted, returns false, and
 * then the caller closes the connection. If a byte is wrong or missing, the function ends the process with a message.
 */
bool turn_flow(flow *f, bool at_tick, uint64_t *moved);

/*
 * Prints a message about a failed check. Then calls the function that set_report has stored, which can print details.
 * Then ends the process.
 */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
void set_report(void (*report)(void *context), void *context);
#define check_that(condition, ...) ((condition) ? (void)0 : broken(__VA_ARGS__))

#endif /* MIO_TESTS_SOAK_FLOW_H */
