/* SPDX-License-Identifier: MIT */
/*
 * A stage has the arguments for the calls in tests/functions.h: an object of each type, and other values. With these
 * arguments, each call can succeed. Each call gets a new stage, so no call depends on an earlier call.
 */
#ifndef MIO_TESTS_STAGE_H
#define MIO_TESTS_STAGE_H

#include "harness.h"

#include <signal.h>
#include <sys/socket.h>

/*
 * Flags for the objects that a call needs. The table in tests/functions.h has a call in each row, and the flags of this
 * call. If a row lacks a flag, the objects of this flag are not open when the call begins. Values such as addresses and
 * buffers are always valid.
 */
enum {
    POLL = 1 << 0,                    /* poll, its registry, a clone of the registry, a waker */
    UDP = 1 << 1,                     /* udp_right, the peer of udp_left, has datagrams to read; udp_loose is bound */
    REGISTERED = 1 << 2 | POLL | UDP, /* udp_right.source and the handle of udp_loose are registered */
    RECEIVED = 1 << 3 | UDP,          /* ancillary data of a received datagram */
    GROUPS = 1 << 4,                  /* udp_member is in the groups joined_v4, joined_v4_on, joined_source */
    GROUPS_V6 = 1 << 5,               /* udp_member is in the group joined_v6 */
    TCP = 1 << 6,                     /* tcp_stream, connected to tcp_peer, with bytes and an urgent byte to read */
    TCP_LISTENER = 1 << 7,            /* tcp_listener at tcp_addr, with a connection to accept */
    TCP_SOCKET = 1 << 8,              /* tcp_socket is open */
    UNIX = 1 << 9,                    /* unix_stream, connected to unix_peer, with bytes and an urgent byte to read */
    UNIX_LISTENER = 1 << 10,          /* unix_listener at unix_addr, with a connection to accept */
    DATAGRAM = 1 << 11,               /* unix_datagram, connected to unix_sink at unix_addr; unix_sink has a message */
    PIPES = 1 << 12,                  /* pipe_sender, connected to pipe_receiver, with bytes to read */
    SIGNALS = 1 << 13,                /* `signals` is open for SIGUSR1 */
    RAISED = 1 << 14 | SIGNALS,       /* `signals` has received SIGUSR1 */
    MASK = 1 << 15,                   /* the call may change the signal mask */
    RESERVE = 1 << 16,                /* `reserve` is open */
    FILES = 1 << 17,                  /* `file` is open for reading, and `nowhere` is open for writing */
    PASSED = 1 << 18,                 /* the bytes for unix_stream and the message for unix_sink carry a handle */
    SERVICE = 1 << 19 | DATAGRAM,     /* unix_sink is the service manager, and has passed descriptors to the process */
};

enum { MOST_GROUPS = 64 };

typedef struct stage {
    mio_accept_reserve new_reserve;
    mio_accept_reserve reserve;
    mio_addr abstract;
    mio_addr addr; /* 127.0.0.1, port 0 */
    mio_addr group;
    mio_addr group_v6;
    mio_addr joined_source;
    mio_addr joined_v4;
    mio_addr joined_v4_on;
    mio_addr joined_v6;
    mio_addr mapped; /* addr as an IPv4-mapped address */
    mio_addr path;
    mio_addr tcp_addr;
    mio_addr udp_addr;
    mio_addr unix_addr;
    mio_addr unnamed;
    mio_ancillary ancillary;
    mio_event event;
    mio_event events[4];
    mio_handle arrived;
    mio_handle file;
    mio_handle handle; /* a handle to pass to another process */
    mio_handle nowhere;
    mio_iovec piece; /* the first part of `bytes` */
    mio_pipe_receiver pipe_receiver;
    mio_pipe_sender pipe_sender;
    mio_poll *new_poll;
    mio_poll *poll;
    mio_poll_options options;
    mio_queued_error error;
    mio_registry *clone;
    mio_registry *new_registry;
    mio_registry *registry;
    mio_signal_info info;
    mio_signal_mask mask;
    mio_signals signals;
    mio_tcp_listener new_tcp_listener;
    mio_tcp_listener tcp_listener;
    mio_tcp_socket tcp_socket;
    mio_tcp_stream new_tcp_stream;
    mio_tcp_stream tcp_peer;
    mio_tcp_stream tcp_stream;
    mio_tcp_stream tcp_waiting;
    mio_text line;
    mio_udp_message datagrams[2];
    mio_udp_socket udp_left;
    mio_udp_socket udp_loose;
    mio_udp_socket udp_member;
    mio_udp_socket udp_right;
    mio_unix_credentials credentials;
    mio_unix_datagram unix_datagram;
    mio_unix_datagram unix_sink;
    mio_unix_listener unix_listener;
    mio_unix_message message;
    mio_unix_stream new_unix_stream;
    mio_unix_stream unix_peer;
    mio_unix_stream unix_stream;
    mio_unix_stream unix_waiting;
    mio_waker *new_waker;
    mio_waker *waker;
    char bytes[128];
    int number; /* SIGUSR1 */
    int64_t value;
    sigset_t old_mask;
    sigset_t sigset;
    size_t count;
    struct sockaddr_storage sockaddr; /* addr */
    uint32_t flags;
    uint32_t groups[MOST_GROUPS];
    uint32_t loopback; /* the index of the loopback interface */
    uint32_t word;     /* a readiness word */
    uint8_t ip[16];
    unsigned char byte[1];
    /* Must be the last member. A failed call stores its result here, and changes no member above. */
    mio_handle released;
} stage;

extern stage the;

/*
 * Makes the objects of the stage, with the poll objects of the variant. If this machine cannot make the objects, the
 * function reports the reason and returns false.
 */
bool set_stage(int needs, int variant);

/* Closes everything on the stage, including objects that a call has opened. */
void clear_stage(int needs);

#endif /* MIO_TESTS_STAGE_H */
