/* SPDX-License-Identifier: MIT */
/*
 * A program of the differential test is a list of operations on a few links. Each link has two ends. If an operation
 * makes no sense at its position, it does nothing. So the test can remove any operation from a program.
 */
#ifndef MIO_TESTS_PROGRAM_H
#define MIO_TESTS_PROGRAM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * PRINTF_FORMAT is the first argument of the attribute "format". With _GNU_SOURCE, printf of mingw-w64 also supports
 * %zu and %lld.
 */
#ifdef __MINGW_PRINTF_FORMAT
#define PRINTF_FORMAT __MINGW_PRINTF_FORMAT
#else
#define PRINTF_FORMAT printf
#endif

enum { LINKS = 3, ENDS = 2 * LINKS, WAKERS = 2, LONGEST = 40 };

/*
 * The kinds of links. An end of a bare link is a descriptor without a source of mio. The program registers this
 * descriptor, and rearms it with mio_registry_rearm_handle.
 */
typedef enum link_kind {
    KIND_TCP,
    KIND_UNIX_STREAM,
    KIND_UNIX_DATAGRAM,
    KIND_UDP,
    KIND_PIPE,
    KIND_BARE_STREAM,
    KIND_EVENTFD,
    KIND_TIMERFD,
    KINDS
} link_kind;

typedef enum verb {
    DO_OPEN,       /* arg: the kind of the link */
    DO_REGISTER,   /* arg: the index of an interest */
    DO_REREGISTER, /* arg: the index of an interest */
    DO_DEREGISTER,
    DO_WRITE, /* arg: the number of bytes */
    DO_FILL,  /* writes until -EAGAIN */
    DO_READ,  /* arg: the size of the buffer */
    DO_DRAIN, /* reads until -EAGAIN */
    DO_SHUTDOWN,
    DO_RESET,
    DO_CLOSE,
    DO_DUP, /* duplicates the end's descriptor, or closes the duplicate if it is open */
    DO_REARM,
    DO_WAKE,  /* end: the waker */
    DO_LOOK,  /* a wait with timeout 0; arg: selects the size of the event array */
    DO_WAIT,  /* a wait with a short timeout */
    DO_CROWD, /* several threads wait with timeout 0 */
    DO_GUARD, /* while a thread waits, another thread waits with timeout 0 */
    VERBS
} verb;

typedef struct operation {
    uint8_t verb;
    uint8_t end;
    uint8_t arg;
} operation;

typedef struct sequence {
    size_t length;
    operation steps[LONGEST];
} sequence;

/* Makes a random program from a seed. The same seed gives the same program on every machine. */
void generate(sequence *program, uint64_t seed);

/* Returns the interest with the index `arg`. */
uint32_t interest_of(unsigned arg);

#endif /* MIO_TESTS_PROGRAM_H */
