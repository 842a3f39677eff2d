/* SPDX-License-Identifier: MIT */
/* A table of the types that own a descriptor. The tests call the common functions of these types through this table. */
#ifndef MIO_TESTS_OBJECTS_H
#define MIO_TESTS_OBJECTS_H

#include "unix_sockets.h"

/* The types. The types that can adopt a descriptor come first. UNIX_RECORDS is a Unix stream of records. */
enum {
    TCP_SOCKET,
    TCP_LISTENER,
    TCP_STREAM,
    UDP_SOCKET,
    UNIX_LISTENER,
    UNIX_STREAM,
    UNIX_DATAGRAM,
    PIPE_SENDER,
    PIPE_RECEIVER,
    UNIX_RECORDS,
    SIGNALS,
    OBJECT_TYPES,
    ADOPTING_TYPES = UNIX_RECORDS
};

/* Storage for an object of any type. The first member of every type is its mio_source. */
typedef union object {
    mio_source source;
    mio_tcp_socket tcp_socket;
    mio_tcp_listener tcp_listener;
    mio_tcp_stream tcp_stream;
    mio_udp_socket udp_socket;
    mio_unix_listener unix_listener;
    mio_unix_stream unix_stream;
    mio_unix_datagram unix_datagram;
    mio_pipe_sender pipe_sender;
    mio_pipe_receiver pipe_receiver;
    mio_signals signals;
} object;

/*
 * The functions of a type. A pointer is null if the type lacks the function. `open` opens an object in the simplest
 * way. `raw` opens descriptors with system calls, not with mio, so the descriptors are blocking and not close-on-exec.
 * A test makes a mio object from fds[0]. fds[1] is the peer of fds[0], or MIO_HANDLE_NONE. `provoke` makes fds[0] ready
 * for `interest`. `provoke` is null if fds[0] is ready from the start. `spoil` leaves an error pending at fds[0] and
 * returns the error.
 */
typedef struct object_type {
    const char *name; /* for example "mio_tcp_stream" */
    uint32_t interest;
    int (*open)(void *it);
    int (*from_handle)(void *it, mio_handle handle);
    void (*close)(void *it);
    mio_handle (*handle)(const void *it);
    mio_handle (*into_handle)(void *it);
    int (*local_addr)(const void *it, mio_addr *addr);
    int (*peer_addr)(const void *it, mio_addr *addr);
    int (*take_error)(void *it, int *error);
    void (*raw)(int fds[2]);
    void (*provoke)(int fds[2]);
    int (*spoil)(int fds[2]);
} object_type;

extern const object_type object_types[OBJECT_TYPES];

/* Makes a test case with a directory, and with a listener that TCP streams connect to. */
TCase *add_object_tcase(Suite *suite, const char *name);

/* Fills the storage with garbage, then opens an object in it. */
void open_object(object *it, int type);

/* Closes an object. Closing must leave errno unchanged and the storage all zero. */
void close_object(object *it, const object_type *type);

#endif /* MIO_TESTS_OBJECTS_H */
