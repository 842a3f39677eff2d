/* SPDX-License-Identifier: MIT */
/*
 * A peer is a program that does the work of the benchmarks with one event library, or with epoll(7) alone. The program
 * consists of peer.c and one file for the library. The file for the library defines the functions below as a user of
 * the library would write them. All peers do the same work. An echo server reads once for each event, unless the
 * library itself reads more often.
 */
#ifndef PEER_H
#define PEER_H

#include <stdint.h>

#define PEER_BUFFER_SIZE 4096
#define PEER_EVENT_CAPACITY 512
#define PEER_BATCH 32
#define PEER_SEGMENT 1200     /* with UDP_SEGMENT, the system splits a message into datagrams of this size */
#define PEER_SEGMENT_COUNT 32 /* number of datagrams into which the system splits a message */

#ifdef __cplusplus
extern "C" {
#endif

/* Serves each connection of the listening stream socket, until a signal ends the process. If `is_proxy` is 0, the
   function is an echo server, which sends all bytes back. Otherwise the function is a proxy. For each client, the proxy
   calls peer_connect, and copies bytes in both directions between the client and the target. A client closes its
   connection only after it has received all answers. Then the proxy closes both connections. */
void peer_serve(int listener, int is_proxy);

/* Returns a non-blocking TCP connection to the target of the proxy. The function waits until the connection is open,
   because the benchmark does not measure the cost of connecting. */
int peer_connect(void);

/* Sends every datagram of the UDP socket back, until a signal ends the process. For each event, the function answers
   all datagrams that have arrived. If `batch` is 1, the function uses the library's call for several datagrams.
   Otherwise the function answers one datagram after another. */
void peer_echo_datagrams(int fd, int batch);

/* Sends back every datagram that has arrived on the UDP socket. A peer calls this function if its library leaves
   receiving and sending to the program. */
void peer_answer_datagrams(int fd);

/* Opens a loop with a waker. The loop stays open until the process ends. */
void *peer_open(void);

/* Registers the descriptor with the loop for reading, level-triggered. */
void peer_watch(void *loop, int fd);

/* Runs the loop once without waiting. Returns how many descriptors the loop reported. */
long peer_look(void *loop);

/* Registers the descriptor in the kernel for reading, and then deregisters the descriptor. */
void peer_register(void *loop, int fd);

/* Wakes the loop, from any thread. */
void peer_wake(void *loop);

/* Runs the loop until a wake has arrived. */
void peer_wait_for_wake(void *loop);

/* Waits for `nanoseconds` with the timer of the library. If the timer is coarser, the library rounds the time up. */
void peer_sleep(void *loop, int64_t nanoseconds);

/* Passes a descriptor from the first of two connected Unix sockets to the second, `count` times. The loop waits for
   each descriptor, and the receiver closes the descriptor. Closes both sockets. */
void peer_pass(void *loop, const int pair[2], long count);

/* Sends a message over the first of two connected UDP sockets to the second, `count` times. With UDP_SEGMENT, the
   system splits the message into PEER_SEGMENT_COUNT datagrams of PEER_SEGMENT bytes. With UDP_GRO on the second socket,
   the system joins the datagrams again for the receiver. The loop waits for each message. Closes both sockets. */
void peer_offload(void *loop, const int pair[2], long count);

/* Ends the program with a message if the condition is false. */
void peer_require(int condition, const char *what);

#ifdef __cplusplus
}
#endif

#endif
